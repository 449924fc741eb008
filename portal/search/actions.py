"""Writes on search documents: the tokens of a case's texts, and who may find it.

A document is a tsvector of the unchanged tokens of `kernel.tokenizer`; PostgreSQL's parser is not used. It has no
positions, because results are ordered by their last update. It also holds signs that nobody can type (see the migration
"speed"): `~202648` for a week with a message, `@…` for the organization.
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
from portal.cases.queries.interface import answer_texts
from portal.kernel import outbox
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.database import table_of
from portal.kernel.tokenizer import DOCUMENT_BYTES, Tokens, token_bytes
from portal.search.models import SearchDocument, SearchNotes

BATCH = 100
# The kind of due work that rebuilds what a migration marked; its id is the provider's.
REBUILD = "search_rebuild"
# The delay before locked documents are tried again.
_PAUSE = dt.timedelta(seconds=5)
# Number of messages that are kept in memory at a time.
_AT_A_TIME = 500


@dataclass(slots=True)
class Batch:
    """The result of a step of rebuilding: the number of cases, the last of them, and those that were locked."""

    done: int = 0
    last: Id | None = None
    busy: list[Id] = field(default_factory=list)


@dataclass(slots=True)
class Said:
    """The tokens of a case: of public texts, and of notes."""

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
    """The tsvector *words* with *tokens* and signs added. A full document gets only the signs, because PostgreSQL
    refuses a tsvector of more than a megabyte, and the reply must not fail."""
    size = func.pg_column_size(words.op("||")(cast("", TSVECTOR)))
    fits = size + sum(map(token_bytes, tokens)) <= DOCUMENT_BYTES
    return case((fits, words.op("||")(vector([*tokens, *marks]))), else_=words.op("||")(vector(marks)))


# -- rebuilding -------------------------------------------------------------------------------------------------------


def rebuild_next(ctx: Context, after: Id | None = None, *, stale: bool = False, size: int = BATCH) -> Batch:
    """Rebuild the next *size* documents, in the order of case ids after *after*; with *stale* only those that a
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
    """Rebuild the next documents that a migration marked, and schedule the next step if there are more."""
    batch = rebuild_next(ctx, stale=True)
    if batch.done or batch.busy:
        later = ctx.now if batch.done else ctx.now + _PAUSE
        outbox.schedule(ctx.session, ctx.provider_id, REBUILD, ctx.provider_id, later)


def rebuild(ctx: Context, case_ids: Sequence[Id]) -> Batch:
    """Rebuild the documents of *case_ids* from their cases: words, notes, and who may find them.

    Documents that another transaction has locked are listed in `busy`. Texts are read after the documents are locked,
    so no message is lost: a message that arrives meanwhile is added by its own transaction. Documents that are right
    already are not written.
    """
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    if not case_ids:
        return Batch()
    free, moments, noted = _lock(ctx, case_ids)
    cases = {row.id: row for row in ctx.session.execute(select(*_COLUMNS).where(Case.id.in_(free)))}
    said = collect(ctx, {row.id: [row.subject, row.description, *answer_texts(row.answers)] for row in cases.values()})
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
    """The tokens of cases: of the texts in *openings*, then of the messages that the database shows the actor, the
    newest first, as many as a document holds."""
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
    """Lock the free documents of *case_ids*. Returns the cases that no other transaction holds, the update times of the
    locked documents, and the cases with notes."""
    place, notes = SearchDocument.case_id, SearchNotes.case_id
    documents = select(place, SearchDocument.updated_at).where(place.in_(case_ids)).order_by(place)
    locked = {row.case_id: row.updated_at for row in ctx.session.execute(documents.with_for_update(skip_locked=True))}
    there = set(ctx.session.scalars(select(place).where(place.in_(case_ids))))
    rows = select(notes).where(notes.in_(case_ids)).order_by(notes)
    noted = set(ctx.session.scalars(rows.with_for_update(skip_locked=True)))
    busy = (there - locked.keys()) | (set(ctx.session.scalars(rows)) - noted)
    return [id for id in case_ids if id not in busy], locked, noted


_COLUMNS = (
    *(Case.id, Case.provider_id, Case.organization_id, Case.account_id, Case.subject, Case.description, Case.answers),
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
