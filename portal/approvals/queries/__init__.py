"""Reads of approvals. Every read starts at a scope."""
