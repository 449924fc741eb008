"""Finding cases and accounts by words; people are found by `tenants.queries.contact_search`. Every read starts at a
scope."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ARRAY, ColumnElement, Uuid, any_, bindparam, func, or_, select
from sqlalchemy.orm import joinedload

from portal.authz.scopes import scope
from portal.cases.models import Case
from portal.cases.queries.lists import NEWEST
from portal.cases.queries.rows import CaseRow, OrderedCases, fetch_cached_page, fetch_page
from portal.cases.queries.search import SEARCH_LIMIT, match_cases, named_status
from portal.cases.queries.staff import possible_owners
from portal.cases.queries.tags import find_tag_ids, has_any_tag
from portal.kernel import text
from portal.kernel.actor import Actor
from portal.kernel.context import Context
from portal.kernel.local_times import read_day
from portal.kernel.paging import Page, page_number
from portal.search.models import SearchDocument
from portal.search.rules import split_operators
from portal.tenants.models import Account
from portal.tenants.queries.contact_search import find_contacts, ids_by_beginning
from portal.tenants.queries.name_search import fold_column, name_matches

# So many accounts or people may share the value of an operator.
_SAME = 50


def cases(ctx: Context, asked: str, number: int = 1) -> Page[CaseRow]:
    """Visible cases with the number, the words or the status *asked*, the newest update first."""
    # Twice a page, because the scope removes some, and one more to know whether there are further ones.
    most = (page_number(number) + 1) * 20 + 1
    found = match_cases(ctx, asked, most=most)
    if found.is_text_only:
        return fetch_cached_page(ctx, _cases_by_ids, number=number, size=20, values={"found_ids": found.ids})
    return fetch_page(ctx, scope(ctx.actor, Case).where(found.condition), NEWEST, number, 20)


def narrowed_cases(ctx: Context, asked: "Narrowed", number: int = 1) -> Page[CaseRow]:
    """Visible cases that meet all conditions of *asked* and have its words, the newest update first. Of those with the
    words, the newest SEARCH_LIMIT are considered, in the accounts that are named."""
    rows = scope(ctx.actor, Case).where(*asked.conditions)
    if asked.words:
        found = match_cases(ctx, asked.words, most=SEARCH_LIMIT, accounts=asked.accounts)
        rows = rows.where(found.condition)
    return fetch_page(ctx, rows, NEWEST, number, 20)


def _cases_by_ids(actor: Actor) -> OrderedCases:
    return scope(actor, Case).where(Case.id == any_(bindparam("found_ids", None, ARRAY(Uuid())))), NEWEST


def documents_to_rebuild(ctx: Context, *, stale: bool = False) -> int:
    """The number of cases that `actions.rebuild_next` rebuilds: all, or with *stale* those that a migration marked."""
    rows = scope(ctx.actor, SearchDocument).where(SearchDocument.stale) if stale else scope(ctx.actor, Case)
    return ctx.session.scalar(select(func.count()).select_from(rows.subquery())) or 0


def accounts(ctx: Context, asked: str, limit: int = 10) -> Sequence[Account]:
    """Visible accounts whose name or key has every word of *asked*, the longest as the beginning of one."""
    words = text.folded_words(asked)
    if not words:
        return []
    begin = ids_by_beginning(ctx, func.search_accounts, max(words, key=len))
    rows = scope(ctx.actor, Account).where(Account.id == any_(func.array(begin.scalar_subquery())))
    rows = rows.where(name_matches(asked, fold_column(Account.name), func.lower(Account.key)))
    return ctx.session.scalars(
        rows.options(joinedload(Account.organization, innerjoin=True))
        .order_by(fold_column(Account.name), Account.id)
        .limit(limit)
    ).all()


@dataclass(frozen=True, slots=True)
class Narrowed:
    """A question as the desk reads it: its words, and what the other parts ask for."""

    words: str
    conditions: Sequence[ColumnElement[bool]]
    # The ids of the accounts that `account:` names; None without it.
    accounts: Sequence[uuid.UUID] | None = None


def narrow(ctx: Context, question: str, zone: dt.tzinfo) -> Narrowed:
    """*question* with its operators as conditions on cases. Days are those of *zone*. An operator whose value means
    nothing here stays a word, so that a pasted line of a log is found as it is."""
    words, operators = split_operators(question)
    conditions: list[ColumnElement[bool]] = []
    within: list[uuid.UUID] | None = None
    for name, value, typed in operators:
        if name == "account":
            named = [row.id for row in accounts(ctx, value, _SAME)]
            condition: ColumnElement[bool] | None = Case.account_id.in_(named) if named else None
            if named:
                within = [one for one in named if within is None or one in within]
        else:
            condition = _condition(ctx, name, value, zone)
        if condition is None:
            words = f"{words} {typed}".strip()
        else:
            conditions.append(condition)
    return Narrowed(words, conditions, within)


def _condition(ctx: Context, name: str, value: str, zone: dt.tzinfo) -> ColumnElement[bool] | None:
    """What *name* with *value* asks for; None for a value that means nothing."""
    if name == "from":
        people = [row.user_id for row in find_contacts(ctx, value, _SAME)]
        return or_(Case.contact_user_id.in_(people), Case.reported_by_id.in_(people)) if people else None
    if name == "owner":
        return _owner_condition(ctx, value)
    if name == "status":
        return named_status(ctx, value)
    if name == "tag":
        tags = find_tag_ids(ctx, value)
        return has_any_tag(tags) if tags else None
    moment = read_day(value, zone)
    if moment is None:
        return None
    return Case.opened_at < moment if name == "before" else Case.opened_at >= moment


def _owner_condition(ctx: Context, value: str) -> ColumnElement[bool] | None:
    if value.lower() == "me":
        return Case.owner_id == ctx.actor.staff_id
    if value.lower() == "nobody":
        return Case.owner_id.is_(None)
    asked = text.folded_words(value)
    owners = [
        uuid.UUID(staff_id)
        for staff_id, name in possible_owners(ctx)
        if all(any(part.startswith(word) for part in text.folded_words(name)) for word in asked)
    ]
    return Case.owner_id.in_(owners) if owners and asked else None
