"""Permissions, roles and scopes. This package does not import Flask."""
