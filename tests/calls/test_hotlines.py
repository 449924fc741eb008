"""H7: numbers of support with their hours, on every page that names them, and in the administration."""

import datetime as dt

import pytest

from portal.calls.models import Hotline
from portal.identity.models import User
from portal.kernel.events import Event
from portal.kernel.phone_numbers import parse_number
from tests.support.hotlines import NUMBER, WEEK

NEW = "/admin/phone/new"
# A Wednesday and a Sunday of January, when Warsaw is one hour before UTC.
WORKDAY = dt.datetime(2027, 1, 13, 12, tzinfo=dt.UTC)
EVENING = dt.datetime(2027, 1, 13, 20, tzinfo=dt.UTC)
SUNDAY = dt.datetime(2027, 1, 17, 12, tzinfo=dt.UTC)


def form_of(row, **fields):
    return {
        "name": row.name,
        "number": row.number,
        "calendar": str(row.calendar_id),
        "urgent_rank": "",
        "position": "1",
        "active": "y",
        "calls_back": "y",
        "slot_minutes": "30",
        "slot_calls": "1",
        "version": str(row.version),
        **fields,
    }


@pytest.mark.parametrize(
    ("moment", "words"),
    [(WORKDAY, "Open until 18:00 CET"), (EVENING, "Closed, opens Thu 09:00 CET"), (SUNDAY, "opens Mon 09:00 CET")],
)
def test_h7_pages_that_name_the_number_say_whether_somebody_answers(
    world, as_user, client, hotline, travel_to, moment, words
):
    hotline()
    travel_to(moment)
    rita = as_user("rita")
    for page in ("/", "/support", "/new/question", "/cases"):
        shown = rita.get(page).text
        assert NUMBER in shown, page
        assert words in shown, page
    assert words in client().get("/sign-in").text


def test_h7_hours_are_in_the_zone_of_the_reader(world, as_user, hotline, travel_to):
    hotline()
    travel_to(WORKDAY)
    world.row(User, world.rita).zone = "Asia/Ho_Chi_Minh"
    assert "Open until Thu 00:00 UTC+07" in as_user("rita").get("/support").text


def test_h7_emergencies_are_answered_day_and_night(world, as_user, hotline, travel_to):
    hotline(urgent_rank=1)
    travel_to(EVENING)
    assert "Closed, opens Thu 09:00 CET; day and night for: Emergency" in as_user("rita").get("/support").text


def test_h7_every_line_stands_on_the_support_page_and_the_first_elsewhere(world, as_user, hotline, travel_to):
    hotline("Day line", position=2)
    hotline("Night line", number="+48 22 555 66 77", position=1, content={"always": True})
    travel_to(EVENING)
    rita = as_user("rita")
    support, cases = rita.get("/support").text, rita.get("/cases").text
    assert "Day line" in support
    assert "Open day and night" in support
    assert "+48 22 555 66 77" in cases
    assert NUMBER not in cases


def test_h7_another_provider_names_its_own_number(world, as_user, hotline):
    hotline(number="+48 22 555 66 77")
    assert "555 66 77" not in as_user("sue").get("/desk").text
    assert "555 66 77" not in as_user("sue").get("/admin/phone").text


def test_h7_a_changed_calendar_is_seen_at_once(world, as_user, hotline, travel_to):
    from portal.sla.actions.calendars import change_calendar
    from portal.sla.queries.calendars import calendar

    row = hotline()
    travel_to(WORKDAY)
    assert "Open until 18:00 CET" in as_user("rita").get("/support").text
    ctx = world.ctx("ada", "staff")
    content = {"zone": "Europe/Warsaw", "week": {**WEEK, "wednesday": "09:00-17:30"}}
    change_calendar(ctx, calendar(ctx, row.calendar_id), name="Hours", content=content, seen=1)
    assert "Open until 17:30 CET" in as_user("rita").get("/support").text


