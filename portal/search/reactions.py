"""Reactions that update search documents in the transaction that changes a case, so that a new case is found at
once."""

import uuid

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert

from portal.cases.models import Case, CaseGrant, CaseLocation, Message
from portal.cases.queries.interface import answer_texts
from portal.kernel.context import Context
from portal.kernel.events import Event
from portal.kernel.ids import parse_id
from portal.kernel.system_context import as_system
from portal.kernel.tokenizer import document_tokens
from portal.search.actions import add_notes, collect, enlarged, signs, vector
from portal.search.models import SearchDocument, SearchNotes


def _people(case: Case) -> list[uuid.UUID]:
    """Who may find the case beside those whom access rows admit: persons, and further organizations, by their ids."""
    own = {case.reported_by_id, case.contact_user_id}
    opened = {grant.user_id or grant.to_organization_id for grant in case.grants}
    return sorted(own | {granted for granted in opened if granted})


def index_opened(ctx: Context, event: Event) -> None:
    """Add the document of a new case, with its subject and description."""
    case = ctx.session.get(Case, event.case_id)
    assert case is not None
    tokens = document_tokens(case.subject, case.description, *answer_texts(case.answers))
    ctx.session.execute(
        insert(SearchDocument).values(
            **CaseLocation.of(case).columns(),
            shared=case.visibility == "shared",
            people=_people(case),
            public_words=vector([*tokens, *signs(ctx.now, case.organization_id)]),
            updated_at=ctx.now,
        )
    )


def index_words(ctx: Context, event: Event) -> None:
    """Add the words of a new message; those of a note only to the notes."""
    if "message" not in event.facts:
        return
    message = ctx.session.get(Message, uuid.UUID(event.facts["message"]))
    if message is None:
        return
    tokens = document_tokens(message.body, message.check)
    if message.kind == "note":
        add_notes(ctx, message.case_id, message, tokens, ctx.now)
        return
    words = SearchDocument.public_words
    ctx.session.execute(
        update(SearchDocument)
        .where(SearchDocument.case_id == event.case_id)
        .values({words: enlarged(words, tokens, signs(ctx.now)), SearchDocument.updated_at: ctx.now})
        .execution_options(synchronize_session=False)
    )


def index_people(ctx: Context, event: Event) -> None:
    """Update who may find the case after a change of people, exclusions or sharing. A grant that the event names is
    about to be deleted and does not count."""
    case = ctx.session.get(Case, event.case_id)
    assert case is not None
    opened_to = func.coalesce(CaseGrant.user_id, CaseGrant.to_organization_id)
    grants = select(opened_to).where(CaseGrant.case_id == case.id)
    if (leaving := parse_id(event.facts.get("grant"))) is not None:
        grants = grants.where(CaseGrant.id != leaving)
    people = {case.reported_by_id, case.contact_user_id} | set(ctx.session.scalars(grants))
    ctx.session.execute(
        update(SearchDocument)
        .where(SearchDocument.case_id == case.id)
        .values(people=sorted(people), shared=case.visibility == "shared")
        .execution_options(synchronize_session=False)
    )


def index_again(ctx: Context, event: Event) -> None:
    """Rebuild the whole document after an edit (the document of notes only if the actor sees notes)."""
    case = ctx.session.get(Case, event.case_id)
    assert case is not None
    said = collect(ctx, {case.id: [case.subject, case.description, *answer_texts(case.answers)]})[case.id]
    ctx.session.execute(
        update(SearchDocument)
        .where(SearchDocument.case_id == case.id)
        .values(
            public_words=vector([*said.public, *signs(ctx.now, case.organization_id)]),
            people=_people(case),
            updated_at=ctx.now,
        )
        .execution_options(synchronize_session=False)
    )
    if any(said.notes):
        ctx.session.execute(
            update(SearchNotes)
            .where(SearchNotes.case_id == case.id)
            .values(words=vector([*said.notes, *signs(ctx.now)]))
            .execution_options(synchronize_session=False)
        )


def index_split(ctx: Context, event: Event) -> None:
    """React to `case.split` and `case.split_off`: both cases are found by the messages that they have now, and by
    nothing else."""
    case = ctx.session.get(Case, event.case_id)
    assert case is not None
    with as_system(ctx) as inner:
        index_again(inner, event)
        notes = collect(inner, {case.id: []})[case.id].notes
        signed = [*notes, *signs(ctx.now)] if any(notes) else []
        inner.session.execute(
            update(SearchNotes)
            .where(SearchNotes.case_id == case.id)
            .values(words=vector(signed))
            .execution_options(synchronize_session=False)
        )
        if signed:
            add_notes(inner, case.id, case, list(notes), ctx.now)


def index_claimant(ctx: Context, event: Event) -> None:
    """React to `person.claim_accepted`, after the cases were moved: the holder finds what the claimant would."""
    claimant_id, holder_id = parse_id(event.facts["claimant"]), event.subject_id
    granted = select(CaseGrant.case_id).where(CaseGrant.user_id == holder_id)
    cases = select(Case.id).where((Case.contact_user_id == holder_id) | Case.id.in_(granted))
    people = SearchDocument.people
    with as_system(ctx) as inner:
        inner.session.execute(
            update(SearchDocument)
            .where(SearchDocument.case_id.in_(cases), people.any_() == claimant_id)
            .values({people: func.array_replace(people, claimant_id, holder_id)})
            .execution_options(synchronize_session=False)
        )
