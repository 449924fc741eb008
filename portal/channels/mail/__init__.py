"""Mail: what arrives by mail becomes a case or a reply."""
