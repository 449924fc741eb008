"""Finding cases and accounts by words; people are found by `tenants.queries.contact_search`. Every read starts at a
scope."""

import uuid
from collections.abc import Sequence

from sqlalchemy import ARRAY, ColumnElement, Uuid, any_, bindparam, func, select
from sqlalchemy.orm import joinedload

from portal.authz.scopes import scope
from portal.cases.models import Case
from portal.cases.queries.lists import NEWEST
from portal.cases.queries.rows import CaseRow, OrderedCases, fetch_cached_page, fetch_page
from portal.cases.queries.search import SEARCH_LIMIT, match_cases
from portal.kernel import text
from portal.kernel.actor import Actor
from portal.kernel.context import Context
from portal.kernel.paging import Page, page_number
from portal.search.models import SearchDocument
from portal.tenants.models import Account
from portal.tenants.queries.contact_search import ids_by_beginning
from portal.tenants.queries.name_search import fold_column, name_matches


def cases(ctx: Context, asked: str, number: int = 1) -> Page[CaseRow]:
    """Visible cases with the number, the words or the status *asked*, the newest update first."""
    # Twice a page, because the scope removes some, and one more to know whether there are further ones.
    most = (page_number(number) + 1) * 20 + 1
    found = match_cases(ctx, asked, most=most)
    if found.is_text_only:
        return fetch_cached_page(ctx, _cases_by_ids, number=number, size=20, values={"found_ids": found.ids})
    return fetch_page(ctx, scope(ctx.actor, Case).where(found.condition), NEWEST, number, 20)


def narrowed_cases(
    ctx: Context,
    words: str,
    conditions: Sequence[ColumnElement[bool]],
    accounts: Sequence[uuid.UUID] | None,
    number: int = 1,
) -> Page[CaseRow]:
    """Visible cases that meet all *conditions* and have the number, the words or the status *words* ('': any), the
    newest update first. Of those with the words, the newest SEARCH_LIMIT are considered, in *accounts* if these are
    given."""
    rows = scope(ctx.actor, Case).where(*conditions)
    if words:
        rows = rows.where(match_cases(ctx, words, most=SEARCH_LIMIT, accounts=accounts).condition)
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
