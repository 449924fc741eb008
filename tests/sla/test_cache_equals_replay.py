"""The stored clocks are a cache of the fold: after any history, rows and replay say the same."""

import datetime as dt
import random

import pytest

from portal.cases.actions import conversation, desk, details, resolution
from portal.cases.models import RequestType
from portal.kernel.errors import PortalError
from portal.sla.actions import calendars, policies
from portal.sla.actions.runs import recompute_batch
from portal.sla.models import SlaCalendar, SlaPolicy
from tests.sla import cached_clocks

STEPS = 14


def verbs(world, dice):
    """What may happen to a case, by name; each is one action of the product."""

    def staff():
        return world.ctx("ana")

    def contact():
        return world.ctx("rita", "contact")

    def late():
        return contact().now - dt.timedelta(minutes=dice.choice((0, 5, 90, 600, 3000)))

    return {
        "take": lambda c: desk.take(staff(), c),
        "start": lambda c: desk.start(staff(), c),
        "ask": lambda c: desk.ask(staff(), c, question="Which browser?"),
        "hold": lambda c: desk.hold(staff(), c, reason="Courier", until=staff().now + dt.timedelta(days=3)),
        "wake": lambda c: desk.wake(staff(), c),
        "answer": lambda c: conversation.answer(staff(), c, body="We look.", no_news=dice.random() < 0.3),
        "reply": lambda c: conversation.reply(contact(), c, body="And?", occurred_at=late()),
        "thank": lambda c: conversation.reply(contact(), c, body="Thanks!"),
        "resolve": lambda c: resolution.resolve(staff(), c, solution="Done"),
        "accept": lambda c: resolution.accept(contact(), c),
        "reject": lambda c: resolution.reject(contact(), c, reason="No"),
        "close": lambda c: resolution.close(contact(), c),
        "severity": lambda c: desk.redefine_severity(staff(), c, severity=dice.randint(1, 4), reason="Seen"),
        "escalate": lambda c: desk.escalate(staff(), c, tier=dice.randint(1, 3), note="Look"),
        "policy": lambda c: change_policy(world, dice),
        "calendar": lambda c: change_calendar(world, dice),
    }


def change_policy(world, dice):
    """The policy promises something else from now on, and the run that follows is done."""
    row = world.rows(SlaPolicy, SlaPolicy.name == "Gold")[0]
    calendar = world.rows(SlaCalendar, SlaCalendar.name == dice.choice(("Warsaw business hours", "Around the clock")))[
        0
    ]
    hours = f"{dice.randint(1, 30)} hours"
    content = {
        "severities": {
            "2": {"first_response": "1 hour or 4 hours outside", "resolution": hours},
            "3": {"first_response": hours, "next_update": "1 business day", "resolution": "2 business days"},
        }
    }
    finish(world, policies.change_policy(world.ctx("ada"), row, name="Gold", calendar=calendar, content=content))


def change_calendar(world, dice):
    """The hours are others from now on."""
    row = world.rows(SlaCalendar, SlaCalendar.name == "Warsaw business hours")[0]
    start = dice.randint(6, 11)
    week = {day: [f"{start:02}:00-{start + dice.randint(3, 10):02}:00"] for day in ("monday", "tuesday", "thursday")}
    content = {"zone": "Europe/Warsaw", "week": week, "country": "PL"}
    finish(world, calendars.change_calendar(world.ctx("ada"), row, name=row.name, content=content))


def finish(world, run):
    while run is not None and recompute_batch(world.system(), run):
        pass


@pytest.mark.parametrize("seed", range(12))
def test_after_any_history(world, travel, seed):
    dice = random.Random(seed)
    cached_clocks.travel_to(cached_clocks.TUESDAY)
    case = world.open_case("rita", severity=dice.randint(1, 4))
    known = verbs(world, dice)
    for _ in range(STEPS):
        travel(minutes=dice.choice((1, 20, 200, 900, 2000)))
        name = dice.choice(sorted(known))
        try:
            with world.session.begin_nested():
                known[name](world.reload(case))
        except PortalError:
            continue  # the case does not know this verb now
        assert cached_clocks.cached_rows(world, case) == cached_clocks.replayed_rows(world, case), name
        assert cached_clocks.sla_state_of(world, case).fold["state"] == world.reload(case).state, name


def test_a_lowered_emergency_recomputes_too(world):
    """Moving an Emergency to a test environment lowers it: clocks must hear of that as well."""
    case = world.open_case("rita", severity=1, environment="Production")
    details.edit(
        world.ctx("ana"),
        case,
        subject=case.subject,
        request_type=world.row(RequestType, case.request_type_id),
        contact_id=case.contact_id,
        environment_id=world.environments["ACME", "Test"].id,
        department_id=case.department_id,
    )
    assert case.severity == 2
    assert cached_clocks.rows_of(world, case)["first_response", 1].terms["tracks"] == [[3600, False], [4 * 3600, True]]
    assert cached_clocks.cached_rows(world, case) == cached_clocks.replayed_rows(world, case)


def test_a_cache_that_was_lost_is_made_anew_and_keeps_what_people_wrote(world, travel):
    from sqlalchemy import delete

    from portal.sla import clock_rows
    from portal.sla.actions import breaches, clocks
    from portal.sla.models import CaseSlaState, SlaClock

    cached_clocks.travel_to(cached_clocks.TUESDAY)
    case = world.open_case("rita", severity=1)
    travel(hours=2)
    world.answer(case)
    late = cached_clocks.rows_of(world, case)["first_response", 1]
    breaches.explain_breach(world.ctx("ana"), case, late, reason="load")
    before = cached_clocks.cached_rows(world, case)
    session = world.system().session
    session.execute(delete(CaseSlaState).where(CaseSlaState.case_id == case.id))
    session.execute(delete(SlaClock).where(SlaClock.case_id == case.id, SlaClock.kind != "first_response"))
    clocks.apply_current_rules(world.system(), [clock_rows.CaseLocation.of(case)])
    assert cached_clocks.cached_rows(world, case) == before
    assert (
        cached_clocks.sla_state_of(world, case).missed == 1 and cached_clocks.sla_state_of(world, case).unexplained == 0
    )
