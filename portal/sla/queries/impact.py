"""What a change would change, before it is made: whom it hits now (preview) and what the past would have been
(backtest, N7). Nothing here changes anything that people see."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select

from portal.kernel.context import Context
from portal.sla import clock_rows, clock_store
from portal.sla.clock_rows import Place
from portal.sla.engine import calendar as calendars
from portal.sla.engine import clocks
from portal.sla.engine import policy as policies
from portal.sla.engine.calendar import Calendar
from portal.sla.engine.clocks import Clock, Happening, Standing
from portal.sla.engine.policy import Policy
from portal.sla.house import house
from portal.sla.models import CalendarVersion, CaseStanding, PolicyVersion
from portal.sla.queries import assignments
from portal.sla.rule_versions import Books, Draft
from portal.tenants.models import Account

Id = uuid.UUID
LOOKED_AT = 200


@dataclass(frozen=True, slots=True)
class Proposal:
    """A draft: new content for one policy (and perhaps another calendar for it), or for one calendar."""

    policy_id: Id | None = None
    policy: Policy | None = None
    calendar_id: Id | None = None
    calendar: Calendar | None = None

    def about(self) -> dict[str, str]:
        """The policy or calendar that it would change."""
        return {"policy": str(self.policy_id)} if self.policy_id else {"calendar": str(self.calendar_id)}

    def data(self) -> dict[str, Any]:
        """As a run keeps it."""
        return {
            **self.about(),
            "draft": {
                "policy": self.policy.data() if self.policy else None,
                "calendar": self.calendar.data() if self.calendar else None,
                "calendar_id": str(self.calendar_id) if self.calendar_id else None,
            },
        }


def proposal_of(data: Mapping[str, Any]) -> Proposal:
    """What a run keeps, as the value."""
    draft = data["draft"]
    return Proposal(
        uuid.UUID(data["policy"]) if data.get("policy") else None,
        policies.from_data(draft["policy"]) if draft.get("policy") else None,
        uuid.UUID(draft["calendar_id"]) if draft.get("calendar_id") else None,
        calendars.from_data(draft["calendar"]) if draft.get("calendar") else None,
    )


def shelf(books: Books, proposal: Proposal) -> Draft:
    """The rules as they would be."""
    return Draft(
        books,
        policy=(proposal.policy_id, proposal.policy) if proposal.policy_id and proposal.policy else None,
        calendar=(proposal.calendar_id, proposal.calendar) if proposal.calendar_id and proposal.calendar else None,
    )


@dataclass(frozen=True, slots=True)
class Impact:
    """Whom a draft hits: accounts it holds for, open cases it would recompute, and of the first `looked_at` of them
    how many would be due earlier, later, or be late at once."""

    accounts: Sequence[Account]
    open_cases: int
    looked_at: int
    earlier: int
    later: int
    late_now: int


def preview(ctx: Context, proposal: Proposal) -> Impact:
    """What saving *proposal* would change now; bounded work, whatever the number of cases."""
    accounts = assignments.accounts_under(
        ctx, policy_id=proposal.policy_id, calendar_id=None if proposal.policy_id else proposal.calendar_id
    )
    with house(ctx) as inner:
        rows = counted_by(inner, proposal).where(CaseStanding.active)
        total = inner.session.scalar(select(func.count()).select_from(rows.subquery())) or 0
        kept = clock_store.read(
            inner, inner.session.scalars(rows.order_by(CaseStanding.case_id).limit(LOOKED_AT)).all()
        )
        books = Books(inner)
        draft = shelf(books, proposal)
        earlier = later = late = 0
        for one in kept.values():
            before = clock_store.nearest(one.standing)[0]
            one.apply(_rules_again(one.standing, ctx), draft)
            after = clock_store.nearest(one.standing)[0]
            if before is None or after is None or before == after:
                continue
            earlier, later = earlier + (after < before), later + (after > before)
            late += after <= ctx.now < before
    return Impact(accounts, total, len(kept), earlier, later, late)


def _rules_again(standing: Standing, ctx: Context) -> Happening:
    facts = {
        "policy": str(standing.policy) if standing.policy else None,
        "calendar": str(standing.calendar) if standing.calendar else None,
    }
    return Happening("sla.policy_applied", ctx.now, ctx.now, facts=facts)


def counted_by(ctx: Context, proposal: Proposal) -> "Select[Any]":
    """The ids of the cases that are counted by what *proposal* would change, the house's sight."""
    rows = select(CaseStanding.case_id).where(CaseStanding.provider_id == ctx.provider_id)
    if proposal.policy_id is not None:
        versions = select(PolicyVersion.id).where(PolicyVersion.policy_id == proposal.policy_id)
        return rows.where(CaseStanding.policy_version_id.in_(versions))
    versions = select(CalendarVersion.id).where(CalendarVersion.calendar_id == proposal.calendar_id)
    return rows.where(CaseStanding.calendar_version_id.in_(versions))


@dataclass(frozen=True, slots=True)
class Turned:
    """One clock that would have ended otherwise."""

    case_id: Id
    account_id: Id
    kind: str
    to: str


def turned(ctx: Context, proposal: Proposal, places: Sequence[Place]) -> list[Turned]:
    """Replay these cases under the rules as they were and as they would be; the clocks that change between met and
    missed. Changes nothing. A clock that still runs counts as missed once it is overdue."""
    books = Books(ctx)
    draft = shelf(books, proposal)
    happenings = clock_rows.history(ctx, [place.case_id for place in places])
    found = []
    for place in places:
        told = happenings[place.case_id]
        then = _outcomes(clocks.replay(told, books)[1], ctx)
        would = _outcomes(clocks.replay(told, draft)[1], ctx)
        for key in sorted(then.keys() & would.keys()):
            if {then[key], would[key]} == {"met", "missed"}:
                found.append(Turned(place.case_id, place.account_id, key[0], would[key]))
    return found


def _outcomes(found: Sequence[Clock], ctx: Context) -> dict[tuple[str, int], str]:
    return {
        (c.kind.value, c.number): c.outcome or ("missed" if c.due_at is not None and c.due_at <= ctx.now else "met")
        for c in found
    }
