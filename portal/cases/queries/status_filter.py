"""SQL conditions for a status, used by filters, counts and the search."""

from collections.abc import Iterable

from sqlalchemy import ColumnElement, String, and_, case, false, literal_column, or_, true

from portal.cases.models import Case
from portal.cases.states import ENDED, State


# Literals instead of parameters: a generic plan can then use the partial indexes.
def _literal(state: State) -> ColumnElement[str]:
    return literal_column(f"'{state.value}'", String())


_LITERALS = {state.value: _literal(state) for state in State}
_ENDED_LITERALS = [_literal(state) for state in State if state in ENDED]
UNRESOLVED_CASE = Case.state.not_in(_ENDED_LITERALS)
# The same for one account at a time: as a list of states it is found in the account's index.
UNRESOLVED_IN_ACCOUNT = Case.state.in_([_literal(state) for state in State if state not in ENDED])
ENDED_CASE = Case.state.in_(_ENDED_LITERALS)
NOT_CLOSED = Case.state != _literal(State.CLOSED)


def state_condition(*states: State | str) -> ColumnElement[bool]:
    """Cases in one of *states*; what is no state is left out."""
    literals = [_LITERALS[state] for state in sorted(map(str, states)) if state in _LITERALS]
    return Case.state.in_(literals) if len(literals) != 1 else Case.state == literals[0]


# Cases whose turn is support's: they neither wait for the customer nor are on hold, and have not ended.
SUPPORT_TURN_CASE = and_(UNRESOLVED_CASE, state_condition(State.NEW, State.OPEN, State.IN_PROGRESS))


# The column value of `Case.last_word` by marker.
_LAST_WORDS = {"customer_replied": "customer", "answered": "support"}
_LAST_WORD_LITERALS = {last: literal_column(f"'{word}'", String()) for last, word in _LAST_WORDS.items()}


def status_condition(tokens: Iterable[str]) -> ColumnElement[bool]:
    """Cases with any of *tokens*: states, or states with who spoke last (`open.answered`); see `vocabulary`."""
    whole: set[str] = set()
    spoken: dict[str, set[str]] = {}
    for token in tokens:
        state, dot, last = token.partition(".")
        if dot:
            spoken.setdefault(last, set()).add(state)
        else:
            whole.add(state)
    parts: list[ColumnElement[bool]] = [state_condition(*whole)] if whole else []
    parts += [and_(state_condition(*states), _last_word_condition(last)) for last, states in sorted(spoken.items())]
    return or_(*parts) if parts else false()


def split_token(token: str) -> tuple[str, str]:
    """(state, side of the last message) of a token, for `status_row_condition`. '' means any side."""
    state, _dot, last = token.partition(".")
    return state, _LAST_WORDS.get(last, last)


def status_row_condition(state: ColumnElement[str], last: ColumnElement[str]) -> ColumnElement[bool]:
    """Cases with the status of a row with the columns *state* and *last* (`split_token`)."""
    spoke = and_(Case.first_answer_at.is_not(None), Case.last_word == last)
    return and_(
        Case.state == state, case((last == "", true()), (last == "none", Case.first_answer_at.is_(None)), else_=spoke)
    )


def _last_word_condition(last: str) -> ColumnElement[bool]:
    if last == "none":
        return Case.first_answer_at.is_(None)
    return and_(Case.first_answer_at.is_not(None), Case.last_word == _LAST_WORD_LITERALS[last])
