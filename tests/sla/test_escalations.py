"""Steps: each once, at its time, told to the right people at the right hour; what a broken promise asks of staff."""

import datetime as dt

import pytest

from portal.cases.actions import desk, people, resolution
from portal.kernel.errors import Refused
from portal.kernel.outbox import DueWork
from portal.notifications.models import Notification, OutgoingMail
from portal.sla.actions import assignments, breaches, escalation, policies
from portal.sla.actions.escalation import StepDesign
from portal.sla.engine.policy import ClockKind
from portal.sla.models import EscalationRule, FiredStep, SlaCalendar, SlaPolicy
from portal.tenants.models import Account, StaffMember
from tests.sla import cached_clocks


@pytest.fixture
def quiet_rules(world):
    """None of Northwind's own rules: a test brings its one."""
    for rule in world.rows(EscalationRule):
        rule.active = False
    world.session.flush()


def rule(world, *steps, kinds=("first_response",), severities=()):
    return escalation.add_rule(
        world.ctx("ada"), name="Test", kinds=kinds, severities=severities, steps=[StepDesign(*step) for step in steps]
    )


def fired(world):
    world.session.expire_all()
    return [(row.kind, row.did["percent"], row.did["does"]) for row in world.rows(FiredStep)]


def test_one_case_walks_from_half_to_breach_to_tier_two(world, travel, run_outbox):
    cached_clocks.travel_to(cached_clocks.TUESDAY)
    case = world.open_case("rita", severity=1)
    travel(minutes=7)
    run_outbox()
    assert fired(world) == []
    travel(minutes=1)
    run_outbox()
    assert fired(world) == [("first_response", 50, "notify")]
    travel(minutes=7)
    run_outbox()
    assert [f[1:] for f in fired(world) if f[0] == "first_response"] == [
        (50, "notify"),
        (75, "notify"),
        (100, "notify"),
        (100, "raise_tier"),
    ]
    assert world.reload(case).tier == 2
    note = world.messages_of(case)[-1]
    assert note.is_note and "Nobody answered in the promised time." in note.body
    lee = world.lee.id
    assert world.rows(Notification, Notification.user_id == lee, Notification.reason == "alarmed")
    assert world.rows(OutgoingMail, OutgoingMail.user_id == lee, OutgoingMail.kind == "alarm")


def test_steps_fire_once_for_each_target_version(world, travel, run_outbox, quiet_rules):
    cached_clocks.travel_to(cached_clocks.TUESDAY)
    rule(world, (50, "notify", ["owner"]))
    case = world.open_case("rita", severity=3)
    travel(hours=2, minutes=1)
    run_outbox()
    run_outbox()
    assert len(fired(world)) == 1
    desk.redefine_severity(world.ctx("ana"), world.reload(case), severity=2, reason="Worse")
    run_outbox()
    assert [row.target_version for row in world.rows(FiredStep)] == [1, 2]
    run_outbox()
    assert len(fired(world)) == 2


def test_a_step_is_neither_early_nor_lost_when_the_clock_stops_after_it(world, travel, run_outbox, quiet_rules):
    cached_clocks.travel_to(cached_clocks.TUESDAY)
    rule(world, (50, "notify", ["owner"]), (100, "notify", ["lead"]))
    case = world.open_case("rita", severity=3)
    travel(hours=3)
    world.answer(case)  # the worker slept: half was over at 12:00, the answer came at 13:00
    run_outbox()
    row = world.rows(FiredStep)[0]
    assert fired(world) == [("first_response", 50, "notify")]
    assert abs(row.due_at - cached_clocks.TUESDAY - dt.timedelta(hours=2)) < dt.timedelta(minutes=1)
    assert row.fired_at >= row.due_at
    assert not world.rows(DueWork, DueWork.kind == "sla_step", DueWork.id == row.clock_id)


def test_a_paused_clock_escalates_nothing(world, travel, run_outbox, quiet_rules):
    cached_clocks.travel_to(cached_clocks.TUESDAY)
    rule(world, (50, "notify", ["owner"]), kinds=("resolution",))
    case = world.open_case("rita", severity=1)
    desk.ask(world.ctx("ana"), case, question="Which?")
    travel(hours=30)
    run_outbox()
    assert fired(world) == []


