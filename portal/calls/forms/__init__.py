"""Forms of phone."""
