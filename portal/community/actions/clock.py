"""By when a topic should have an official answer, and what happens when there is none."""

import datetime as dt
from contextlib import AbstractContextManager

from portal.authz.scopes import scope
from portal.community.models import CommunitySpace, CommunityTopic
from portal.community.rules import waits_for_answer
from portal.kernel import outbox
from portal.kernel.context import Context
from portal.kernel.events import record, wake_after_commit
from portal.kernel.system_context import as_system
from portal.sla.models import SlaCalendar
from portal.sla.queries.calendars import calendar, calendar_of

# The kind of due work that marks topics which waited too long.
DUE = "community_topic"


def reading_calendars(ctx: Context) -> AbstractContextManager[Context]:
    """A context in which every calendar and every topic can be read: a customer sees only the calendars of their
    accounts."""
    return as_system(ctx)


def due_moment(ctx: Context, space: CommunitySpace, since: dt.datetime) -> dt.datetime | None:
    """When a topic that customers could read since *since* waits too long; None where the space promises nothing."""
    if not space.due_hours:
        return None
    hours = dt.timedelta(hours=space.due_hours)
    if space.calendar_id is None:
        return since + hours
    row: SlaCalendar = calendar(ctx, space.calendar_id)
    return calendar_of(row).add(since, hours)


def plan(ctx: Context, topic: CommunityTopic, space: CommunitySpace, *, again: bool = False) -> None:
    """Start, keep or end the time of *topic*; with *again* it is worked out anew. The system acts. Watchers who were
    told that it waits too long are not told a second time."""
    if not waits_for_answer(topic) or not space.due_hours:
        topic.due_at = topic.overdue_at = None
        outbox.unschedule(ctx.session, ctx.provider_id, DUE, topic.id)
        return
    if topic.due_at is None or again:
        topic.due_at = due_moment(ctx, space, topic.shown_at or topic.created_at)
    if topic.due_at is not None and topic.overdue_at is None:
        outbox.schedule(ctx.session, ctx.provider_id, DUE, topic.id, topic.due_at)
        if topic.due_at <= ctx.now:
            wake_after_commit(ctx)


def mark_overdue(ctx: Context, topic: CommunityTopic) -> None:
    """Due work: mark *topic* as waiting too long and tell the watchers of its space, once; records
    `community.unanswered`. The system acts."""
    is_due = topic.due_at is not None and topic.due_at <= ctx.now
    if not waits_for_answer(topic) or topic.overdue_at is not None or not is_due:
        return
    space = ctx.session.scalars(scope(ctx.actor, CommunitySpace).where(CommunitySpace.id == topic.space_id)).one()
    if not space.active:
        return
    topic.overdue_at = ctx.now
    ctx.session.flush()
    record(ctx, "community.unanswered", topic)
