"""Providers, their clients (organizations, accounts, environments, contacts) and their staff."""
