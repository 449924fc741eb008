"""Chips count in a real browser as the engine counts: from the server's clock, whatever the computer's own says."""

import datetime as dt
import re

import pytest

from portal.kernel import clock
from portal.sla.models import SlaClock

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def case(live):
    """An emergency of a moment ago: its first reply is due in a quarter of an hour, day and night."""
    with live.inside() as world:
        found = world.open_case("rita", severity=1, environment="Production")
        due = world.rows(SlaClock, SlaClock.case_id == found.id, SlaClock.kind == "first_response")[0].due_at
        return found.key, due


def minutes_left(page, key):
    text = page.locator(f"#row-{key} .sla__text").inner_text()
    found = re.fullmatch(r"(?:(\d+) h )?(?:(\d+) min )?(left|late)", text)
    assert found, text
    minutes = int(found[1] or 0) * 60 + int(found[2] or 0)
    return minutes if found[3] == "left" else -minutes


@pytest.mark.parametrize("wrong", [-3, 0, 3])
@pytest.mark.check(48, "within a minute, with clocks 3 h wrong")
def test_a_computers_clock_that_is_hours_wrong_changes_nothing(visit, case, wrong):
    key, due = case
    page = visit("ana")
    page.clock.install(time=clock.now() + dt.timedelta(hours=wrong))
    page.goto("/desk/queue/all")
    left = (due - clock.now()).total_seconds() / 60
    assert abs(minutes_left(page, key) - left) <= 1
    page.clock.run_for(5 * 60_000)
    assert abs(minutes_left(page, key) - (left - 5)) <= 1, "it counts on by itself"
    page.clock.run_for(20 * 60_000)
    assert minutes_left(page, key) < 0
    assert page.locator(f"#row-{key} .sla").get_attribute("data-state") == "late"
    assert "late" in page.locator(f"#row-{key} .sla__said").text_content()


def test_the_monitor_ticks_seconds_unless_motion_is_unwanted(visit, case):
    key, _due = case
    page = visit("ana")
    page.goto("/desk/monitor")
    page.wait_for_function("() => /^\\d+ min \\d\\d s /.test(document.querySelector('#lanes .sla__text').textContent)")
    page.emulate_media(reduced_motion="reduce")
    page.goto("/desk/monitor")
    page.wait_for_timeout(1500)
    assert re.fullmatch(r"\d+ min (left|late)", page.locator(f"[id$=-{key}] .sla__text").first.inner_text())
    page.goto("/desk/monitor?pause=1")
    page.wait_for_timeout(1500)
    assert re.fullmatch(r"\d+ min (left|late)", page.locator(f"[id$=-{key}] .sla__text").first.inner_text())


def test_choosing_a_severity_shows_the_promise_and_keeps_the_focus(visit):
    page = visit("rita")
    page.goto("/new/outage")

    def choose(label, severity):
        """Somebody chooses the environment, then the card; each asks the engine."""
        with page.expect_response("**/promise?levels=1**"):
            page.select_option("#environment", label=label)
        page.wait_for_function("() => !document.querySelector('.htmx-request')")
        with page.expect_response("**/promise?**"):
            page.locator(f"#levels input[value='{severity}'] + label").click()

    choose("Production", 2)
    page.wait_for_function("() => document.querySelector('#promise').textContent.includes('every 4 hours')")
    choose("Test (Test)", 1)
    page.wait_for_function("() => document.querySelector('#promise').textContent.includes('never an emergency')")
    assert page.locator("#levels").inner_text().count("Treated one level lower") == 1
    assert page.evaluate("document.activeElement.value") == "1"


def test_a_severity_chosen_while_its_cards_are_fetched_stays_chosen(visit):
    page = visit("rita")
    page.goto("/new/outage")
    waiting = []
    page.route("**/promise?levels=1**", lambda route: waiting.append(route))
    with page.expect_request("**/promise?levels=1**"):
        page.select_option("#environment", label="Production")
    page.locator("#levels input[value='2'] + label").click()
    waiting[0].continue_()
    page.wait_for_function("() => document.querySelector('#promise').textContent.includes('every 4 hours')")
    assert page.locator("#levels input:checked").get_attribute("value") == "2"


def test_a_printed_receipt_has_no_form(visit, case):
    key, _due = case
    page = visit("rita")
    page.goto(f"/cases/{key}/promises")
    page.emulate_media(media="print")
    assert not page.locator("#object").is_visible() and page.locator(".receipt").first.is_visible()
