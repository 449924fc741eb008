"""Reads of the community. Every read starts at a scope."""
