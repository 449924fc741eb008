"""Ordinary mails once a day, as one, for whoever chose it; what waits for an answer comes at once."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.cases.actions import desk, people, resolution
from portal.notifications import actions, jobs
from portal.notifications.models import DigestEntry, OutgoingMail
from portal.notifications.rules import NEWS_HOUR, ORDINARY_KINDS, Topic, next_news_time
from tests.sla import cached_clocks

ZONES = ("Europe/Warsaw", "America/New_York", "Asia/Kathmandu", "Pacific/Apia")


@given(
    st.datetimes(dt.datetime(2026, 1, 1), dt.datetime(2027, 1, 1), timezones=st.just(dt.UTC)), st.sampled_from(ZONES)
)
def test_the_mail_of_the_day_comes_at_the_next_eight(since, name):
    zone = ZoneInfo(name)
    due = next_news_time(since, zone)
    assert since < due <= since + dt.timedelta(hours=25) and due.astimezone(zone).hour == NEWS_HOUR


@pytest.fixture
def daily(world):
    """Rita reads once a day."""
    cached_clocks.travel_to(cached_clocks.TUESDAY)
    actions.choose_mails(world.ctx("rita", "contact"), {Topic.DAILY: True})
    world.session.flush()


def mails(world, who="rita"):
    found = world.rows(OutgoingMail, OutgoingMail.user_id == world.person(who).id)
    return [mail for mail in sorted(found, key=lambda one: one.id) if mail.kind not in ("opened", "alarm")]


def test_ordinary_mails_come_once_a_day_as_one(world, travel, run_outbox, daily):
    one, two = world.open_case("rita", subject="Scanner"), world.open_case("rita", subject="Screen")
    for case in (one, two):
        world.answer(case, "We look at it.")
    run_outbox()
    desk.start(world.ctx("ana"), world.reload(one))
    run_outbox()
    assert mails(world) == []
    travel(days=1)
    run_outbox()
    (mail,) = mails(world)
    assert (mail.kind, mail.case_id, mail.subject) == ("daily_news", None, "3 updates in your cases")
    for case in (one, two):
        assert mail.text.count(f"{case.key} · {case.subject}") == 1 and f"/cases/{case.key}" in mail.html
    assert mail.text.count("Ana Silva replied") == 2 and "We are working on your case" in mail.text
    travel(days=1)
    run_outbox()
    assert len(mails(world)) == 1


def test_what_waits_for_an_answer_and_emergencies_come_at_once(world, run_outbox, daily):
    case, urgent = world.open_case("rita"), world.open_case("rita", severity=1)
    desk.ask(world.ctx("ana"), case, question="Which one?")
    run_outbox()
    resolution.resolve(world.ctx("ana"), world.reload(case), solution="Restarted")
    world.answer(urgent)
    run_outbox()
    assert sorted(mail.kind for mail in mails(world)) == ["answered", "asked", "resolved"]
    assert "asked" not in ORDINARY_KINDS and "resolved" not in ORDINARY_KINDS


def test_muted_and_withdrawn_cases_are_left_out(world, travel, run_outbox, daily):
    muted, gone, kept = (world.open_case("mel", subject=name, cc=["rita@acme.example"]) for name in ("A", "B", "C"))
    run_outbox()
    for case in (muted, gone, kept):
        world.answer(case)
    run_outbox()
    people.subscribe(world.ctx("rita", "contact"), world.reload(muted), "mute")
    world.exclude(gone, "rita")
    travel(days=1)
    run_outbox()
    mail = mails(world)[-1]
    assert mail.kind == "daily_news" and mail.subject == "1 update in your cases"
    assert kept.key in mail.text and gone.key not in mail.text and muted.key not in mail.text
    assert {row.case_id for row in world.rows(DigestEntry, DigestEntry.user_id == world.rita.id)} == {kept.id}


def test_written_twice_it_is_one(world, travel, run_outbox, daily):
    world.answer(world.open_case("rita"))
    run_outbox()
    travel(days=1)
    run_outbox()
    jobs.write_news(world.system(), world.rita.id)
    assert [mail.kind for mail in mails(world)] == ["daily_news"]


def test_staff_read_once_a_day_what_happens_in_their_cases(world, travel, run_outbox):
    cached_clocks.travel_to(cached_clocks.TUESDAY)
    actions.choose_mails(world.ctx("ana", "staff"), {Topic.OWN_CASES: True, Topic.DAILY: True})
    case = world.case_in("open")
    desk.redefine_severity(world.ctx("lee"), case, severity=4, reason="Less urgent")
    run_outbox()
    assert mails(world, "ana") == []
    given = world.open_case("rita", subject="Given")
    desk.assign(world.ctx("lee"), given, owner_id=world.ana.staff_id, department_id=given.department_id)
    run_outbox()
    (at_once,) = mails(world, "ana")
    assert at_once.kind == "staff_news" and at_once.case_id == given.id
    travel(days=1)
    run_outbox()
    (mail,) = [mail for mail in mails(world, "ana") if mail.kind == "daily_staff_news"]
    assert f"/desk/cases/{case.key}" in mail.text


def test_the_word_of_a_customer_does_not_wait_for_the_day(world, run_outbox):
    actions.choose_mails(world.ctx("ana", "staff"), {Topic.OWN_CASES: True, Topic.DAILY: True})
    actions.choose_mails(world.ctx("rita", "contact"), {Topic.DAILY: True})
    case = world.case_in("open")
    world.put_in_copy(case, "mel@acme.example")
    world.reply(world.reload(case), by="mel")
    run_outbox()
    assert [(mail.kind, mail.case_id) for mail in mails(world, "ana")] == [("staff_news", case.id)]
    assert "comment" not in [mail.kind for mail in mails(world, "rita")]


def test_the_page_keeps_the_choice_and_lists_muted_cases(world, as_user):
    rita, case = as_user("rita"), world.open_case("rita", subject="Noisy fan")
    form = rita.get("/me/notifications").page.form("/me/notifications")
    assert rita.submit(form, daily="y").status_code == 303
    page = rita.get("/me/notifications").page
    assert "checked" in page.first("input", name="daily").attributes and "Noisy fan" not in page.text
    rita.post(f"/cases/{case.key}/mute", data={"wish": "mute"})
    page = rita.get("/me/notifications").page
    assert "Noisy fan" in page.text
    assert rita.submit(page.form(f"/cases/{case.key}/mute")).status_code == 303
    assert "Noisy fan" not in rita.get("/me/notifications").page.text
