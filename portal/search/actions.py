"""Writing search documents: the tokens of what was said about a case, and who may find it.

A document is a tsvector made of the tokens of `kernel.tokenizer` as they are; PostgreSQL's parser never sees a text. It
holds no positions: results stand in the order of their last update. Beside the tokens stand signs that nobody can type
(see the migration "speed"): `~202648` for a week in which something was said, `@…` for the organization.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ARRAY, Boolean, Text, Uuid, bindparam, case, cast, false, func, literal, or_, select, update
from sqlalchemy.dialects.postgresql import TSVECTOR, insert

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.cases.models import Case, CaseGrant, Message
from portal.kernel import outbox
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.database import table_of
from portal.kernel.tokenizer import DOCUMENT_BYTES, Tokens, token_bytes
from portal.search.models import SearchDocument, SearchNotes

BATCH = 100
# The kind of due work that rebuilds what a migration marked; its id is the provider's.
REBUILD = "search_rebuild"
# Where everything that is left was being written by somebody.
_PAUSE = dt.timedelta(seconds=5)
# Rows of messages that are held in memory at a time.
_AT_A_TIME = 500


@dataclass(slots=True)
class Batch:
    """What a step of rebuilding did: how many cases, the last of them, and those that somebody was working on."""

    done: int = 0
    last: Id | None = None
    busy: list[Id] = field(default_factory=list)


@dataclass(slots=True)
class Said:
    """The tokens of a case: what was said in public, and in notes."""

    public: Tokens = field(default_factory=Tokens)
    notes: Tokens = field(default_factory=Tokens)


# -- vectors ----------------------------------------------------------------------------------------------------------


def signs(when: dt.datetime, organization_id: Id | None = None) -> list[str]:
    """The signs of the week of *when*, and of the organization whose case it is."""
    week = f"~{when.astimezone(dt.UTC).strftime('%G%V')}"
    return [week] if organization_id is None else [week, f"@{organization_id}"]


def vector(tokens: Sequence[str]) -> Any:
    """*tokens* and signs as a tsvector, made of one parameter."""
    return func.array_to_tsvector(literal(list(tokens), ARRAY(Text())), type_=TSVECTOR)


def enlarged(words: Any, tokens: Sequence[str], marks: Sequence[str]) -> Any:
    """The tsvector *words* with *tokens* and signs added. A document that is full takes the signs only: PostgreSQL
    refuses a tsvector of more than a megabyte, and the reply that brings it must not be lost."""
    size = func.pg_column_size(words.op("||")(cast("", TSVECTOR)))
    fits = size + sum(map(token_bytes, tokens)) <= DOCUMENT_BYTES
    return case((fits, words.op("||")(vector([*tokens, *marks]))), else_=words.op("||")(vector(marks)))


# -- rebuilding -------------------------------------------------------------------------------------------------------


def rebuild_next(ctx: Context, after: Id | None = None, *, stale: bool = False, size: int = BATCH) -> Batch:
    """Make the next *size* documents anew, in the order of case ids behind *after*; with *stale* those only that a
    migration marked. `done` and `busy` are empty when there are no more. See `rebuild`.
    """
    if stale:
        rows = select(SearchDocument.case_id).where(SearchDocument.provider_id == ctx.provider_id, SearchDocument.stale)
        key: Any = SearchDocument.case_id
    else:
        rows, key = select(Case.id).where(Case.provider_id == ctx.provider_id), Case.id
    if after is not None:
        rows = rows.where(key > after)
    return rebuild(ctx, ctx.session.scalars(rows.order_by(key).limit(size)).all())


def rebuild_marked(ctx: Context) -> None:
    """Make the next documents anew that a migration marked, and plan the step after it; nothing once there are none."""
    batch = rebuild_next(ctx, stale=True)
    if batch.done or batch.busy:
        later = ctx.now if batch.done else ctx.now + _PAUSE
        outbox.schedule(ctx.session, ctx.provider_id, REBUILD, ctx.provider_id, later)


def rebuild(ctx: Context, case_ids: Sequence[Id]) -> Batch:
    """Make the documents of *case_ids* anew from what the cases hold: words, notes, and who may find them.

    Documents that another transaction is writing are not waited for: they are named in `busy`. Texts are read after
    the documents are locked, so nothing that is said meanwhile gets lost: whoever says it adds it afterwards. What is
    right already is not written.
    """
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    if not case_ids:
        return Batch()
    free, moments, noted = _lock(ctx, case_ids)
    cases = {row.id: row for row in ctx.session.execute(select(*_COLUMNS).where(Case.id.in_(free)))}
    said = collect(ctx, {row.id: [row.subject, row.description] for row in cases.values()})
    readers = _readers(ctx, cases)
    _insert_missing(ctx, [row for row in cases.values() if row.id not in moments])
    documents, notes = [], []
    for row in cases.values():
        tokens, when = said[row.id], moments.get(row.id, row.updated_at)
        documents.append(
            {
                "of_case": row.id,
                "tokens": [*tokens.public, *signs(when, row.organization_id)],
                "readers": readers[row.id],
                "is_shared": row.visibility == "shared",
            }
        )
        if row.id in noted:
            notes.append({"of_case": row.id, "tokens": [*tokens.notes, *signs(when)]})
        elif words := list(tokens.notes):
            add_notes(ctx, row.id, row, words, when)
    connection = ctx.session.connection()
    if documents:
        connection.execute(_DOCUMENT, documents)
    if notes:
        connection.execute(_NOTES, notes)
    return Batch(len(cases), max(case_ids, default=None), sorted(set(case_ids) - set(free)))


def collect(ctx: Context, openings: Mapping[Id, Sequence[str]]) -> Mapping[Id, Said]:
    """What was said about cases: the texts in *openings*, then the messages that the actor's database sees, the newest
    first, as much as a document holds."""
    found = {case_id: Said() for case_id in openings}
    for case_id, texts in openings.items():
        for text in texts:
            found[case_id].public.add(text)
    rows = (
        select(Message.case_id, Message.kind, Message.body, Message.check)
        .where(Message.case_id.in_(openings))
        .order_by(Message.case_id, Message.position.desc())
        .execution_options(yield_per=_AT_A_TIME)
    )
    for case_id, kind, body, check in ctx.session.execute(rows):
        said = found[case_id].notes if kind == "note" else found[case_id].public
        said.add(body)
        said.add(check)
    return found


def add_notes(ctx: Context, case_id: Id, place: Any, tokens: Sequence[str], when: dt.datetime) -> None:
    """Add *tokens* to those of the notes of a case; *place* carries the tenant columns."""
    marks = signs(when)
    row = insert(SearchNotes).values(
        case_id=case_id,
        provider_id=place.provider_id,
        organization_id=place.organization_id,
        account_id=place.account_id,
        words=vector([*tokens, *marks]),
    )
    stored = enlarged(SearchNotes.words, tokens, marks)
    ctx.session.execute(row.on_conflict_do_update(index_elements=["case_id"], set_={"words": stored}))


def _lock(ctx: Context, case_ids: Sequence[Id]) -> tuple[list[Id], Mapping[Id, dt.datetime], set[Id]]:
    """Those of *case_ids* whose documents nobody else is writing; when each document was updated; which have notes."""
    place, notes = SearchDocument.case_id, SearchNotes.case_id
    documents = select(place, SearchDocument.updated_at).where(place.in_(case_ids)).order_by(place)
    locked = {row.case_id: row.updated_at for row in ctx.session.execute(documents.with_for_update(skip_locked=True))}
    there = set(ctx.session.scalars(select(place).where(place.in_(case_ids))))
    rows = select(notes).where(notes.in_(case_ids)).order_by(notes)
    noted = set(ctx.session.scalars(rows.with_for_update(skip_locked=True)))
    busy = (there - locked.keys()) | (set(ctx.session.scalars(rows)) - noted)
    return [id for id in case_ids if id not in busy], locked, noted


_COLUMNS = (
    *(Case.id, Case.provider_id, Case.organization_id, Case.account_id, Case.subject, Case.description),
    *(Case.visibility, Case.reported_by_id, Case.contact_user_id, Case.updated_at),
)


def _readers(ctx: Context, cases: Mapping[Id, Any]) -> Mapping[Id, list[Id]]:
    """Who may find each case beside those whom access rows admit: persons, and further organizations."""
    found = defaultdict(set, {row.id: {row.reported_by_id, row.contact_user_id} for row in cases.values()})
    opened_to = func.coalesce(CaseGrant.user_id, CaseGrant.to_organization_id)
    for case_id, granted in ctx.session.execute(
        select(CaseGrant.case_id, opened_to).where(CaseGrant.case_id.in_(cases))
    ):
        found[case_id].add(granted)
    return {case_id: sorted(people) for case_id, people in found.items()}


def _insert_missing(ctx: Context, rows: Iterable[Any]) -> None:
    """Empty documents for cases that have none."""
    missing = [
        {
            "case_id": row.id,
            "provider_id": row.provider_id,
            "organization_id": row.organization_id,
            "account_id": row.account_id,
            "shared": row.visibility == "shared",
            "people": [],
            "public_words": "",
            "updated_at": row.updated_at,
        }
        for row in rows
    ]
    if missing:
        ctx.session.connection().execute(insert(table_of(SearchDocument)).on_conflict_do_nothing(), missing)


def _rewriting() -> tuple[Any, Any]:
    """The statements that write documents and notes, for many rows each; rows that are right are left alone."""
    documents, notes = table_of(SearchDocument).c, table_of(SearchNotes).c
    of_case = bindparam("of_case", type_=Uuid())
    words = func.array_to_tsvector(bindparam("tokens", type_=ARRAY(Text())), type_=TSVECTOR)
    people, shared = bindparam("readers", type_=ARRAY(Uuid())), bindparam("is_shared", type_=Boolean())
    wrong = or_(
        documents.stale,
        documents.public_words.is_distinct_from(words),
        documents.people.is_distinct_from(people),
        documents.shared != shared,
    )
    return (
        update(table_of(SearchDocument))
        .where(documents.case_id == of_case, wrong)
        .values(public_words=words, people=people, shared=shared, stale=false()),
        update(table_of(SearchNotes))
        .where(notes.case_id == of_case, notes.words.is_distinct_from(words))
        .values(words=words),
    )


_DOCUMENT, _NOTES = _rewriting()
