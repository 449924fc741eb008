"""Writes to tenancy, one module for each kind of object."""