def test_alarms_wait_for_the_morning_unless_the_severity_is_around_the_clock(world, travel, run_outbox, quiet_rules):
    cached_clocks.travel_to(cached_clocks.TUESDAY + dt.timedelta(hours=9))  # 19:00 in Warsaw
    rule(world, (50, "notify", ["lead"]))
    calm = world.open_case("rita", severity=2)
    loud = world.open_case("rita", severity=1)
    travel(hours=3)
    run_outbox()
    lee = world.lee.id

    def told(case):
        where = (Notification.user_id == lee, Notification.case_id == case.id, Notification.reason == "alarmed")
        return len(world.rows(Notification, *where))

    assert told(loud) == 1 and told(calm) == 0
    assert sorted(row.told_at is None for row in world.rows(FiredStep)) == [False, True]
    travel(hours=11, minutes=1)  # 09:01: support is open
    run_outbox()
    assert told(calm) == 1


def test_a_warning_about_a_clock_that_stopped_overnight_is_spared(world, travel, run_outbox, quiet_rules):
    cached_clocks.travel_to(cached_clocks.TUESDAY + dt.timedelta(hours=9))
    rule(world, (50, "notify", ["lead"]))
    case = world.open_case("rita", severity=2)
    travel(hours=2, minutes=30)
    run_outbox()
    world.answer(case)
    travel(hours=12)
    run_outbox()
    assert not world.rows(Notification, Notification.reason == "alarmed")


def test_tiers_go_to_three_and_no_further(world, travel, run_outbox, quiet_rules):
    cached_clocks.travel_to(cached_clocks.TUESDAY)
    rule(world, (50, "raise_tier"), (75, "raise_tier"), (100, "raise_tier"))
    case = world.open_case("rita", severity=1)
    travel(minutes=16)
    run_outbox()
    assert world.reload(case).tier == 3
    assert "skipped" in world.rows(FiredStep)[-1].did


def test_a_step_can_give_the_case_to_the_lead_and_raise_its_severity(world, travel, run_outbox, quiet_rules):
    cached_clocks.travel_to(cached_clocks.TUESDAY)
    rule(world, (50, "reassign", (), "lead"), (50, "raise_severity"))
    case = world.open_case("rita", severity=3)
    travel(hours=2, minutes=1)
    run_outbox()
    case = world.reload(case)
    assert case.owner_id == world.rows(StaffMember, StaffMember.user_id == world.lee.id)[0].id
    assert case.severity == 2 and case.severity_asked == 3


def test_the_account_manager_hears_of_it(world, travel, run_outbox, quiet_rules):
    cached_clocks.travel_to(cached_clocks.TUESDAY)
    manager = world.rows(StaffMember, StaffMember.user_id == world.ada.id)[0]
    world.row(Account, world.acme).manager_id = manager.id
    rule(world, (50, "notify", ["account_manager"]))
    world.open_case("rita", severity=1)
    travel(minutes=8)
    run_outbox()
    assert world.rows(FiredStep)[0].did["tell"] == [str(world.ada.id)]


def test_a_promised_update_is_prepared_from_public_facts(world, travel, run_outbox):
    cached_clocks.travel_to(cached_clocks.TUESDAY)
    case = world.open_case("rita", severity=2)
    desk.take(world.ctx("ana"), case)
    world.answer(case)
    world.note(case, "Secret: their router is 20 years old")
    travel(hours=3, minutes=1)
    run_outbox()
    fold_state = cached_clocks.sla_state_of(world, case)
    assert "Ana" in fold_state.draft and "Secret" not in fold_state.draft
    world.answer(case, "Here are news.")
    assert cached_clocks.sla_state_of(world, case).draft == ""


def test_an_update_that_was_missed_raises_the_tier(world, travel, run_outbox):
    cached_clocks.travel_to(cached_clocks.TUESDAY)
    case = world.open_case("rita", severity=1)
    world.answer(case)
    travel(minutes=61)
    run_outbox()
    assert world.reload(case).tier == 2


def test_staff_say_why_before_they_close(world, travel):
    cached_clocks.travel_to(cached_clocks.TUESDAY)
    case = world.open_case("rita", severity=1)
    travel(minutes=20)
    world.answer(case)
    with pytest.raises(Refused):
        resolution.close(world.ctx("ana"), world.reload(case), reason="Spam")
    breaches.explain_breach(
        world.ctx("ana"), case, cached_clocks.rows_of(world, case)["first_response", 1], reason="load"
    )
    resolution.close(world.ctx("ana"), world.reload(case), reason="Spam")
    assert world.reload(case).state == "closed"


