"""Parley: the support portal that a managed service provider shares with its clients."""
