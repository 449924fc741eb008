"""Parley: the support portal that a managed service provider shares with its clients."""

# As in pyproject.toml; Parley runs from its source and is not installed.
__version__ = "0.1.0"
