"""Reads about access."""
