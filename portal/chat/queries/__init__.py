"""Reads of chats. Every read starts at a scope."""
