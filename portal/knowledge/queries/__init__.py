"""Reads of articles and categories. Every read starts at a scope."""
