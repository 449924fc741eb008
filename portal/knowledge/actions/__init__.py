"""Writes on articles and categories."""
