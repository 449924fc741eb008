"""The change log of a case."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from portal.authz.scopes import scope
from portal.cases.models import Case, RequestType
from portal.identity.models import User
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.events import Event
from portal.kernel.ids import parse_id
from portal.tenants.models import Contact, Department, Environment

HISTORY_LIMIT = 100


def change_events(ctx: Context, case: Case, before: uuid.UUID | None = None) -> tuple[Sequence[Event], bool]:
    """The newest HISTORY_LIMIT events of *case* (before the event *before*), newest first, and whether more exist."""
    rows = scope(ctx.actor, Event).where(Event.case_id == case.id)
    if before is not None:
        rows = rows.where(Event.id < before)
    found = ctx.session.scalars(rows.order_by(Event.id.desc()).limit(HISTORY_LIMIT + 1)).all()
    return found[:HISTORY_LIMIT], len(found) > HISTORY_LIMIT


def last_change(ctx: Context, case: Case) -> Event | None:
    """The last event on *case* by somebody other than the actor."""
    rows = scope(ctx.actor, Event).where(
        Event.case_id == case.id, Event.actor_user_id.is_distinct_from(ctx.actor.user_id)
    )
    return ctx.session.scalars(rows.order_by(Event.id.desc()).limit(1)).one_or_none()


def edited_value_names(ctx: Context, events: Iterable[Event]) -> dict[str, str]:
    """Names for the ids that `case.edited` stores as old and new values, in at most four statements."""
    wanted: dict[str, set[Id]] = {}
    for event in events:
        changed = event.facts.get("changed")
        for column, values in changed.items() if isinstance(changed, Mapping) else ():
            wanted.setdefault(column, set()).update(found for v in values if (found := parse_id(v)) is not None)
    models: tuple[tuple[str, type[Any]], ...] = (
        ("request_type_id", RequestType),
        ("environment_id", Environment),
        ("department_id", Department),
    )
    names: dict[str, str] = {}
    for column, model in models:
        if wanted.get(column):
            rows = ctx.session.scalars(scope(ctx.actor, model).where(model.id.in_(wanted[column])))
            names |= {str(row.id): row.name for row in rows}
    if wanted.get("contact_id"):
        people = ctx.session.execute(
            scope(ctx.actor, Contact)
            .join(User, User.id == Contact.user_id)
            .where(Contact.id.in_(wanted["contact_id"]))
            .with_only_columns(Contact.id, User.name)
        )
        names |= {str(contact_id): name for contact_id, name in people}
    return names
