"""Finding accounts and people by words; cases are found by `cases.queries.search`. Every read starts at a scope."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ARRAY, Select, Uuid, any_, bindparam, column, exists, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from portal.authz.scopes import scope
from portal.cases.models import Case
from portal.cases.queries.lists import NEWEST
from portal.cases.queries.rows import CaseRow, OrderedCases, fetch_cached_page, fetch_page
from portal.cases.queries.search import match_cases
from portal.identity.models import Address, User
from portal.kernel import text
from portal.kernel.actor import Actor
from portal.kernel.context import Context
from portal.kernel.paging import Page, page_number
from portal.search.models import SearchDocument
from portal.tenants.models import Account, Contact
from portal.tenants.queries.name_search import fold_column, name_matches

# The number of accounts or people with a word that are considered.
NAMED_LIMIT = 500


def cases(ctx: Context, asked: str, number: int = 1) -> Page[CaseRow]:
    """Visible cases with the number, the words or the status *asked*, the newest update first."""
    # Twice a page, because the scope removes some, and one more to know whether there are further ones.
    most = (page_number(number) + 1) * 20 + 1
    found = match_cases(ctx, asked, most=most)
    if found.is_text_only:
        return fetch_cached_page(ctx, _cases_by_ids, number=number, size=20, values={"found_ids": found.ids})
    return fetch_page(ctx, scope(ctx.actor, Case).where(found.condition), NEWEST, number, 20)


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
    begin = _beginning(ctx, func.search_accounts, max(words, key=len))
    rows = scope(ctx.actor, Account).where(Account.id == any_(func.array(begin.scalar_subquery())))
    rows = rows.where(name_matches(asked, fold_column(Account.name), func.lower(Account.key)))
    return ctx.session.scalars(
        rows.options(joinedload(Account.organization, innerjoin=True))
        .order_by(fold_column(Account.name), Account.id)
        .limit(limit)
    ).all()


def _beginning(ctx: Context, search: Any, word: str) -> Select[Any]:
    """The ids that *search* finds at the provider for words that begin with *word*, at most NAMED_LIMIT.

    It is a function of the search role: under row-level security an index of words is not used.
    """
    return select(column("found_id")).select_from(search(ctx.provider_id, word, NAMED_LIMIT).alias())


def people(ctx: Context, asked: str, limit: int = 10) -> Sequence[Contact]:
    """Visible contacts whose name or address has every word of *asked*, by name."""
    words = text.folded_words(asked)
    if not words:
        return []
    begin = _beginning(ctx, func.search_people, max(words, key=len))
    rows = (
        scope(ctx.actor, Contact)
        .join(User, User.id == Contact.user_id)
        .where(Contact.active, User.id == any_(func.array(begin.scalar_subquery())))
        .options(contains_eager(Contact.user), joinedload(Contact.organization, innerjoin=True))
    )
    for word in words:
        address = exists().where(Address.user_id == User.id, Address.email_folded.contains(word, autoescape=True))
        rows = rows.where(or_(User.name_folded.contains(word, autoescape=True), address))
    return ctx.session.scalars(rows.order_by(User.name_folded, Contact.id).limit(limit)).all()
