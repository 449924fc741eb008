"""Search for cases by number, text and status name.

Text goes through the database function `search_cases` (see the migrations "newest first" and "one tokenizer"): without
it, row-level security would prevent the use of the full-text index. The function returns a bounded list of ids. The
scope around the list still decides.
"""

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ARRAY, ColumnElement, Uuid, bindparam, false, or_, select, text

from portal.cases.models import Case
from portal.cases.policies import reads_private, reads_shared
from portal.cases.queries.detail import split_key, written_key
from portal.cases.queries.status_filter import status_condition
from portal.cases.vocabulary import vocabulary
from portal.kernel.context import Context
from portal.kernel.text import fold
from portal.kernel.tokenizer import question_query
from portal.tenants.models import Account

SEARCH_LIMIT = 500
_FUNCTION = text(
    "SELECT found_id FROM search_cases(:provider, :words, :staff, :accounts, :organizations, :shared, :private,"
    " :people, :limit)"
).bindparams(
    bindparam("provider", type_=Uuid()),
    *(bindparam(name, type_=ARRAY(Uuid())) for name in ("accounts", "organizations", "shared", "private", "people")),
)


@dataclass(frozen=True, slots=True)
class SearchMatch:
    """The matches of a search: conditions for a number or status, and the ids of cases with the text."""

    exact_conditions: Sequence[ColumnElement[bool]]
    ids: Sequence[uuid.UUID]

    @property
    def is_text_only(self) -> bool:
        return not self.exact_conditions

    @property
    def condition(self) -> ColumnElement[bool]:
        ways = [*self.exact_conditions, *([Case.id.in_(self.ids)] if self.ids else [])]
        return or_(*ways) if ways else false()


def search_condition(ctx: Context, query: str, *, every: bool = True, most: int = SEARCH_LIMIT) -> ColumnElement[bool]:
    """The condition for cases that match *query* by number, text or status.

    *every*: the text must contain all words, otherwise any.
    """
    return match_cases(ctx, query, every=every, most=most).condition


def match_cases(
    ctx: Context,
    query: str,
    *,
    every: bool = True,
    most: int = SEARCH_LIMIT,
    accounts: Sequence[uuid.UUID] | None = None,
) -> SearchMatch:
    """The matches of *query* by number, text and status; with *accounts*, texts of cases of these only."""
    found: list[ColumnElement[bool]] = []
    key = split_key(written_key(query) or "")
    if key is not None:
        account = select(Account.id).where(Account.provider_id == ctx.provider_id, Account.key == key[0])
        found.append((Case.account_id.in_(account)) & (Case.number == key[1]))
    elif re.fullmatch(r"\s*[0-9]{1,9}\s*", query) and int(query) <= 2_147_483_647:
        found.append(Case.number == int(query))
    named = [value for value, word in vocabulary(ctx, _side(ctx)).options() if fold(query.strip()) == fold(word)]
    if named:
        found.append(status_condition(named[0].split(",")))
    return SearchMatch(found, find_ids(ctx, query, every=every, most=most, accounts=accounts))


def named_status(ctx: Context, words: str) -> ColumnElement[bool] | None:
    """The condition for cases in the statuses that begin with *words*, as the reader calls them; None if none does."""
    asked = fold(words.strip())
    named = [value for value, word in vocabulary(ctx, _side(ctx)).options() if asked and fold(word).startswith(asked)]
    return status_condition(",".join(named).split(",")) if named else None


def _side(ctx: Context) -> str:
    return "contact" if ctx.actor.is_contact else "staff"


def find_ids(
    ctx: Context,
    query: str,
    *,
    every: bool = True,
    most: int = SEARCH_LIMIT,
    accounts: Sequence[uuid.UUID] | None = None,
) -> list[uuid.UUID]:
    """The ids of the newest *most* cases whose text has words that begin as those of *query*; with *accounts*, of these
    of the actor's accounts only. One statement."""
    ts_query = question_query(query, every=every)
    if not ts_query:
        return []
    actor = ctx.actor
    theirs = None if actor.all_accounts or actor.is_system else list(actor.account_ids)
    if accounts is not None:
        theirs = [one for one in accounts if theirs is None or one in theirs]
    parameters = {
        "provider": ctx.provider_id,
        "words": ts_query,
        "staff": actor.is_staff or actor.is_system,
        "accounts": theirs,
        "organizations": list(actor.memberships),
        "shared": [row.account_id for row in actor.access if reads_shared(actor, row)],
        "private": [row.account_id for row in actor.access if reads_private(actor, row)],
        # Grants: to the person, or to an organization whose shared cases they read. Cases of their reports.
        "people": [
            actor.user_id,
            *{row.organization_id for row in actor.access if reads_shared(actor, row)},
            *{user_id for place in actor.memberships.values() for user_id in place.reports},
        ],
        "limit": min(most, SEARCH_LIMIT),
    }
    return list(ctx.session.scalars(_FUNCTION, parameters))
