"""One case, by key or by id."""

import re
import uuid
from typing import Any

from sqlalchemy import Integer, Select, String, Uuid, any_, bindparam, func, select, union_all
from sqlalchemy.orm import defer, joinedload, undefer

from portal.authz.scopes import scope
from portal.cases.models import Case
from portal.identity.models import User
from portal.kernel.actor import Actor
from portal.kernel.context import Context
from portal.kernel.errors import NotFound
from portal.kernel.statement_cache import cached_select
from portal.kernel.tokenizer import fold
from portal.tenants.models import Account, AccountAlias, StaffMember

KEY = re.compile(r"([A-Z][A-Z0-9]{1,9})-([0-9]{1,9})")
# A key as people and mails write it: [ACME-21], #ACME-21, ACME 21, acme-21.
_WRITTEN_KEY = re.compile(r"[\s#(\[<\"']*([a-z][a-z0-9]{1,9})(?:\s?[-_/:.#]\s?|\s)#?([0-9]{1,9})[\s)\]>\"':;,.!?]*")


def split_key(key: str) -> tuple[str, int] | None:
    """(account key, number) of a case key: ("ACME", 1042) for "acme-1042". None if *key* is malformed."""
    found = KEY.fullmatch(key.upper())
    if not found or int(found[2]) > 2_147_483_647:
        return None
    return found[1], int(found[2])


def written_key(text: str) -> str | None:
    """`ACME-21` if *text* is a case key and nothing else, in any spelling that people and mails use."""
    found = _WRITTEN_KEY.fullmatch(fold(text)) if len(text) <= 40 else None
    return f"{found[1].upper()}-{found[2]}" if found else None


def page_load_options() -> list[Any]:
    """Load options for everything that a case page shows beside the case's own columns: joins, no further statement."""
    return [undefer(Case.answers), *_joined_rows()]


def _joined_rows() -> list[Any]:
    return [
        joinedload(Case.account, innerjoin=True),
        joinedload(Case.organization, innerjoin=True),
        joinedload(Case.environment),
        joinedload(Case.request_type, innerjoin=True),
        joinedload(Case.department),
        joinedload(Case.owner).joinedload(StaffMember.user),
        joinedload(Case.reported_by, innerjoin=True),
        joinedload(Case.contact_user, innerjoin=True),
    ]


def summary_load_options() -> list[Any]:
    """Load options for a line of a mail: as for a page, without the description."""
    return [defer(Case.description), *_joined_rows()]


def card_load_options() -> list[Any]:
    """Load options for a card on a board: the case without its description, its account, and the name of its owner."""
    return [
        defer(Case.description),
        joinedload(Case.account, innerjoin=True).load_only(Account.key, Account.name),
        joinedload(Case.owner).load_only(StaffMember.user_id).joinedload(StaffMember.user).load_only(User.name),
    ]


def by_key(ctx: Context, key: str, *, lock: bool = False) -> Case:
    """The visible case with *key*, also under a former account key; raises NotFound otherwise. Verbs set *lock*."""
    parts = split_key(key)
    if parts is None:
        raise NotFound
    account_key, number = parts
    named = {"key": account_key, "number": number}
    if lock:
        # The lock is a statement of its own: FOR UPDATE does not work with outer joins.
        found = ctx.session.scalars(cached_select(ctx, _lock_by_key), named).one_or_none()
        if found is None:
            raise NotFound
        return _load(ctx, found, fresh=True)
    case: Case | None = ctx.session.scalars(cached_select(ctx, _page_by_key), named).one_or_none()
    if case is None:
        raise NotFound
    return case


def _lock_by_key(actor: Actor) -> "Select[Any]":
    return _select_by_key(actor).with_for_update(of=Case).with_only_columns(Case.id)


def _page_by_key(actor: Actor) -> "Select[Any]":
    return _select_by_key(actor).options(*page_load_options())


def _select_by_key(actor: Actor) -> "Select[Any]":
    """Select the visible case :number of the account that has or had the key :key."""
    provider_id, key = actor.provider_id, bindparam("key", type_=String())
    own = select(Account.id).where(Account.provider_id == provider_id, Account.key == key)
    alias = select(AccountAlias.account_id).where(AccountAlias.provider_id == provider_id, AccountAlias.key == key)
    # With an array PostgreSQL reads the accounts first and uses the index of account and number.
    here = Case.account_id == any_(func.array(union_all(own, alias).scalar_subquery()))
    return scope(actor, Case).where(here, Case.number == bindparam("number", type_=Integer()))


def select_by_key(actor: Actor, key: str) -> "Select[Any]":
    """Select the visible case with *key*, also under a former account key; raises NotFound for what is no key."""
    parts = split_key(key)
    if parts is None:
        raise NotFound
    return _select_by_key(actor).params(key=parts[0], number=parts[1])


def _load(ctx: Context, case_id: uuid.UUID, *, fresh: bool) -> Case:
    """The visible case with this id, with everything that its page shows.

    *fresh* reads all columns again, for a caller that waited for the lock.
    """
    case: Case | None = ctx.session.scalars(cached_select(ctx, _page_by_id, fresh), {"case_id": case_id}).one_or_none()
    if case is None:
        raise NotFound
    return case


def _page_by_id(actor: Actor, fresh: bool) -> "Select[Any]":
    rows = scope(actor, Case).where(Case.id == bindparam("case_id", type_=Uuid()))
    return rows.options(*page_load_options()).execution_options(populate_existing=fresh)


def by_id(ctx: Context, case_id: uuid.UUID, *, lock: bool = False) -> Case:
    """The visible case with this id; raises NotFound otherwise."""
    if lock:
        statement = scope(ctx.actor, Case).where(Case.id == case_id).with_for_update(of=Case)
        if ctx.session.scalars(statement.with_only_columns(Case.id)).one_or_none() is None:
            raise NotFound
    return _load(ctx, case_id, fresh=lock)


def by_id_unless_busy(ctx: Context, case_id: uuid.UUID) -> Case | None:
    """The visible case, locked; None if another transaction holds its lock. Raises NotFound otherwise."""
    statement = scope(ctx.actor, Case).where(Case.id == case_id).with_only_columns(Case.id)
    if ctx.session.scalars(statement.with_for_update(of=Case, skip_locked=True)).one_or_none() is None:
        if ctx.session.scalars(statement).one_or_none() is None:
            raise NotFound
        return None
    return _load(ctx, case_id, fresh=True)


def redirected_key(ctx: Context, case: Case) -> str:
    """The key of the case that *case* was merged into or moved to, if the reader may see it; else ''."""
    target = case.merged_into_id or case.moved_to_id
    if target is None:
        return ""
    try:
        return by_id(ctx, target).key
    except NotFound:
        return ""