def test_customers_are_not_asked_why(world, travel):
    cached_clocks.travel_to(cached_clocks.TUESDAY)
    case = world.open_case("rita", severity=1)
    travel(minutes=20)
    resolution.close(world.ctx("rita", "contact"), case)
    assert case.state == "closed"


def test_a_rule_of_another_policy_does_not_apply(world, travel, run_outbox, quiet_rules):
    cached_clocks.travel_to(cached_clocks.TUESDAY)
    basic = world.rows(SlaPolicy, SlaPolicy.name == "Basic")[0]
    escalation.add_rule(
        world.ctx("ada"),
        name="Basic only",
        kinds=["first_response"],
        policy=basic,
        steps=[StepDesign(50, "notify", ["lead"])],
    )
    world.open_case("rita", severity=1)
    world.open_case("gil", severity=1)
    travel(minutes=59)
    run_outbox()
    assert len(fired(world)) == 1


FRIDAY_EVENING = dt.datetime(2026, 11, 20, 18, 0, tzinfo=dt.UTC)  # 19:00 in Warsaw, where support is closed


@pytest.fixture
def promise_first_reply(world):
    """`promise_first_reply("16 hours always")`: Acme is promised that first reply for High, in business hours."""

    def promise(target, **more):
        calendar = world.rows(SlaCalendar, SlaCalendar.name == "Warsaw business hours")[0]
        content = {"severities": {"2": {"first_response": target, **more}}}
        policy = policies.add_policy(world.ctx("ada"), name="Nights", calendar=calendar, content=content)
        assignments.assign(world.ctx("ada"), account=world.row(Account, world.acme), policy=policy)

    return promise


def alarms_of(world, case):
    where = (Notification.user_id == world.lee.id, Notification.case_id == case.id, Notification.reason == "alarmed")
    return world.rows(Notification, *where)


@pytest.mark.parametrize("older", [{}, {"around_the_clock": False}])
def test_a_promise_of_day_and_night_made_on_a_friday_evening_rings_on_saturday(
    world, travel, run_outbox, quiet_rules, promise_first_reply, older
):
    promise_first_reply("16 hours always", **older)
    cached_clocks.travel_to(FRIDAY_EVENING)
    rule(world, (100, "notify", ["lead"]))
    case = world.open_case("rita", severity=2)
    travel(hours=16, minutes=1)  # Saturday, 11:01
    run_outbox()
    assert len(alarms_of(world, case)) == 1
    assert world.rows(OutgoingMail, OutgoingMail.user_id == world.lee.id, OutgoingMail.case_id == case.id)


@pytest.mark.parametrize(("target", "night"), [("16 hours always", "never"), ("1 hour or 4 hours outside", "auto")])
def test_alarms_that_are_switched_off_at_night_wait_for_monday(
    world, travel, run_outbox, quiet_rules, promise_first_reply, target, night
):
    promise_first_reply(target, night_alarms=night)
    cached_clocks.travel_to(FRIDAY_EVENING)
    rule(world, (100, "notify", ["lead"]))
    case = world.open_case("rita", severity=2)
    travel(hours=16, minutes=1)
    run_outbox()
    assert not alarms_of(world, case)
    travel(hours=46)  # Monday, 09:01
    run_outbox()
    assert len(alarms_of(world, case)) == 1


def test_all_alarms_of_a_severity_can_ring_at_night(world, travel, run_outbox, quiet_rules, promise_first_reply):
    promise_first_reply("1 hour or 4 hours outside", night_alarms="always")
    cached_clocks.travel_to(FRIDAY_EVENING)
    rule(world, (100, "notify", ["lead"]))
    case = world.open_case("rita", severity=2)
    travel(hours=4, minutes=1)
    run_outbox()
    assert len(alarms_of(world, case)) == 1


# -- told once, and the history says so -------------------------------------------------------------------------------


def history_of(world, as_user, case):
    page = as_user("lee").get(f"/desk/cases/{world.reload(case).key}/history").page
    return [row.first("td", data_label="What").text for row in page.all("tr", class_="list__row")]


def mails_to(world, person):
    return world.rows(OutgoingMail, OutgoingMail.user_id == person.id, OutgoingMail.kind == "alarm")


