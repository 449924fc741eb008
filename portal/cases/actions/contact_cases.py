"""Another contact for the open cases of somebody who moves or leaves."""

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from portal.authz.scopes import scope
from portal.cases.actions.opening import OpeningLocation, contact_has_access
from portal.cases.actions.transitions import touch
from portal.cases.models import Case, CaseExclusion
from portal.cases.queries.contact_cases import (
    find_let_in,
    find_open_cases,
    may_hand_over,
    open_cases_of,
    visible_open_cases,
)
from portal.cases.queries.people import unread_without
from portal.kernel.context import Context
from portal.kernel.errors import Refused
from portal.kernel.events import record
from portal.tenants.models import Contact
from portal.tenants.queries.open_cases import HandedOver, HandOver

# How many cases a refusal names.
NAMED_CASES = 5


def hand_over_cases(ctx: Context, contact: Contact, chosen: HandOver, ends: bool = False) -> HandedOver:
    """Make the chosen person, if there is one, the contact of the chosen cases (`_hand_over`). *ends*: the access of
    *contact* is about to end. Raises Refused where that leaves a case which nobody else of the customer can read and
    answer, and which somebody could take over."""
    handed_over = HandedOver() if chosen.to_contact_id is None else _hand_over(ctx, contact, chosen)
    if ends:
        left = [row.key for row in find_open_cases(ctx, contact, ends=True).must_be_taken]
        if left:
            raise Refused(
                _(
                    "Nobody else can read and answer %(cases)s. Choose who takes over; what goes to different people, "
                    "hand over on the person's page first",
                    cases=", ".join(left[:NAMED_CASES]) + (" …" if len(left) > NAMED_CASES else ""),
                ),
                "cases" if chosen.to_contact_id else "hand_to",
            )
    return handed_over


def _hand_over(ctx: Context, contact: Contact, chosen: HandOver) -> HandedOver:
    """Make the chosen person the contact of the chosen cases. Records `case.edited` for each, of which the new contact
    is told.

    Passed over are cases that the actor may not see or hand over, and cases with another contact who reads them.
    Raises Refused (hand_to) for somebody who is no other contact of the organization or may not be the contact of one
    of the cases, and (cases) where none was chosen.
    """
    successor = ctx.session.scalars(
        scope(ctx.actor, Contact)
        .where(
            Contact.id == chosen.to_contact_id,
            Contact.organization_id == contact.organization_id,
            Contact.active,
            Contact.id != contact.id,
        )
        .options(joinedload(Contact.user, innerjoin=True))
    ).one_or_none()
    if successor is None:
        raise Refused(_("Choose one of the people shown"), "hand_to")
    theirs = open_cases_of(contact, find_let_in(ctx, contact, ends=True))
    rows = visible_open_cases(ctx, theirs).where(Case.id.in_(chosen.case_ids)).with_for_update(of=Case)
    rows = rows.execution_options(populate_existing=True)
    cases = [case for case in ctx.session.scalars(rows) if may_hand_over(ctx, case)]
    unread = unread_without(ctx, cases, contact.user_id) if cases else set()
    cases = [case for case in cases if case.contact_user_id == contact.user_id or case.id in unread]
    if not cases:
        raise Refused(_("Choose the cases that somebody else takes over"), "cases")
    if unable := [case.key for case in cases if not may_be_contact(ctx, successor, case)]:
        raise Refused(
            _(
                "%(name)s cannot become the contact of %(cases)s. Leave them out, or choose somebody else",
                name=successor.user.name,
                cases=", ".join(unable),
            ),
            "hand_to",
        )
    for case in cases:
        changed = {"contact_id": [str(case.contact_id), str(successor.id)]}
        names = [case.contact_user.name, successor.user.name]
        case.contact_id, case.contact_user_id = successor.id, successor.user_id
        touch(ctx, case)
        record(ctx, "case.edited", case, case=case, changed=changed, contact_names=names)
    return HandedOver([case.id for case in cases], successor.user.name)


def may_be_contact(ctx: Context, contact: Contact, case: Case) -> bool:
    """Whether *contact* has access to the place of *case* and is not excluded from it."""
    excluded = select(CaseExclusion.id).where(
        CaseExclusion.case_id == case.id, CaseExclusion.user_id == contact.user_id
    )
    place = OpeningLocation(case.organization_id, case.account_id, case.environment_id)
    return contact_has_access(ctx, contact, place) and ctx.session.scalar(excluded) is None
