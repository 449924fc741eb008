"""What becomes of cases when somebody leaves: questions that nobody can answer, cases whose owner is gone."""

from sqlalchemy import or_, select

from portal.cases.actions import desk
from portal.cases.actions.transitions import touch
from portal.cases.models import Case
from portal.cases.queries.people import customer_readers
from portal.cases.states import ENDED, State
from portal.kernel.context import Context
from portal.kernel.events import Event, record
from portal.kernel.ids import parse_id
from portal.kernel.system_context import as_system


def resume_unanswerable(ctx: Context, event: Event) -> None:
    """React to `contact.ended`, and to `organization.changed` where it was archived: cases that wait for an answer
    which nobody can give any more are worked on again, so that no clock stands still for ever."""
    user_id = parse_id(event.facts.get("user"))
    archived = event.facts.get("changed", {}).get("active") == [True, False]
    if user_id is None and not archived:
        return
    with as_system(ctx) as inner:
        waiting = select(Case).where(
            Case.provider_id == ctx.provider_id,
            Case.organization_id == (event.organization_id or event.subject_id),
            Case.state == State.WAITING.value,
        )
        if user_id is not None:
            waiting = waiting.where(or_(Case.contact_user_id == user_id, Case.reported_by_id == user_id))
        for case in inner.session.scalars(waiting.order_by(Case.id).with_for_update()).all():
            if not customer_readers(inner, case):
                desk.start(inner, case, nobody_answers=True)


def release_cases(ctx: Context, event: Event) -> None:
    """React to `staff.ended` and `staff.changed`: unresolved cases that their owner may not answer any more go to
    whom the event names (fact hand_to) or, where that is nobody or somebody who may not own the case, to nobody.
    Records `case.assigned` for each."""
    if event.subject_id is None:
        return
    hand_to = parse_id(event.facts.get("hand_to"))
    owned = select(Case).where(
        Case.provider_id == ctx.provider_id, Case.owner_id == event.subject_id, Case.state.not_in(ENDED)
    )
    for case in ctx.session.scalars(owned.order_by(Case.id).with_for_update()).all():
        able = desk.assignable_staff(ctx, case)
        if event.subject_id in able:
            continue
        case.owner_id = hand_to if hand_to in able else None
        touch(ctx, case, public=False)
        owner = [str(event.subject_id), str(case.owner_id or "")]
        record(ctx, "case.assigned", case, case=case, owner=owner)
