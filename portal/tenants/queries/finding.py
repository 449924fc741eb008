"""Finding names as people type them: any case, without diacritics, every word somewhere in the name."""

from typing import Any

from sqlalchemy import ColumnElement, and_, func, literal_column, true

from portal.kernel import text

_NFKD: ColumnElement[Any] = literal_column("NFKD")


def folded(column: Any) -> Any:
    """*column* as `kernel.text.fold` spells it, computed by the database: for short lists without a folded column."""
    plain = func.regexp_replace(func.normalize(func.lower(column), _NFKD), "[\u0300-\u036f]", "", "g")
    for letters, word in (("ß", "ss"), ("æ", "ae"), ("œ", "oe"), ("þ", "th")):
        plain = func.replace(plain, letters, word)
    return func.translate(plain, "łđøıð", "ldoid")


def named(q: str, *columns: Any) -> ColumnElement[bool]:
    """Whether every word of *q* stands in one of *columns* (already folded); no words: everything."""
    found = [func.concat_ws(" ", *columns).contains(word, autoescape=True) for word in text.words(q[:200])]
    return and_(true(), *found)
