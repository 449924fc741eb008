"""One case: by its key, with what its page shows."""

import re
import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Integer, Select, String, Uuid, any_, bindparam, func, inspect, or_, select, union_all
from sqlalchemy.orm import defer, joinedload, selectinload
from sqlalchemy.orm.attributes import set_committed_value

from portal.attachments.models import Attachment
from portal.authz.scopes import load, scope
from portal.cases.models import Case, CaseExclusion, CaseFollow, CaseGrant, CaseLink, Message
from portal.kernel.context import Context
from portal.kernel.database import table_of
from portal.kernel.errors import NotFound
from portal.kernel.events import Event
from portal.kernel.readied import kept, read
from portal.tenants.models import Account, AccountAlias, StaffMember

KEY = re.compile(r"([A-Z][A-Z0-9]{1,9})-([0-9]{1,9})")
CONVERSATION_LIMIT = 100
GRANT_LIMIT = 500
# Where a case page leaves the id of the case that it shows.
SHOWN = "cases.shown"


def split_key(key: str) -> tuple[str, int] | None:
    """("ACME", 1042) of "acme-1042"; None if it is no key."""
    found = KEY.fullmatch(key.upper())
    if not found or int(found[2]) > 2_147_483_647:
        return None
    return found[1], int(found[2])


def shown() -> list[Any]:
    """What every page about a case shows beside its own columns: a handful of joins, no further statement."""
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


def shown_on_cards() -> list[Any]:
    """What a card on a board shows of a case, in the same statement; the long text stays where it is."""
    return [defer(Case.description), *shown()]


def by_key(ctx: Context, key: str, *, lock: bool = False) -> Case:
    """The visible case with *key*, also under a former account key; NotFound otherwise. *lock* for verbs."""
    parts = split_key(key)
    if parts is None:
        raise NotFound
    account_key, number = parts
    named = {"key": account_key, "number": number}
    if lock:
        # The row is locked by itself first: FOR UPDATE does not go with outer joins.
        locked = kept(
            ctx, "cases.by_key, locked", lambda: _named(ctx).with_for_update(of=Case).with_only_columns(Case.id)
        )
        found = ctx.session.scalars(locked, named).one_or_none()
        if found is None:
            raise NotFound
        return _whole(ctx, found, fresh=True)
    statement = kept(ctx, "cases.by_key", lambda: _named(ctx).options(*shown()))
    case: Case | None = ctx.session.scalars(statement, named).one_or_none()
    if case is None:
        raise NotFound
    return case


def _named(ctx: Context) -> "Select[Any]":
    """The visible case :number of the account that is, or was, called :key."""
    ours, key = Account.provider_id == ctx.provider_id, bindparam("key", type_=String())
    own = select(Account.id).where(ours, Account.key == key)
    alias = select(AccountAlias.account_id).where(AccountAlias.provider_id == ctx.provider_id, AccountAlias.key == key)
    # As an array the accounts are found first, and the index of account and number finds the case.
    here = Case.account_id == any_(func.array(union_all(own, alias).scalar_subquery()))
    return scope(ctx.actor, Case).where(here, Case.number == bindparam("number", type_=Integer()))


def _whole(ctx: Context, case_id: uuid.UUID, *, fresh: bool) -> Case:
    """The visible case with this id and all that its page shows. *fresh*: whoever waited for the lock must not act on
    what they read before it."""
    statement = kept(
        ctx,
        ("cases.by_id", fresh),
        lambda: (
            scope(ctx.actor, Case)
            .where(Case.id == bindparam("case_id", type_=Uuid()))
            .options(*shown())
            .execution_options(populate_existing=fresh)
        ),
    )
    case: Case | None = ctx.session.scalars(statement, {"case_id": case_id}).one_or_none()
    if case is None:
        raise NotFound
    return case


def by_id(ctx: Context, case_id: uuid.UUID, *, lock: bool = False) -> Case:
    """The visible case with this id; NotFound otherwise."""
    if lock:
        statement = scope(ctx.actor, Case).where(Case.id == case_id).with_for_update(of=Case)
        if ctx.session.scalars(statement.with_only_columns(Case.id)).one_or_none() is None:
            raise NotFound
    return _whole(ctx, case_id, fresh=lock)


