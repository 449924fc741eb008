"""What becomes of cases when somebody leaves: questions that nobody can answer, cases whose owner is gone."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, delete, or_, select
from sqlalchemy.orm import joinedload

from portal.cases.actions import desk
from portal.cases.actions.opening import OpeningLocation, contact_has_access
from portal.cases.actions.transitions import touch
from portal.cases.models import Case, CaseGrant, CaseSubscription
from portal.cases.queries.people import customer_readers
from portal.cases.queries.staff import assignable_staff
from portal.cases.queries.status_filter import UNRESOLVED_CASE, state_condition
from portal.cases.states import State
from portal.kernel import ids
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.events import Event, record
from portal.kernel.system_context import as_system
from portal.tenants.models import Contact, Organization


def remove_leaver(ctx: Context, event: Event) -> None:
    """React to `contact.ended`: remove the person's grants and subscriptions on cases of the organization. Cases that
    wait for an answer which nobody can give any more are worked on again."""
    user_id = ids.parse_id(event.facts["user"])
    own = (CaseGrant.organization_id == event.organization_id, CaseGrant.user_id == user_id)
    shown = ctx.session.scalars(delete(CaseGrant).where(*own).returning(CaseGrant.case_id)).all()
    follows = (CaseSubscription.organization_id == event.organization_id, CaseSubscription.user_id == user_id)
    ctx.session.execute(delete(CaseSubscription).where(*follows))
    theirs = or_(Case.contact_user_id == user_id, Case.reported_by_id == user_id, Case.id.in_(shown))
    _resume_unanswerable(ctx, Case.organization_id == event.organization_id, theirs)


def announce_leaver(ctx: Context, event: Event) -> None:
    """React to `contact.ended` and `contact.changed`: unresolved cases whose contact lost the access to their place.
    Records `case.contact_left` for each (facts: name, ended), and `contact.cases_left` (fact: name) where nobody was
    asked who takes them over."""
    announce_leavers(ctx, [event])


def announce_leavers(ctx: Context, events: Sequence[Event]) -> None:
    """React to many `contact.ended` or `contact.changed` as `announce_leaver` does to one."""
    by_contact = {event.subject_id: event for event in events if _ends(event) or event.facts.get("lost")}
    if not by_contact:
        return
    with as_system(ctx) as inner:
        theirs = select(Case).where(
            Case.provider_id == ctx.provider_id, Case.contact_id.in_(by_contact), UNRESOLVED_CASE
        )
        rows = inner.session.scalars(theirs.options(joinedload(Case.contact_user)).order_by(Case.id)).all()
        cases = [(case, by_contact[case.contact_id]) for case in rows]
        left = [(case, event) for case, event in cases if _ends(event) or _has_lost(inner, case, event)]
        unasked = {case.contact_id: case for case, event in left if event.facts.get("asked") is False}
        leavers = [(inner.session.get_one(Contact, contact_id), unasked[contact_id]) for contact_id in unasked]
    for case, event in left:
        record(ctx, "case.contact_left", case, case=case, name=case.contact_user.name, ended=_ends(event))
    for contact, case in leavers:
        record(ctx, "contact.cases_left", contact, name=case.contact_user.name)


def _ends(event: Event) -> bool:
    return event.name == "contact.ended"


def _has_lost(inner: Context, case: Case, event: Event) -> bool:
    """Whether one of the places that the contact of *case* lost by *event*, pairs of account and environment, included
    the case, and nothing that they have still does."""
    account, environment = str(case.account_id), str(case.environment_id or "")
    # A case without an environment is included by access to any environment of its account.
    lost = any(a == account and (not e or not environment or e == environment) for a, e in event.facts["lost"])
    place = OpeningLocation(case.organization_id, case.account_id, case.environment_id)
    return lost and not contact_has_access(inner, inner.session.get_one(Contact, case.contact_id), place)


def announce_archived(ctx: Context, event: Event) -> None:
    """React to `organization.changed`: nobody of an archived organization reads its unresolved cases any more. Records
    `case.contact_left` for each (facts: name, ended, archived: the organization's name)."""
    if event.facts.get("changed", {}).get("active") != [True, False]:
        return
    with as_system(ctx) as inner:
        organization = inner.session.get_one(Organization, event.subject_id)
        open_ones = select(Case).where(
            Case.provider_id == ctx.provider_id, Case.organization_id == organization.id, UNRESOLVED_CASE
        )
        left = inner.session.scalars(open_ones.options(joinedload(Case.contact_user)).order_by(Case.id)).all()
    for case in left:
        name = case.contact_user.name
        record(ctx, "case.contact_left", case, case=case, name=name, ended=True, archived=organization.name)


def resume_archived(ctx: Context, event: Event) -> None:
    """React to `organization.changed`: cases of an archived organization wait no more, so that no clock stands still
    for ever."""
    if event.facts.get("changed", {}).get("active") == [True, False]:
        _resume_unanswerable(ctx, Case.organization_id == event.subject_id)


def resume_unreadable(ctx: Context, event: Event) -> None:
    """React to `case.person_removed`, which names the grant that goes, and `case.excluded`: a case waits no more for an
    answer that nobody is left to give."""
    _resume_unanswerable(ctx, Case.id == event.case_id, leaving=ids.parse_id(event.facts.get("grant")))


def _resume_unanswerable(ctx: Context, *which: ColumnElement[bool], leaving: Id | None = None) -> None:
    """Work on those cases of *which* that wait for the customer and that nobody of the customer can read any more, not
    counting the grant *leaving*; records `case.started` (fact: nobody_answers)."""
    with as_system(ctx) as inner:
        waiting = select(Case).where(Case.provider_id == ctx.provider_id, state_condition(State.WAITING), *which)
        for case in inner.session.scalars(waiting.order_by(Case.id).with_for_update()).all():
            inner.session.expire(case, ["grants"])
            if not customer_readers(inner, case, leaving=leaving):
                desk.start(inner, case, nobody_answers=True)


def release_cases(ctx: Context, event: Event) -> None:
    """React to `staff.ended` and `staff.changed`: unresolved cases that their owner may not answer any more go to
    whom the event names (fact hand_to) or, where that is nobody or somebody who may not own the case, to nobody.
    Records `case.assigned` for each."""
    if event.subject_id is None:
        return
    hand_to = ids.parse_id(event.facts.get("hand_to"))
    owned = select(Case).where(Case.provider_id == ctx.provider_id, Case.owner_id == event.subject_id, UNRESOLVED_CASE)
    owned = owned.order_by(Case.id).with_for_update().execution_options(populate_existing=True)
    for case in ctx.session.scalars(owned).all():
        _release(ctx, case, hand_to)


def release_from_absent_owner(ctx: Context, event: Event) -> None:
    """React to what brings a case back, and to `case.excluded`: an owner who may not answer the case (any more) owns it
    no longer. Records `case.assigned`."""
    if event.name == "case.replied" and not event.facts.get("reopened"):
        return  # the owner of an open case was released when they left
    case = ctx.session.get(Case, event.case_id)
    if case is not None and case.owner_id is not None and case.unresolved:
        with as_system(ctx) as inner:
            _release(inner, case, None)


def _release(ctx: Context, case: Case, hand_to: Id | None) -> None:
    """Give *case* to *hand_to*, or to nobody, if its owner may not answer it."""
    able = assignable_staff(ctx, case)
    if case.owner_id not in able:
        touch(ctx, case, public=False)
        desk.change_owner(ctx, case, hand_to if hand_to in able else None)
