"""What promises would become: under another severity, for a person who is served better than others."""

import copy
import datetime as dt
import uuid
from collections.abc import Mapping, Sequence

from portal.authz.scopes import scope
from portal.cases.models import Case
from portal.kernel.context import Context
from portal.sla import clock_store
from portal.sla.engine.clocks import Happening
from portal.sla.house import house
from portal.sla.rule_versions import Books
from portal.tenants.models import Account, Contact

Id = uuid.UUID


def if_severity(ctx: Context, case: Case, ranks: Sequence[int]) -> dict[int, Mapping[str, dt.datetime | None]] | None:
    """When each running promise of *case* would be due with each of *ranks*, reckoned by the engine with the time that
    has passed already (None: it stands still); None where nothing is counted."""
    with house(ctx) as inner:
        kept = clock_store.read(inner, [case.id]).get(case.id)
        if kept is None or kept.standing.policy is None:
            return None
        books = Books(inner)
        found: dict[int, Mapping[str, dt.datetime | None]] = {}
        for rank in ranks:
            trial = copy.deepcopy(kept)
            facts = {"severity": [kept.standing.severity, rank]}
            if rank != kept.standing.severity:
                trial.apply(Happening("case.severity_changed", ctx.now, ctx.now, facts=facts), books)
            found[rank] = {
                kind.value: clock.due_at for kind, clock in trial.standing.clocks.items() if clock.stopped_at is None
            }
    return found


def floor_of(ctx: Context, account: Account, contact_id: Id | None) -> int | None:
    """The least severity that the contact of a new case in *account* is served with; None: nothing special."""
    mine = ctx.actor.memberships.get(account.organization_id)
    wanted = contact_id or (mine.contact_id if mine else None)
    if wanted is None:
        return None
    rows = scope(ctx.actor, Contact).where(Contact.id == wanted).with_only_columns(Contact.severity_floor)
    return ctx.session.scalar(rows)
