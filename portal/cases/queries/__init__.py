"""Reads about cases. Every one starts at a scope (wall a)."""

from portal.cases.queries.catalogue import request_type, request_types, severity_levels, severity_question
from portal.cases.queries.one import by_key, redirected_key

__all__ = ["by_key", "redirected_key", "request_type", "request_types", "severity_levels", "severity_question"]