def test_after_three_days_without_a_worker_people_are_told_once_of_a_case(
    world, as_user, travel, run_outbox, quiet_rules
):
    cached_clocks.travel_to(cached_clocks.TUESDAY)
    rule(world, *((percent, "notify", ["lead"]) for percent in (50, 75, 90, 100)), kinds=list(ClockKind))
    case = world.open_case("rita", severity=1)
    travel(days=3)
    run_outbox()
    assert len(alarms_of(world, case)) == 1
    mail = mails_to(world, world.lee)
    assert len(mail) == 1
    assert mail[0].subject.startswith("First reply: later than promised")
    assert "Resolution: later than promised" in mail[0].text and "Resolution: later" in mail[0].html
    assert len(fired(world)) == 8  # two clocks, four shares: the ledger has them all
    lines = [line for line in history_of(world, as_user, case) if " %:" in line]
    assert len(lines) == 8 and len(set(lines)) == 8
    assert "First reply (since Tue 10:15) at 100 %: notified Lee Chen" in lines
    assert "First reply (since Tue 10:07) at 50 %: Lee Chen notified with “First reply at 100 %”" in lines
    run_outbox()
    assert len(mails_to(world, world.lee)) == 1


def test_a_step_in_time_is_one_line_of_what_and_whom(world, as_user, travel, run_outbox, quiet_rules):
    cached_clocks.travel_to(cached_clocks.TUESDAY)
    rule(world, (50, "notify", ["lead"]))
    case = world.open_case("rita", severity=1)
    travel(minutes=8)
    run_outbox()
    assert [line for line in history_of(world, as_user, case) if "50 %" in line] == [
        "First reply at 50 %: notified Lee Chen"
    ]


def test_the_history_says_when_people_will_be_told_and_one_message_comes_then(
    world, as_user, travel, run_outbox, quiet_rules
):
    cached_clocks.travel_to(FRIDAY_EVENING)
    rule(world, *((percent, "notify", ["lead"]) for percent in (50, 75, 100)))
    case = world.open_case("rita", severity=2)
    for minutes in (121, 60, 60):
        travel(minutes=minutes)
        run_outbox()
    wanted = [f"First reply at {n} %: Lee Chen will be notified Mon 09:00" for n in (100, 75, 50)]
    assert [line for line in history_of(world, as_user, case) if " %:" in line] == wanted
    assert not alarms_of(world, case)
    travel(days=2, hours=12)
    run_outbox()
    assert len(alarms_of(world, case)) == 1 and len(mails_to(world, world.lee)) == 1
    assert len([line for line in history_of(world, as_user, case) if " %:" in line]) == 3


def test_the_history_names_only_people_who_are_told(world, as_user, travel, run_outbox, quiet_rules):
    cached_clocks.travel_to(cached_clocks.TUESDAY)
    rule(world, (50, "notify", ["lead"]))
    case = world.open_case("rita", severity=1)
    people.subscribe(world.ctx("lee"), case, mode="mute")
    travel(minutes=8)
    run_outbox()
    assert "First reply at 50 %: there was nobody to notify" in history_of(world, as_user, case)
    assert not alarms_of(world, case)


def test_a_warning_that_was_announced_and_spared_is_said_to_be(world, as_user, travel, run_outbox, quiet_rules):
    cached_clocks.travel_to(cached_clocks.TUESDAY + dt.timedelta(hours=9))
    rule(world, (50, "notify", ["lead"]))
    case = world.open_case("rita", severity=2)
    travel(hours=2, minutes=30)
    run_outbox()
    world.answer(case)
    travel(hours=12)
    run_outbox()
    run_outbox()
    said = [line for line in history_of(world, as_user, case) if " %:" in line]
    assert said[0] == "First reply at 50 %: nobody had to be notified any more" and len(said) == 2


def test_clocks_that_stopped_while_the_worker_was_away_make_no_message_of_their_own(
    world, travel, run_outbox, quiet_rules
):
    cached_clocks.travel_to(cached_clocks.TUESDAY)
    rule(world, *((percent, "notify", ["lead"]) for percent in (75, 100)), kinds=list(ClockKind))
    case = world.open_case("rita", severity=1)
    for _round in range(3):  # the first reply and two updates come late, and nobody is told meanwhile
        travel(hours=2)
        world.answer(case)
    travel(hours=2)
    run_outbox()
    assert len(fired(world)) > 6 and all(row.told_at for row in world.rows(FiredStep))
    assert len(alarms_of(world, case)) == 1 and len(mails_to(world, world.lee)) == 1