def test_h7_a_number_from_the_form_to_the_pages(world, as_user, hotline):
    row = hotline("Old", number="+48 22 555 66 77")
    ada = as_user("ada")
    sent = ada.post(NEW, data=form_of(row, name="Hotline", number="22 100 20 30", version=""))
    assert sent.status_code == 303
    made = world.rows(Hotline, Hotline.number == "+48221002030")[0]
    assert made.name == "Hotline"
    assert "+48 22 100 20 30" in ada.get("/admin/phone").text
    assert ada.post(f"/admin/phone/{made.id}", data=form_of(made, name="Renamed", urgent_rank="1")).status_code == 303
    assert (made.name, made.urgent_rank, made.version) == ("Renamed", 1, 2)
    names = [event.name for event in world.rows(Event, Event.subject_id == made.id)]
    assert names == ["hotline.added", "hotline.changed"]


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("number", "call me", "Write a whole phone number"),
        ("number", "+48 22", "Write a whole phone number"),
        ("number", "9" * 60, "Shorten"),
        ("number", "", "Write a phone number"),
        ("number", NUMBER, "is there already"),
        ("calendar", "", "Choose support hours"),
        ("calendar", "00000000-0000-0000-0000-000000000000", "Choose one of the answers shown"),
        ("urgent_rank", "9", "Choose one of the answers shown"),
        ("slot_minutes", "7", "Choose one of the answers shown"),
        ("slot_calls", "0", "Write a whole number from 1 to 50"),
        ("position", "-1", "Write a whole number from 1 to 99"),
        ("name", "", "Write a name"),
    ],
)
def test_h7_what_no_hotline_can_have_is_refused_with_the_text_kept(world, as_user, hotline, field, value, sentence):
    row = hotline()
    data = {**form_of(row, name="Second", number="+48 22 555 66 77", version=""), field: value}
    refused = as_user("ada").post(NEW, data=data)
    assert refused.status_code == 422
    assert sentence in refused.text
    if field != "name":
        assert "Second" in refused.text
    assert len(world.rows(Hotline)) == 1


def test_h7_a_second_writer_gets_a_conflict(world, as_user, hotline):
    row = hotline()
    ada = as_user("ada")
    assert ada.post(f"/admin/phone/{row.id}", data=form_of(row, name="First")).status_code == 303
    late = ada.post(f"/admin/phone/{row.id}", data=form_of(row, name="Second", version="1"))
    assert late.status_code == 409
    assert "Second" in late.text
    assert row.name == "First"


@pytest.mark.parametrize("who", ["ana", "lee", "aud"])
def test_h7_only_who_configures_changes_numbers(world, as_user, hotline, who):
    row = hotline()
    browser = as_user(who)
    assert browser.post(f"/admin/phone/{row.id}", data=form_of(row, name="Mine"), checked=False).status_code == 403
    assert browser.post(NEW, data=form_of(row), checked=False).status_code == 403
    expected = 403 if who == "ana" else 200
    assert browser.get(f"/admin/phone/{row.id}", checked=False).status_code == expected
    assert row.name == "Hotline"


def test_h7_a_number_out_of_use_is_named_nowhere(world, as_user, hotline):
    row = hotline()
    form = form_of(row)
    del form["active"]
    assert as_user("ada").post(f"/admin/phone/{row.id}", data=form).status_code == 303
    assert "Not in use" in as_user("ada").get("/admin/phone").text
    assert "Open until" not in as_user("rita").get("/support").text


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("+48 22 100-20-30", "+48221002030"),
        ("0048 22 100 20 30", "+48221002030"),
        ("22 100 20 30", "+48221002030"),
        ("tel:+48221002030;ext=5", None),
        ("110", None),
        ("", None),
        ("+", None),
        ("1" * 300, None),
    ],
)
def test_h7_numbers_are_kept_in_one_form(written, found):
    assert parse_number(written, "PL") == found


def test_h7_a_number_without_a_country_needs_one():
    assert parse_number("22 100 20 30") is None
