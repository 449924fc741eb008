"""What a question on the desk says beside its words: `account:ACME from:"Rita North" status:open before:2026-11-01`.

The names are fixed, as those of other search boxes are; what stands behind them is read in the words of the provider.
A part whose value means nothing here stays a part of the words, so that a pasted line of a log is found as it is.
"""

import datetime as dt
import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, or_

from portal.cases.models import Case
from portal.cases.queries.staff import possible_owners
from portal.cases.queries.status_filter import status_condition
from portal.cases.vocabulary import vocabulary
from portal.kernel.context import Context
from portal.kernel.text import fold
from portal.search import queries
from portal.tenants.queries.contact_search import find_contacts

NAMES = ("account", "from", "owner", "status", "before", "after")
# So many are read; more stay words.
MOST = 8
_OPERATOR = re.compile(rf'(?<!\S)({"|".join(NAMES)}):(?:"([^"]{{1,100}})"|([^\s"]{{1,100}}))(?!\S)', re.IGNORECASE)
# So many accounts or people may share the value of an operator.
_SAME = 50


@dataclass(frozen=True, slots=True)
class Narrowed:
    """A question as the desk reads it: its words, and what the other parts ask for."""

    words: str
    conditions: Sequence[ColumnElement[bool]]
    # The ids of the accounts that `account:` names; None without it.
    accounts: Sequence[uuid.UUID] | None = None


def split_operators(question: str) -> tuple[str, list[tuple[str, str, str]]]:
    """(words, operators) of *question*: what is left when the first MOST operators are taken out, and for each of these
    (name, value, as it was typed)."""
    found = [(match[1].lower(), match[2] or match[3], match[0]) for match in _OPERATOR.finditer(question)][:MOST]
    taken = iter(found)
    left = _OPERATOR.sub(lambda match: "" if next(taken, None) else match[0], question)
    return " ".join(left.split()), found


def narrow(ctx: Context, question: str, zone: dt.tzinfo) -> Narrowed:
    """*question* with its operators as conditions on cases. Days are those of *zone*."""
    words, operators = split_operators(question)
    conditions: list[ColumnElement[bool]] = []
    accounts: list[uuid.UUID] | None = None
    for name, value, typed in operators:
        if name == "account":
            named = [row.id for row in queries.accounts(ctx, value, _SAME)]
            condition: ColumnElement[bool] | None = Case.account_id.in_(named) if named else None
            if named:
                accounts = [one for one in named if accounts is None or one in accounts]
        else:
            condition = _condition(ctx, name, value, zone)
        if condition is None:
            words = f"{words} {typed}".strip()
        else:
            conditions.append(condition)
    return Narrowed(words, conditions, accounts)


def _condition(ctx: Context, name: str, value: str, zone: dt.tzinfo) -> ColumnElement[bool] | None:
    """What *name* with *value* asks for; None for a value that means nothing."""
    if name == "from":
        people = [row.user_id for row in find_contacts(ctx, value, _SAME)]
        return or_(Case.contact_user_id.in_(people), Case.reported_by_id.in_(people)) if people else None
    if name == "owner":
        return _owner_condition(ctx, value)
    if name == "status":
        asked = fold(value)
        tokens = [token for token, word in vocabulary(ctx, "staff").options() if fold(word).startswith(asked)]
        return status_condition(",".join(tokens).split(",")) if tokens else None
    try:
        day = dt.datetime.combine(dt.date.fromisoformat(value), dt.time(), zone)
        moment = day.astimezone(dt.UTC)
    except (ValueError, OverflowError):
        return None
    return Case.opened_at < moment if name == "before" else Case.opened_at >= moment


def _owner_condition(ctx: Context, value: str) -> ColumnElement[bool] | None:
    if value.lower() == "me":
        return Case.owner_id == ctx.actor.staff_id
    if value.lower() == "nobody":
        return Case.owner_id.is_(None)
    asked = fold(value).split()
    owners = [
        uuid.UUID(staff_id)
        for staff_id, name in possible_owners(ctx)
        if all(any(part.startswith(word) for part in fold(name).split()) for word in asked)
    ]
    return Case.owner_id.in_(owners) if owners and asked else None
