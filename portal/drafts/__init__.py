"""Drafts: what people are writing in forms, kept on the server until it is sent."""
