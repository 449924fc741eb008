"""The reads of rules. Every read starts at a scope."""
