"""Providers, their clients and their staff: who belongs where."""