def by_id_unless_busy(ctx: Context, case_id: uuid.UUID) -> Case | None:
    """The visible case, locked; None if another transaction holds it right now. NotFound otherwise."""
    statement = scope(ctx.actor, Case).where(Case.id == case_id).with_only_columns(Case.id)
    if ctx.session.scalars(statement.with_for_update(of=Case, skip_locked=True)).one_or_none() is None:
        if ctx.session.scalars(statement).one_or_none() is None:
            raise NotFound
        return None
    return _whole(ctx, case_id, fresh=True)


def redirected_key(ctx: Context, case: Case) -> str:
    """The key of the case that *case* was merged into or moved to, if the reader may see that; else ''."""
    target = case.merged_into_id or case.moved_to_id
    if target is None:
        return ""
    try:
        return by_id(ctx, target).key
    except NotFound:
        return ""


def conversation(ctx: Context, case: Case, *, before: uuid.UUID | None = None) -> tuple[Sequence[Message], bool]:
    """The newest messages of *case* that the actor may read, oldest first, at most CONVERSATION_LIMIT, and whether
    older ones exist. *before* is the id of the first one already shown. Two statements.

    Ids, not positions, stand in URLs: from gaps in positions a customer could count the internal notes.
    """

    def newest() -> "Select[Any]":
        rows = scope(ctx.actor, Message).where(Message.case_id == bindparam("case_id", type_=Uuid()))
        if before is not None:
            rows = rows.where(Message.id < bindparam("before", type_=Uuid()))
        rows = rows.options(joinedload(Message.author))
        return rows.order_by(Message.position.desc()).limit(CONVERSATION_LIMIT + 1)

    statement = kept(ctx, ("cases.conversation", before is None), newest)
    rows = ctx.session.scalars(statement, {"case_id": case.id, **({"before": before} if before else {})}).all()
    messages = list(reversed(rows[:CONVERSATION_LIMIT]))
    _attach_files(ctx, case, messages)
    return messages, len(rows) > CONVERSATION_LIMIT


def _attach_files(ctx: Context, case: Case, messages: Sequence[Message]) -> None:
    """Put their files to *messages*, and those of the description aside for `opening_files`; one statement."""
    came_with: dict[uuid.UUID | None, list[Attachment]] = {message.id: [] for message in messages}

    def files() -> "Select[Any]":
        theirs = Attachment.message_id.in_(bindparam("message_ids", type_=Uuid(), expanding=True))
        here = Attachment.case_id == bindparam("case_id", type_=Uuid())
        rows = scope(ctx.actor, Attachment).where(here, or_(Attachment.message_id.is_(None), theirs))
        return rows.order_by(Attachment.id)

    values = {"case_id": case.id, "message_ids": list(came_with)}
    for file in ctx.session.scalars(kept(ctx, "cases.files", files), values):
        came_with.setdefault(file.message_id, []).append(file)
    for message in messages:
        set_committed_value(message, "files", came_with[message.id])
    ctx.notes[_opening(case)] = came_with.get(None, [])


def _opening(case: Case) -> str:
    return f"cases.opening_files:{case.id}"


def newer_public(ctx: Context, case: Case, since_position: int) -> Sequence[Message]:
    """Public messages that were recorded after *since_position*: what a writer has not seen."""
    return ctx.session.scalars(
        scope(ctx.actor, Message)
        .where(Message.case_id == case.id, Message.position > since_position, Message.kind != "note")
        .options(joinedload(Message.author), selectinload(Message.files))
        .order_by(Message.position)
        .limit(20)
    ).all()


def said_since(ctx: Context, case: Case, since: uuid.UUID) -> Sequence[Message]:
    """Public messages recorded after the message or moment *since* (ids are ordered by time), at most 20."""
    return ctx.session.scalars(
        scope(ctx.actor, Message)
        .where(
            Message.case_id == case.id,
            Message.id > since,
            Message.kind != "note",
        )
        .order_by(Message.id)
        .limit(20)
    ).all()


