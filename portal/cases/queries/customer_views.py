"""Whether the reader may look at a case as its contact sees it: they said why, and not long ago."""

import datetime as dt
from dataclasses import dataclass

from portal.authz.scopes import scope
from portal.cases.models import Case
from portal.kernel.context import Context
from portal.kernel.events import Event

LASTS = dt.timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class CustomerView:
    """A look at a case as its contact sees it: the reason that was given, and when it ends."""

    reason: str
    ends_at: dt.datetime


def current_customer_view(ctx: Context, case: Case) -> CustomerView | None:
    """The look at *case* that the actor started less than LASTS ago, with the contact that the case still has."""
    rows = scope(ctx.actor, Event).where(
        Event.case_id == case.id,
        Event.name == "case.viewed_as_customer",
        Event.actor_user_id == ctx.actor.user_id,
        Event.occurred_at > ctx.now - LASTS,
    )
    event: Event | None = ctx.session.scalars(rows.order_by(Event.id.desc()).limit(1)).one_or_none()
    if event is None or event.facts["contact"] != str(case.contact_user_id):
        return None
    return CustomerView(event.facts["reason"], event.occurred_at + LASTS)
