"""What people of an organization can see: their actors, and the cases that a reader may be told of."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import joinedload, selectinload

from portal.authz.scopes import scope
from portal.cases.audience import admitting_rules
from portal.cases.models import Case, CaseExclusion
from portal.cases.queries.people import facts_of
from portal.identity.models import User
from portal.kernel.actor import Actor, Id
from portal.kernel.context import Context
from portal.kernel.paging import Page, fetch_page_of
from portal.kernel.system_context import as_system
from portal.tenants.models import Contact
from portal.tenants.queries import actors

# Cases on one page of what a person sees.
CASES_SHOWN = 25


@dataclass(frozen=True, slots=True)
class SeenCase:
    """A case and the rules by which the person sees it, the strongest first."""

    case: Case
    rules: tuple[str, ...]


def actors_of_contacts(ctx: Context, contacts: Sequence[Contact]) -> dict[Id, Actor]:
    """The portal actors of *contacts* (visible to the caller), by user id. Two statements for any number.

    Reads as the system, because their places elsewhere are part of an actor; show only what concerns an organization
    of the reader.
    """
    with as_system(ctx) as inner:
        people = inner.session.execute(
            scope(inner.actor, User)
            .where(User.id.in_([contact.user_id for contact in contacts]))
            .with_only_columns(User.id, User.name)
        ).all()
        return actors.contact_actors(inner, people)


def cases_seen_by(ctx: Context, person: Actor, organization_id: Id, number: int) -> Page[SeenCase]:
    """The cases of the organization that *person* and the reader both see, the newest update first: nothing tells of a
    case that the reader does not see, no number and no gap. Four statements."""
    theirs = scope(person, Case).with_only_columns(Case.id)
    rows = (
        scope(ctx.actor, Case)
        .where(Case.organization_id == organization_id, Case.id.in_(theirs))
        .options(joinedload(Case.account, innerjoin=True), selectinload(Case.grants))
        .order_by(Case.updated_at.desc(), Case.id.desc())
    )
    found = fetch_page_of(ctx.session, rows, number, CASES_SHOWN)
    excluded: dict[Id, set[Id]] = {}
    exclusions = (
        scope(ctx.actor, CaseExclusion)
        .where(CaseExclusion.case_id.in_([case.id for case in found.rows]))
        .with_only_columns(CaseExclusion.case_id, CaseExclusion.user_id)
    )
    for case_id, user_id in ctx.session.execute(exclusions) if found.rows else ():
        excluded.setdefault(case_id, set()).add(user_id)
    seen = [
        SeenCase(case, tuple(admitting_rules(person, facts_of(case, case.grants, excluded.get(case.id, ())))))
        for case in found.rows
    ]
    return Page([one for one in seen if one.rules], found.number, found.size, found.has_next)