def happenings(ctx: Context, case: Case, limit: int = 300) -> Sequence[Any]:
    """The newest events of *case* that the actor may know, oldest first: rows of their columns."""

    def newest() -> "Select[Any]":
        rows = scope(ctx.actor, Event).where(Event.case_id == bindparam("case_id", None, Uuid()))
        rows = rows.with_only_columns(*table_of(Event).columns)
        return rows.order_by(Event.id.desc()).limit(limit)

    return list(reversed(read(ctx, ("cases.happenings", limit), newest, case_id=case.id)))


def opening_files(ctx: Context, case: Case) -> Sequence[Attachment]:
    """The files that came with the description; asked for after the conversation they cost no statement."""
    known: Sequence[Attachment] | None = ctx.notes.pop(_opening(case), None)
    if known is not None:
        return known
    return ctx.session.scalars(
        scope(ctx.actor, Attachment)
        .where(Attachment.case_id == case.id, Attachment.message_id.is_(None))
        .order_by(Attachment.id)
    ).all()


def attachment(ctx: Context, case: Case, attachment_id: uuid.UUID) -> Attachment:
    """One file of *case* through the actor's scope; NotFound otherwise."""
    return load(ctx, Attachment, Attachment.case_id == case.id, Attachment.id == attachment_id)


def grants(ctx: Context, case: Case) -> Sequence[CaseGrant]:
    """Who was let into *case*, as far as the actor may know. The case knows them from then on too."""

    def admitted() -> "Select[Any]":
        rows = scope(ctx.actor, CaseGrant).where(CaseGrant.case_id == bindparam("case_id", type_=Uuid()))
        rows = rows.options(joinedload(CaseGrant.user), joinedload(CaseGrant.to_organization))
        return rows.order_by(CaseGrant.id).limit(GRANT_LIMIT)

    rows = ctx.session.scalars(kept(ctx, "cases.grants", admitted), {"case_id": case.id}).all()
    if len(rows) < GRANT_LIMIT and "grants" in inspect(case).unloaded:
        set_committed_value(case, "grants", list(rows))
    return rows


def exclusions(ctx: Context, case: Case) -> Sequence[CaseExclusion]:
    """Whom *case* excludes."""
    return ctx.session.scalars(
        scope(ctx.actor, CaseExclusion)
        .where(CaseExclusion.case_id == case.id)
        .options(joinedload(CaseExclusion.user))
        .order_by(CaseExclusion.id)
        .limit(200)
    ).all()


def wish(ctx: Context, case: Case) -> str:
    """'follow', 'mute' or '' : what the actor asked to hear of *case*."""

    def own() -> "Select[Any]":
        rows = scope(ctx.actor, CaseFollow).where(CaseFollow.case_id == bindparam("case_id", None, Uuid()))
        return rows.where(CaseFollow.user_id == ctx.actor.user_id).with_only_columns(CaseFollow.wish)

    found = read(ctx, "cases.wish", own, case_id=case.id)
    return found[0][0] if found else ""


def linked(ctx: Context, case: Case) -> Sequence[tuple[Any, Case]]:
    """Cases linked to *case* in either direction, those the actor may see."""

    def either() -> "Select[Any]":
        this = bindparam("case_id", None, Uuid())
        rows = scope(ctx.actor, CaseLink).where(or_(CaseLink.case_id == this, CaseLink.other_id == this)).limit(50)
        return rows.with_only_columns(*table_of(CaseLink).columns)

    links = read(ctx, "cases.links", either, case_id=case.id)
    others = {link.other_id if link.case_id == case.id else link.case_id for link in links}
    if not others:
        return []
    seen = {
        c.id: c
        for c in ctx.session.scalars(
            scope(ctx.actor, Case).where(Case.id.in_(others)).options(joinedload(Case.account, innerjoin=True))
        )
    }
    found = [(link, seen.get(link.other_id if link.case_id == case.id else link.case_id)) for link in links]
    return [(link, other) for link, other in found if other is not None]
