"""Alarms about several cases at once: one mail a person, through the outbox to the mail server, and a line at the bell
for each case."""

import datetime as dt

import pytest

from portal.cases.actions import desk, people
from portal.notifications import jobs, queries, rendering
from portal.notifications.models import DigestEntry, Notification, OutgoingMail
from portal.sla.actions import escalation
from portal.sla.actions.escalation import StepDesign
from portal.sla.models import EscalationRule
from tests.sla import cached_clocks


@pytest.fixture
def lead_rule(world):
    """The lead is told at half and at the whole of the time for a first reply, whatever the clock; nothing else."""
    for rule in world.rows(EscalationRule):
        rule.active = False
    world.session.flush()
    cached_clocks.travel_to(cached_clocks.TUESDAY)
    escalation.add_rule(
        world.ctx("ada"),
        name="Test",
        kinds=("first_response",),
        severities=(),
        steps=[StepDesign(percent, "notify", ["lead"]) for percent in (50, 75, 100)],
    )


def alarm_mails(world, who="lee"):
    kinds = ("alarm", "alarm_digest")
    return world.rows(OutgoingMail, OutgoingMail.user_id == world.person(who).id, OutgoingMail.kind.in_(kinds))


def open_late_cases(world, travel, *subjects):
    """Cases of severity 1, whose people are told around the clock, and three days without a worker."""
    cases = [world.open_case("rita", severity=1, subject=subject) for subject in subjects]
    travel(days=3)
    return cases


def test_after_a_gap_each_person_gets_one_mail_of_all_cases(world, travel, run_outbox, lead_rule, post_office):
    cases = open_late_cases(world, travel, "Mails bounce", "The list is empty", "No sign-in")
    run_outbox()
    (mail,) = alarm_mails(world)
    assert mail.kind == "alarm_digest" and mail.state == "sent"
    assert mail.subject == "Promised times: 3 cases need you"
    for case in cases:
        assert mail.text.count(case.key + " ·") == 1 and case.subject in mail.text
        assert f"/desk/cases/{case.key}" in mail.text and f"/desk/cases/{case.key}" in mail.html
    assert mail.text.count("First reply: later than promised") == 3  # the highest step, once a case
    sent = [message for message in post_office.sent if message["Message-ID"] == mail.message_id]
    assert len(sent) == 1
    lines = world.rows(Notification, Notification.user_id == world.lee.id, Notification.reason == "alarmed")
    assert sorted(line.case_id for line in lines) == sorted(case.id for case in cases)


def test_one_case_is_told_by_the_mail_about_it(world, travel, run_outbox, lead_rule):
    (case,) = open_late_cases(world, travel, "Mails bounce")
    run_outbox()
    (mail,) = alarm_mails(world)
    assert (mail.kind, mail.case_id) == ("alarm", case.id)
    assert mail.subject == f"First reply: later than promised: Mails bounce [{case.key}]"


@pytest.fixture
def handing_rule(world):
    """After half of the time, and after the whole, the next tier; after the whole the lead, who is not told of it."""
    for rule in world.rows(EscalationRule):
        rule.active = False
    world.session.flush()
    cached_clocks.travel_to(cached_clocks.TUESDAY)
    steps = [
        StepDesign(50, "raise_tier"),
        StepDesign(100, "raise_tier"),
        StepDesign(100, "reassign", (), "lead"),
    ]
    escalation.add_rule(world.ctx("ada"), name="Hand over", kinds=("first_response",), severities=(), steps=steps)


def news_of(world, who="lee"):
    """The kinds and subjects of the mails of *who* about alarms and about what rules did."""
    kinds = ("alarm", "alarm_digest", "staff_news")
    rows = world.rows(OutgoingMail, OutgoingMail.user_id == world.person(who).id, OutgoingMail.kind.in_(kinds))
    return [(row.kind, row.subject) for row in rows if not row.subject.startswith("New case")]


def test_what_rules_did_in_a_gap_is_one_mail_for_each_person(world, travel, run_outbox, handing_rule):
    (case,) = open_late_cases(world, travel, "Mails bounce")
    run_outbox()
    assert world.reload(case).owner_id == world.lee.staff_id and case.tier == 3
    subject = f"This case was assigned to you automatically: Mails bounce [{case.key}]"
    assert news_of(world) == [("staff_news", subject)]


