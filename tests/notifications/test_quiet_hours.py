"""Quiet hours: mails that can wait come when they end, in the person's own zone; what is urgent does not wait."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from portal.identity import actions as identity
from portal.identity.models import User
from portal.kernel import clock
from portal.notifications.models import OutgoingMail, QuietHours
from portal.notifications.rules import end_of_quiet, is_urgent

WARSAW = ZoneInfo("Europe/Warsaw")


def at(text, zone=WARSAW):
    return dt.datetime.fromisoformat(text).replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("now", "begins", "ends", "sent"),
    [
        ("2026-11-03 21:59", 22, 7, "2026-11-03 21:59"),
        ("2026-11-03 22:00", 22, 7, "2026-11-04 07:00"),
        ("2026-11-04 06:59", 22, 7, "2026-11-04 07:00"),
        ("2026-11-04 07:00", 22, 7, "2026-11-04 07:00"),
        ("2026-11-03 12:30", 12, 13, "2026-11-03 13:00"),
        ("2026-11-03 23:30", 0, 23, "2026-11-03 23:30"),
        ("2026-11-03 00:00", 0, 23, "2026-11-03 23:00"),
        ("2026-11-03 23:59", 23, 0, "2026-11-04 00:00"),
        # The night in which the clock goes back, and the one in which the end is skipped.
        ("2026-10-24 23:00", 22, 7, "2026-10-25 07:00"),
        ("2026-03-28 23:00", 22, 2, "2026-03-29 03:00"),
    ],
)
def test_a_mail_waits_until_the_end_of_the_hours(now, begins, ends, sent):
    assert end_of_quiet(at(now).astimezone(dt.UTC), WARSAW, begins, ends) == at(sent)


def test_what_is_urgent():
    assert is_urgent("password_reset", None) and is_urgent("alarm", 3) and is_urgent("answered", 1)
    assert is_urgent("mailbox_paused", None)
    assert not is_urgent("answered", 2) and not is_urgent("closed", 4)


@pytest.fixture
def quiet(world):
    """Rita wants nothing at this hour, nor in the two that follow."""
    rita = world.row(User, world.rita)
    hour = clock.now().astimezone(ZoneInfo(rita.zone or world.system().provider.zone)).hour
    row = QuietHours(provider_id=world.northwind.id, user_id=rita.id, begins=hour, ends=(hour + 3) % 24)
    world.session.add(row)
    world.session.flush()


def states(world):
    rows = world.rows(OutgoingMail, OutgoingMail.user_id == world.person("rita").id)
    return {row.kind: row.state for row in rows}


def test_mails_wait_and_come_once(world, quiet, post_office, run_outbox, travel):
    case = world.open_case("rita")
    run_outbox()
    world.answer(case)
    run_outbox()
    assert states(world) == {"opened": "queued", "answered": "queued"}
    identity.ask_reset(world.system(), world.rita.email)
    run_outbox()
    assert states(world)["password_reset"] == "sent"
    travel(hours=4)
    run_outbox()
    assert set(states(world).values()) == {"sent"} and len({m["Message-ID"] for m in post_office.sent}) == 3


def test_an_emergency_does_not_wait(world, quiet, post_office, run_outbox):
    world.open_case("rita", severity=1)
    run_outbox()
    assert states(world) == {"opened": "sent"}


def test_people_choose_them_on_their_own_page(world, as_user):
    rita, page = as_user("rita"), "/me/notifications"
    assert rita.post(page, data={"answers": "y", "quiet_from": "22", "quiet_until": "7"}).status_code == 303
    [row] = world.rows(QuietHours)
    assert (row.user_id, row.begins, row.ends) == (world.rita.id, 22, 7)
    shown = rita.get(page).page.form(page)
    assert (shown["quiet_from"], shown["quiet_until"]) == ("22", "7")
    for until in ("22", "", "25", "x"):
        assert rita.post(page, data={"quiet_from": "22", "quiet_until": until}).status_code == 422, until
    assert rita.post(page, data={"quiet_from": "", "quiet_until": "7"}).status_code == 303
    assert world.rows(QuietHours) == []
