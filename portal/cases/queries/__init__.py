"""Reads about cases. Every read starts at a scope (wall a)."""

from portal.cases.queries.detail import by_key, redirected_key, select_by_key
from portal.cases.queries.request_types import request_type, request_types
from portal.cases.queries.severity_levels import severity_levels
from portal.cases.queries.severity_question import severity_question

__all__ = [
    "by_key",
    "redirected_key",
    "request_type",
    "request_types",
    "select_by_key",
    "severity_levels",
    "severity_question",
]