def test_of_several_cases_what_rules_did_is_one_digest(world, travel, run_outbox, handing_rule):
    open_late_cases(world, travel, "Mails bounce", "The list is empty")
    run_outbox()
    assert news_of(world) == [("alarm_digest", "Promised times: 2 cases need you")]
    [mail] = alarm_mails(world)
    assert mail.text.count("This case was assigned to you automatically") == 2


def test_a_morning_after_quiet_hours_is_one_mail(world, travel, run_outbox, lead_rule):
    cached_clocks.travel_to(cached_clocks.TUESDAY + dt.timedelta(hours=9))  # 19:00 in Warsaw
    for subject in ("Mails bounce", "The list is empty"):
        world.open_case("rita", severity=2, subject=subject)
    travel(hours=3)
    run_outbox()
    assert not alarm_mails(world)
    travel(hours=11, minutes=1)  # 09:01: support is open
    run_outbox()
    assert [mail.kind for mail in alarm_mails(world)] == ["alarm_digest"]


def test_a_digest_names_so_many_cases_and_counts_the_rest(world, travel, run_outbox, lead_rule, monkeypatch):
    monkeypatch.setattr(rendering, "DIGEST_CASES", 2)
    open_late_cases(world, travel, "One", "Two", "Three", "Four", "Five")
    run_outbox()
    (mail,) = alarm_mails(world)
    assert mail.subject == "Promised times: 5 cases need you"
    for body in (mail.text, mail.html):
        assert body.count("First reply: later than promised") == 2
        assert "… and 3 more cases" in body
        assert "/desk/monitor" in body


def test_a_repeated_delivery_tells_nobody_again(world, travel, run_outbox, lead_rule):
    cases = open_late_cases(world, travel, "One", "Two")
    run_outbox()
    for case in cases:
        alarm = next(event for event in world.events_of(case) if event.name == "sla.alarm")
        jobs.write_mails(world.system(), alarm)
    run_outbox()
    assert len(alarm_mails(world)) == 1


def test_a_digest_is_written_again_without_a_case_that_its_reader_may_not_see(
    world, travel, run_outbox, lead_rule, post_office, monkeypatch
):
    hidden, shown, other = open_late_cases(world, travel, "A secret", "The list is empty", "No sign-in")
    monkeypatch.setattr(world.app.config["PARLEY"], "smtp_url", "")
    run_outbox()
    people.exclude(world.ctx("ana"), hidden, world.lee.id)
    monkeypatch.setattr(world.app.config["PARLEY"], "smtp_url", "smtp://127.0.0.1:1")
    travel(minutes=11)
    run_outbox()
    first, second = alarm_mails(world)
    assert (first.state, second.state) == ("withdrawn", "sent")
    assert "A secret" in first.text and "A secret" not in second.text and hidden.key not in second.text
    assert shown.key in second.text and other.key in second.text
    assert first.message_id not in [message["Message-ID"] for message in post_office.sent]


def test_a_case_that_excludes_somebody_is_named_by_its_number(world, travel, run_outbox, lead_rule):
    secret, _other = open_late_cases(world, travel, "A secret", "The list is empty")
    world.exclude(secret, "mel")
    run_outbox()
    (mail,) = alarm_mails(world)
    assert secret.key in mail.text and "A secret" not in mail.text + mail.html
    assert "The list is empty" in mail.text


def test_administrators_see_no_digest_that_names_a_case_they_may_not_see(world, travel, run_outbox, lead_rule):
    secret, _other = open_late_cases(world, travel, "A secret", "The list is empty")
    run_outbox()
    (mail,) = alarm_mails(world)
    assert mail.id in [row.id for row in queries.mail_page(world.ctx("ada")).rows]
    world.exclude(secret, "ada")
    assert mail.id not in [row.id for row in queries.mail_page(world.ctx("ada")).rows]


def test_who_left_meanwhile_gets_nothing(world, travel, run_outbox, lead_rule):
    case, _other = open_late_cases(world, travel, "One", "Two")
    desk.take(world.ctx("ana"), case)
    entry = DigestEntry(
        provider_id=case.provider_id,
        user_id=world.rita.id,
        event_id=world.events_of(case)[0].id,
        case_id=case.id,
        created_at=world.system().now,
    )
    world.session.add(entry)
    world.session.flush()
    jobs.write_digest(world.system(), world.rita.id)
    run_outbox()
    assert not alarm_mails(world, "rita")
    assert not world.rows(DigestEntry, DigestEntry.user_id == world.rita.id)
