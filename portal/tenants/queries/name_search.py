"""Matching names as people type them: any case, without diacritics, each word anywhere in the name."""

from typing import Any

from sqlalchemy import ColumnElement, Text, and_, func, true

from portal.kernel import text


def fold_column(column: Any) -> ColumnElement[str]:
    """*column* as `kernel.text.fold` spells it, by the database's function (see the migration "names in order"): what
    names are compared and sorted by. Accounts and organizations have an index of it."""
    return func.folded(column, type_=Text())


def name_matches(q: str, *columns: Any) -> ColumnElement[bool]:
    """Whether every word of *q* occurs in one of *columns* (already folded); without words every row matches."""
    found = [func.concat_ws(" ", *columns).contains(word, autoescape=True) for word in text.folded_words(q[:200])]
    return and_(true(), *found)
