"""Due soon, breached, escalated: what belongs there, in which order; chips in lists cost the same for any number."""

import pytest

from portal.cases.actions import desk
from portal.sla.models import CaseSlaState


def keys(answer):
    return [cell.text for cell in answer.page.all("td", data_cell="key")]


def chip(answer, case):
    row = answer.page.first("tr", id=f"row-{case.key}")
    return row.first("td", data_cell="sla")


def test_a_list_shows_the_nearest_promise_with_its_name(world, as_user, monday):
    case = world.open_case(severity=2)
    cell = chip(as_user("ana").get("/desk/queue/all"), case)
    assert cell.first("span", class_="sla__text").text == "1 h business"
    assert cell.first("span", class_="sla__name").text == "first reply"
    assert "First reply due Monday, 30 November 2026, 11:00 CET" in cell.text
    assert cell.first("span", class_="sla").get("data-state") == "due_soon"


@pytest.mark.parametrize(
    ("moment", "state", "text"),
    [
        ("2026-11-30 10:20", "due_soon", "40 min business"),
        ("2026-11-30 10:35", "urgent", "25 min business"),
        ("2026-11-30 11:42", "late", "42 min late"),
        ("2026-11-30 13:12", "late", "2 h 12 min late"),
        ("2026-12-01 09:08", "late", "22 h late"),
        ("2026-12-01 12:00", "late", "1 d 1 h late"),
    ],
)
def test_it_counts_down_and_is_late_in_words(world, as_user, at, monday, moment, state, text):
    case = world.open_case(severity=2)
    at(moment)
    cell = chip(as_user("ana").get("/desk/queue/all"), case)
    assert cell.first("span", class_="sla").get("data-state") == state
    assert cell.first("span", class_="sla__text").text == text


def test_outside_hours_it_says_when_support_opens(world, as_user, at):
    at("2026-11-28 11:00")
    case = world.open_case(severity=3)
    cell = chip(as_user("ana").get("/desk/queue/all"), case)
    assert cell.first("span", class_="sla").get("data-state") == "paused"
    assert cell.first("span", class_="sla__text").text == "opens Mon 09:00"


def test_a_case_that_waits_is_paused(world, as_user, monday):
    case = world.case_in("waiting", severity=2)
    cell = chip(as_user("ana").get("/desk/queue/waiting"), case)
    assert cell.first("span", class_="sla__text").text == "paused"


def test_nothing_agreed_shows_nothing(world, as_user, monday):
    case = world.open_case("rob")
    answer = as_user("sam").get("/desk/queue/all")
    assert keys(answer) == [case.key] and not answer.page.all("span", class_="sla")


def test_due_soon_and_breached_hold_what_their_names_say(world, as_user, at, monday):
    later, soon = world.open_case(severity=4), world.open_case(severity=2)
    ana = as_user("ana")
    assert keys(ana.get("/desk/queue/due-soon")) == [soon.key]
    assert keys(ana.get("/desk/queue/breached")) == []
    at("11:30")
    ana = as_user("ana")
    assert keys(ana.get("/desk/queue/breached")) == [soon.key]
    assert not {soon.key, later.key} & set(keys(ana.get("/desk/queue/due-soon")))


def test_what_is_due_first_stands_first_in_every_queue_and_what_waits_below(world, as_user, at, monday):
    waiting = world.case_in("waiting", severity=2)
    first = world.open_case(severity=3)
    at("10:10")
    second, urgent = world.open_case(severity=3), world.open_case(severity=2)
    order = [urgent.key, first.key, second.key]
    assert keys(as_user("ana").get("/desk/queue/new")) == order
    assert keys(as_user("ana").get("/desk/queue/all")) == [*order, waiting.key]
    assert keys(as_user("ana").get("/desk/queue/all?sort=-due")) == [*reversed(order), waiting.key]
    at("15:00")
    assert keys(as_user("ana").get("/desk/queue/breached")) == order
    # Who was late stands before what became urgent since.
    fresh = world.open_case(severity=1)
    assert keys(as_user("ana").get("/desk/queue/new")) == [*order, fresh.key]


def test_a_case_moves_when_its_promise_is_kept_paused_or_over(world, as_user, at, monday):
    one, other = world.open_case(severity=2), world.open_case(severity=3)
    assert keys(as_user("ana").get("/desk/queue/all")) == [one.key, other.key]
    at("10:30")
    world.answer(world.reload(one))
    assert world.reload(one).due_at == standing(world, one).next_due_at > world.reload(other).due_at
    assert keys(as_user("ana").get("/desk/queue/all")) == [other.key, one.key]
    desk.ask(world.ctx("ana"), world.reload(one), question="Which printer?")
    assert world.reload(one).due_at is None and standing(world, one).next_due_at is None


def standing(world, case):
    return world.rows(CaseSlaState, CaseSlaState.case_id == case.id)[0]


def test_the_rail_counts_them_as_the_lists_do(world, as_user, at, monday):
    for _n in range(3):
        world.open_case("rita", severity=2)
    world.open_case("gil", severity=2)
    at("13:30")

    def counted(who):
        rail = as_user(who).get("/desk/queue/mine").page.first("nav", class_="rail")
        return next(a.text for a in rail.all("a") if a.get("href") == "/desk/queue/breached")

    assert counted("ana").endswith("4") and counted("tom").endswith("1")


def test_a_sort_that_nobody_knows_is_left_out_with_a_word(as_user):
    answer = as_user("ana").get("/desk/queue/all?sort=nonsense")
    assert answer.status_code == 200
    assert "One filter was not understood and is left out: Order" in answer.page.first("main").text


def test_customers_read_plain_words(world, as_user, at, monday):
    world.open_case("rita", severity=2)
    assert "first reply by today 11:00" in as_user("rita").get("/cases").page.first("main").text
    at("12:00")
    text = as_user("rita").get("/cases").page.first("main").text
    assert "later than promised" in text and "late" not in text.replace("later", "")
