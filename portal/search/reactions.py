"""Keeping the search documents true, in the transaction that changes a case: what was opened can be found at once."""

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import Text, func, select, update
from sqlalchemy.dialects.postgresql import array, insert

from portal.cases.models import Case, CaseGrant, Message
from portal.kernel.context import Context
from portal.kernel.events import Event
from portal.kernel.text import fold
from portal.search.models import SearchDocument, SearchNotes

# A tsvector may not exceed 1 MB: of one text this many characters are indexed, and a document stops growing here.
INDEXED = 20_000
LARGEST = 30_000


def _vector(text: str, limit: int = INDEXED) -> Any:
    return func.to_tsvector("simple", fold(text)[:limit])


def _signs(when: dt.datetime, organization_id: uuid.UUID | None = None) -> Any:
    """What stands beside the words and nobody can type: the week, and whose it is (see the migration "speed")."""
    signs = [f"~{when.astimezone(dt.UTC).strftime('%G%V')}"]
    if organization_id is not None:
        signs.append(f"@{organization_id}")
    return func.array_to_tsvector(array(signs, type_=Text()))


def _people(case: Case) -> list[uuid.UUID]:
    """Who may find the case beside those whom access rows admit: persons, and further organizations, by their ids."""
    own = {case.reported_by_id, case.contact_user_id}
    opened = {grant.user_id or grant.to_organization_id for grant in case.grants}
    return sorted(own | {granted for granted in opened if granted})


def index_opened(ctx: Context, event: Event) -> None:
    """A new case becomes findable by its subject and description."""
    case = ctx.session.get(Case, event.case_id)
    assert case is not None
    ctx.session.execute(
        insert(SearchDocument).values(
            case_id=case.id,
            provider_id=case.provider_id,
            organization_id=case.organization_id,
            account_id=case.account_id,
            shared=case.visibility == "shared",
            people=_people(case),
            public_words=_vector(f"{case.subject}\n{case.description}").op("||")(_signs(ctx.now, case.organization_id)),
            updated_at=ctx.now,
        )
    )


def index_words(ctx: Context, event: Event) -> None:
    """The words of a new message are added: those of a note to the internal side only."""
    if "message" not in event.facts:
        return
    message = ctx.session.get(Message, uuid.UUID(event.facts["message"]))
    if message is None:
        return
    said = _vector(f"{message.body}\n{message.check}")
    if message.kind == "note":
        _store_notes(ctx, message, said, add=True)
        return
    words = SearchDocument.public_words
    ctx.session.execute(
        update(SearchDocument)
        .where(SearchDocument.case_id == event.case_id, func.length(words) < LARGEST)
        .values({words: words.op("||")(said).op("||")(_signs(ctx.now)), SearchDocument.updated_at: ctx.now})
        .execution_options(synchronize_session=False)
    )


def _store_notes(ctx: Context, place: Any, words: Any, *, add: bool) -> None:
    """Add *words* to what the notes of a case said, or put them in its place; *place* carries the tenant columns."""
    row = insert(SearchNotes).values(
        case_id=getattr(place, "case_id", place.id),
        provider_id=place.provider_id,
        organization_id=place.organization_id,
        account_id=place.account_id,
        words=words.op("||")(_signs(ctx.now)),
    )
    stored = SearchNotes.words.op("||")(row.excluded.words) if add else row.excluded.words
    full = func.length(SearchNotes.words) < LARGEST if add else None
    ctx.session.execute(row.on_conflict_do_update(index_elements=["case_id"], set_={"words": stored}, where=full))


def index_people(ctx: Context, event: Event) -> None:
    """Who may find the case follows who was let in, kept out, or whether it is shared."""
    case = ctx.session.get(Case, event.case_id)
    assert case is not None
    opened_to = func.coalesce(CaseGrant.user_id, CaseGrant.to_organization_id)
    people = {case.reported_by_id, case.contact_user_id} | set(
        ctx.session.scalars(select(opened_to).where(CaseGrant.case_id == case.id))
    )
    ctx.session.execute(
        update(SearchDocument)
        .where(SearchDocument.case_id == case.id)
        .values(people=sorted(people), shared=case.visibility == "shared")
        .execution_options(synchronize_session=False)
    )


def index_again(ctx: Context, event: Event) -> None:
    """Edited words replace the old ones: the whole document is made anew (that of the notes only by who sees notes)."""
    case = ctx.session.get(Case, event.case_id)
    assert case is not None
    spoken: dict[bool, list[str]] = {True: [], False: [case.subject, case.description]}
    for kind, body, check in ctx.session.execute(
        select(Message.kind, Message.body, Message.check)
        .where(Message.case_id == case.id)
        .order_by(Message.position.desc())
        .limit(500)
    ):
        spoken[kind == "note"] += [body, check]
    ctx.session.execute(
        update(SearchDocument)
        .where(SearchDocument.case_id == case.id)
        .values(
            public_words=_vector("\n".join(spoken[False]), 200_000).op("||")(_signs(ctx.now, case.organization_id)),
            people=_people(case),
            updated_at=ctx.now,
        )
        .execution_options(synchronize_session=False)
    )
    if spoken[True]:
        _store_notes(ctx, case, _vector("\n".join(spoken[True]), 200_000), add=False)
