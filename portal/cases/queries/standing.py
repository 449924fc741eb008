"""Where cases stand, as a condition: what a status filter, a count and a search by a status word mean in SQL."""

from collections.abc import Iterable

from sqlalchemy import ColumnElement, and_, false, or_

from portal.cases.models import Case


def standing(tokens: Iterable[str]) -> ColumnElement[bool]:
    """Cases in any of *tokens*: states, or states with who spoke last (`open.answered`); see `vocabulary`."""
    whole: set[str] = set()
    spoken: dict[str, set[str]] = {}
    for token in tokens:
        state, dot, last = token.partition(".")
        if dot:
            spoken.setdefault(last, set()).add(state)
        else:
            whole.add(state)
    parts: list[ColumnElement[bool]] = [Case.state.in_(whole)] if whole else []
    parts += [and_(Case.state.in_(states), _spoke(last)) for last, states in sorted(spoken.items())]
    return or_(*parts) if parts else false()


def _spoke(last: str) -> ColumnElement[bool]:
    if last == "none":
        return Case.first_answer_at.is_(None)
    word = "customer" if last == "customer_replied" else "support"
    return and_(Case.first_answer_at.is_not(None), Case.last_word == word)
