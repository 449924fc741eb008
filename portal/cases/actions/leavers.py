"""What becomes of cases when somebody leaves: questions that nobody can answer, cases whose owner is gone."""

from sqlalchemy import ColumnElement, delete, or_, select
from sqlalchemy.orm import joinedload

from portal.cases.actions import desk
from portal.cases.actions.opening import OpeningLocation, contact_has_access
from portal.cases.actions.transitions import touch
from portal.cases.models import Case, CaseGrant, CaseSubscription
from portal.cases.queries.people import customer_readers
from portal.cases.queries.status_filter import UNRESOLVED_CASE, state_condition
from portal.cases.states import State
from portal.kernel import ids
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.events import Event, record
from portal.kernel.system_context import as_system
from portal.tenants.models import Contact


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
    Records `case.contact_left` for each (facts: name, ended)."""
    ended = event.name == "contact.ended"
    lost = {(account, environment) for account, environment in event.facts.get("lost", ())}
    if not ended and not lost:
        return
    with as_system(ctx) as inner:
        contact = inner.session.get_one(Contact, event.subject_id)
        theirs = select(Case).where(Case.provider_id == ctx.provider_id, Case.contact_id == contact.id, UNRESOLVED_CASE)
        cases = inner.session.scalars(theirs.options(joinedload(Case.contact_user)).order_by(Case.id)).all()
        left = [case for case in cases if ended or _has_lost(inner, contact, case, lost)]
    for case in left:
        record(ctx, "case.contact_left", case, case=case, name=case.contact_user.name, ended=ended)


def _has_lost(inner: Context, contact: Contact, case: Case, lost: set[tuple[str, str]]) -> bool:
    """Whether one of the *lost* pairs of account and environment included *case*, and nothing that *contact* has still
    does."""
    account, environment = str(case.account_id), str(case.environment_id or "")
    # A case without an environment is included by access to any environment of its account.
    was_included = any(a == account and (not e or not environment or e == environment) for a, e in lost)
    place = OpeningLocation(case.organization_id, case.account_id, case.environment_id)
    return was_included and not contact_has_access(inner, contact, place)


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
    for case in ctx.session.scalars(owned.order_by(Case.id).with_for_update()).all():
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
    able = desk.assignable_staff(ctx, case)
    if case.owner_id not in able:
        touch(ctx, case, public=False)
        desk.change_owner(ctx, case, hand_to if hand_to in able else None)
