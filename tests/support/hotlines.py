"""Ways to make hotlines in tests, through the actions that people use."""

import datetime as dt
from typing import Any

from portal.calls.actions import telephone_systems as systems
from portal.calls.actions.hotlines import HotlineFacts, add_hotline
from portal.calls.models import Call, CallBack, CallCheck, Hotline, IncomingCall, PhoneExtension, TelephoneSystem
from portal.cases.models import Case, CaseLocation
from portal.kernel.ids import new_id
from portal.sla.actions.calendars import add_calendar
from tests.support.world import World

# Weekdays from nine to six in Warsaw.
WEEK = dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), "09:00-18:00")
NUMBER = "+48 22 100 20 30"


def make_hotline(world: World, name: str = "Hotline", *, by: str = "ada", **facts: Any) -> Hotline:
    """A hotline at the provider of *by*, on weekdays from nine to six in Warsaw; `content` is another calendar's."""
    ctx = world.ctx(by, "staff")
    content = facts.pop("content", {"zone": "Europe/Warsaw", "week": WEEK})
    calendar = add_calendar(ctx, name=f"Hours of {name}", content=content)
    return add_hotline(ctx, HotlineFacts(name, facts.pop("number", NUMBER), calendar.id, **facts))


def add_call_back(ctx: Any, case: Case) -> CallBack:
    """A call that the contact of *case* waits for, at the first hotline of the provider; *ctx* is the system's. The
    case itself does not change."""
    row = CallBack(
        **CaseLocation.of(case).columns(),
        hotline_id=ctx.session.query(Hotline).first().id,
        user_id=case.contact_user_id,
        number="+48600100200",
        starts_at=ctx.now + dt.timedelta(hours=1),
        due_at=ctx.now + dt.timedelta(hours=2),
        state="open",
        asked_at=ctx.now,
        version=1,
    )
    ctx.session.add(row)
    ctx.session.flush()
    return row


def add_call(ctx: Any, case: Case, staff_id: Any, answers: CallBack | None = None) -> Call:
    """A call about *case* that somebody of the staff logged; *ctx* is the system's."""
    row = Call(
        **CaseLocation.of(case).columns(),
        user_id=case.contact_user_id,
        number="+48600100200",
        staff_id=staff_id,
        direction="in",
        minutes=5,
        result="talked",
        call_back_id=answers.id if answers is not None else None,
        logged_at=ctx.now,
    )
    ctx.session.add(row)
    ctx.session.flush()
    return row


def add_check(ctx: Any, case: Case, staff_id: Any) -> CallCheck:
    """A call check of *case* that runs; *ctx* is the system's."""
    row = CallCheck(
        **CaseLocation.of(case).columns(),
        cycle=case.cycle,
        user_id=case.contact_user_id,
        staff_id=staff_id,
        counter_id=new_id(),
        state="open",
        started_at=ctx.now,
        expires_at=ctx.now + dt.timedelta(minutes=10),
        staff_tries=0,
        contact_tries=0,
        reason="",
    )
    ctx.session.add(row)
    ctx.session.flush()
    return row


def add_system(world: World, name: str = "Office", *, by: str = "ada") -> tuple[TelephoneSystem, str]:
    """A telephone system at the provider of *by*, and its token."""
    ctx = world.ctx(by, "staff")
    row, token = systems.add_system(ctx, name)
    ctx.session.commit()
    return row, token


def add_extension(world: World, person: Any, number: str) -> PhoneExtension:
    """The extension of a member of staff."""
    ctx = world.system(world.provider_world_of(person))
    row = PhoneExtension(provider_id=ctx.provider_id, staff_id=person.staff_id, number=number)
    ctx.session.add(row)
    ctx.session.commit()
    return row


def add_incoming_call(ctx: Any, system: TelephoneSystem, case: Case | None = None, **values: Any) -> IncomingCall:
    """A missed call that *system* reported, from a number of the account of *case*; *ctx* is the system's."""
    row = IncomingCall(
        provider_id=ctx.provider_id,
        system_id=system.id,
        external_id=values.pop("external_id", str(new_id())),
        number="+48600100200",
        called="",
        account_ids=values.pop("account_ids", [case.account_id] if case is not None else []),
        state="ended",
        started_at=ctx.now,
        ended_at=ctx.now,
        seconds=0,
        heard_at=ctx.now,
        **values,
    )
    ctx.session.add(row)
    ctx.session.flush()
    return row
