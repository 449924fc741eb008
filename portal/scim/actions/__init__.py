"""Writes of SCIM: tokens, people, and the roles that groups give."""
