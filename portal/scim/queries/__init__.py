"""Reads of SCIM: tokens, people and groups."""
