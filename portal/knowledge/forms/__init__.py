"""Forms of articles and categories."""
