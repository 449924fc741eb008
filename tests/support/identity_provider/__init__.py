"""An identity provider with a stub of Microsoft Graph, as a program of its own; see README.md."""

from tests.support.identity_provider.client import CLIENT, SECRET, Provider, RunningProvider

__all__ = ["CLIENT", "SECRET", "Provider", "RunningProvider"]
