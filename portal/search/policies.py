"""Scopes of search documents: those of visible cases. Only the search function reads documents of all cases."""

from typing import Any

from sqlalchemy import Select, select

from portal.authz import scopes
from portal.cases.models import Case
from portal.cases.policies import visible_cases
from portal.kernel.actor import Actor
from portal.search.models import SearchDocument, SearchNotes


def visible_documents(actor: Actor) -> "Select[Any]":
    cases = visible_cases(actor).with_only_columns(Case.id)
    return select(SearchDocument).where(SearchDocument.case_id.in_(cases))


def visible_notes(actor: Actor) -> "Select[Any]":
    """The tokens of notes: staff only, like the notes."""
    cases = visible_cases(actor).with_only_columns(Case.id)
    rows = select(SearchNotes).where(SearchNotes.case_id.in_(cases))
    return scopes.select_nothing(rows) if actor.is_contact else rows


scopes.register_scope(SearchDocument, visible_documents)
scopes.register_scope(SearchNotes, visible_notes)
