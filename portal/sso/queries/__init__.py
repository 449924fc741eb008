"""Reads of single sign-on."""
