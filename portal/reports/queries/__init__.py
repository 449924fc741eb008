"""The figures of reports, each under the scopes of its rows."""
