"""Events: immutable rows that record who did what. Timeline, audit, notifications, search and surveys read them."""

import datetime as dt
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel import ids, outbox, tenancy
from portal.kernel.context import Context
from portal.kernel.database import ProviderOwned, key_type

Reaction = Callable[[Context, "Event"], None]
ReactionToMany = Callable[[Context, Sequence["Event"]], None]

# Filled by wiring.py through `wire`, read by `record` and by the worker.
_reactions: dict[str, tuple[Reaction, ...]] = {}
_for_many: dict[Reaction, ReactionToMany] = {}
_consumers: dict[str, tuple[str, ...]] = {}
consumers_by_name: dict[str, Reaction] = {}


class Event(ProviderOwned):
    """Who did what (as whom, for whom), when, through which channel. Inserted, never changed (a trigger refuses)."""

    __tablename__ = "events"
    __table_args__ = (
        UniqueConstraint("provider_id", "id"),
        ForeignKeyConstraint(["provider_id"], ["providers.id"]),
        # A composite key with one NULL in it is not checked: an event of a case names the whole place.
        CheckConstraint("case_id IS NULL OR num_nulls(organization_id, account_id) = 0", name="place"),
        Index("ix_events_case", "case_id", "id", postgresql_where="case_id IS NOT NULL"),
        Index("ix_events_provider", "provider_id", "id"),
        Index("ix_events_without_case", "provider_id", "name", "id", postgresql_where="case_id IS NULL"),
    )
    organization_id: Mapped[uuid.UUID | None]
    account_id: Mapped[uuid.UUID | None]
    case_id: Mapped[uuid.UUID | None]
    name: Mapped[str] = mapped_column(String(80))
    subject_id: Mapped[uuid.UUID | None]
    actor_user_id: Mapped[uuid.UUID | None]
    actor_side: Mapped[str] = mapped_column(key_type())
    actor_name: Mapped[str]
    channel: Mapped[str] = mapped_column(key_type())
    occurred_at: Mapped[dt.datetime]
    recorded_at: Mapped[dt.datetime]
    facts: Mapped[dict[str, Any]]
    request_id: Mapped[str] = mapped_column(String(64), default="")


tenancy.set_policy("events", tenancy.by_organization(granted="case_id", also=f"actor_user_id = {tenancy.USER}"))


def register_reactions(
    reactions: Mapping[str, Sequence[Reaction]],
    consumers: Mapping[str, Sequence[Reaction]],
    for_many: Mapping[Reaction, ReactionToMany],
) -> None:
    """Register the tables of `wiring.py`: reactions in the same transaction, consumers after it, and what takes the
    place of a reaction where many events of one name are recorded together."""
    _reactions.clear()
    _consumers.clear()
    _for_many.clear()
    consumers_by_name.clear()
    _reactions.update({name: tuple(functions) for name, functions in reactions.items()})
    _for_many.update(for_many)
    for name, functions in consumers.items():
        for function in functions:
            consumers_by_name[consumer_name(function)] = function
        _consumers[name] = tuple(consumer_name(function) for function in functions)


def consumer_name(function: Reaction) -> str:
    """The stable name under which a consumer's deliveries are stored: `feature.function`."""
    return f"{function.__module__.split('.')[1]}.{function.__name__}"


def record(
    ctx: Context, name: str, subject: Any, /, *, case: Any = None, occurred_at: dt.datetime | None = None, **facts: Any
) -> Event:
    """Store the event *name* of *subject*, run its reactions, and schedule one delivery for each of its consumers.

    Tenant columns are taken from *case* or else *subject*. *facts* must be JSON values; they are kept for ever, so no
    secrets and no message bodies. *occurred_at* is for channels that record something later than it happened.
    """
    event = _make_event(ctx, name, subject, case, occurred_at, facts)
    ctx.session.add(event)
    ctx.session.flush()
    for reaction in _reactions.get(name, ()):
        reaction(ctx, event)
    _schedule_consumers(ctx, [event])
    return event


def record_each(ctx: Context, name: str, subjects: Iterable[tuple[Any, Mapping[str, Any]]], /) -> None:
    """Store the event *name* of each of *subjects*, pairs of a subject and its facts, as `record` does. The number of
    statements does not grow with their number, where the reactions are written for many."""
    events = [_make_event(ctx, name, subject, None, None, facts) for subject, facts in subjects]
    if not events:
        return
    ctx.session.add_all(events)
    ctx.session.flush()
    for reaction in _reactions.get(name, ()):
        if reaction in _for_many:
            _for_many[reaction](ctx, events)
        else:
            for event in events:
                reaction(ctx, event)
    _schedule_consumers(ctx, events)


def _make_event(
    ctx: Context, name: str, subject: Any, case: Any, occurred_at: dt.datetime | None, facts: Mapping[str, Any]
) -> Event:
    place = case or subject
    return Event(
        id=ids.new_id(),
        provider_id=ctx.provider_id,
        organization_id=getattr(place, "organization_id", None),
        account_id=getattr(place, "account_id", None),
        case_id=case.id if case is not None else None,
        name=name,
        subject_id=getattr(subject, "id", None),
        actor_user_id=ctx.actor.user_id,
        actor_side=str(ctx.actor.side),
        actor_name=ctx.actor.name,
        channel=ctx.channel,
        occurred_at=occurred_at or ctx.now,
        recorded_at=ctx.now,
        facts=dict(facts),
        request_id=ctx.request_id,
    )


def _schedule_consumers(ctx: Context, events: Sequence[Event]) -> None:
    """Owe one delivery of each event to each of its consumers."""
    owed = [
        outbox.Delivery(provider_id=ctx.provider_id, event_id=event.id, consumer=consumer, created_at=ctx.now)
        for event in events
        for consumer in _consumers.get(event.name, ())
    ]
    if owed:
        for row in owed:
            row.id = ids.new_id()
        ctx.session.add_all(owed)
        ctx.session.add_all(
            outbox.DueWork(provider_id=ctx.provider_id, kind=outbox.DELIVERY, id=row.id, due_at=ctx.now) for row in owed
        )
        ctx.session.flush()  # as the actor of this moment: the caller may continue as somebody else
        wake_after_commit(ctx)


_wake: Callable[[], None] | None = None


def register_wake_function(wake: Callable[[], None]) -> None:
    """Register the function that wakes a worker after a commit; `jobs` calls it."""
    global _wake
    _wake = wake


def wake_after_commit(ctx: Context) -> None:
    """Wake a worker after the commit (once a unit of work, whatever the number of events)."""
    from portal.kernel import uow

    if _wake is not None and _wake not in ctx.session.info.get("after_commit", []):
        uow.call_after_commit(ctx.session, _wake)
