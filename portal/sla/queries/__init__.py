"""Reads about promises. Every one starts at a scope, or says why it may not."""
