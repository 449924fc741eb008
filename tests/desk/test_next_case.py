"""Take next: the most urgent case that nobody has becomes one's own, and nobody else's."""

import datetime as dt
import threading

import pytest

from portal.cases.actions import desk
from portal.cases.models import Case
from portal.cases.queries.next_case import lock_next_case
from portal.snoozes.actions import snooze
from portal.tenants.models import StaffDepartment, StaffMember


def due(world, case, hours):
    case.due_at = world.ctx("ana").now + dt.timedelta(hours=hours) if hours is not None else None
    world.session.flush()
    return case


def serves(world, who, *departments):
    member = world.row(StaffMember, world.person(who).staff_id)
    for row in world.rows(StaffDepartment, StaffDepartment.staff_id == member.id):
        world.session.delete(row)
    world.session.flush()
    for key in departments:
        department = world.departments[key]
        world.session.add(
            StaffDepartment(provider_id=world.northwind.id, staff_id=member.id, department_id=department.id)
        )
    world.session.flush()


def press(as_user, who="ana"):
    return as_user(who).post("/desk/next")


def test_the_nearest_promise_comes_first(world, as_user):
    serves(world, "ana")
    later, sooner, none = (world.open_case("rita", subject=words) for words in ("Later", "Sooner", "No promise"))
    due(world, later, 5), due(world, sooner, -1), due(world, none, None)
    ana = as_user("ana")
    for key, wanted in [(case.key, case) for case in (sooner, later, none)]:
        answer = ana.post("/desk/next")
        assert answer.headers["Location"] == f"/desk/cases/{key}?view=mine"
        case = world.reload(wanted)
        assert case.owner_id == world.ana.staff_id and case.state == "open"
        assert [event.name for event in world.events_of(case)].count("case.taken") == 1
    assert ana.post("/desk/next").headers["Location"] == "/desk/queue/mine"
    assert "Nobody waits: there is no case without an owner for you." in ana.get("/desk/queue/mine").page.text


def test_only_what_waits_for_support_in_ones_departments_and_tier(world, as_user):
    serves(world, "ana", "service-desk")
    own, other = world.departments["service-desk"].id, world.departments["business"].id
    world.open_case("rita", subject="Elsewhere", department_id=other)
    waits = world.case_in("waiting")
    waits.owner_id, waits.department_id = None, own
    high = world.open_case("rita", subject="High", department_id=own)
    high.tier = 3
    due(world, high, -5)
    mine = world.open_case("rita", subject="Mine", department_id=own).key
    assert press(as_user).headers["Location"].startswith(f"/desk/cases/{mine}?")
    assert press(as_user).headers["Location"] == "/desk/queue/mine"
    assert world.reload(high).owner_id is None and world.reload(waits).owner_id is None


def test_what_one_does_not_see_is_never_next(world, as_user):
    """Tom looks after Globex only; an exclusion holds against a press as it holds everywhere."""
    serves(world, "tom")
    world.open_case("rita", subject="Of Acme")
    kept = world.open_case("gil", subject="Not for Tom")
    world.exclude(kept, "tom")
    assert press(as_user, "tom").headers["Location"] == "/desk/queue/mine"
    free = world.open_case("gil", subject="For Tom").key
    assert press(as_user, "tom").headers["Location"].startswith(f"/desk/cases/{free}?")


def test_what_one_put_aside_is_not_next_for_oneself(world, as_user):
    serves(world, "ana")
    case = world.open_case("rita")
    snooze(world.ctx("ana"), case, world.ctx("ana").now + dt.timedelta(hours=3))
    key = case.key
    assert press(as_user).headers["Location"] == "/desk/queue/mine"
    assert press(as_user, "lee").headers["Location"].startswith(f"/desk/cases/{key}?")


@pytest.mark.parametrize("who", ["aud", "rita"])
def test_who_takes_no_cases_takes_no_next_one(world, as_user, who):
    case = world.open_case("rita")
    assert press(as_user, who).status_code in (403, 404)
    assert world.reload(case).owner_id is None


def test_a_look_takes_nothing_and_the_queue_has_the_button(world, as_user):
    case = world.open_case("rita")
    answer = as_user("ana").get("/desk/next")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/desk/queue/unassigned")
    assert world.reload(case).owner_id is None
    page = as_user("ana").get("/desk/queue/mine").page
    assert page.first("form", action="/desk/next").first("button").get("data-key") == "t"
    assert not as_user("aud").get("/desk/queue/all").page.all("form", action="/desk/next")


def test_two_who_press_at_once_get_two_cases(live):
    with live.inside() as world:
        for who in ("ana", "lee"):
            serves(world, who)
        wanted = {world.open_case("rita", subject=f"Case {number}").id for number in range(2)}
    got, errors = [], []
    both = threading.Barrier(2, timeout=20)

    def press_as(who):
        try:
            with live.inside() as world:
                case = lock_next_case(world.ctx(who))
                both.wait()
                got.append(case.id)
                desk.take(world.ctx(who), case)
        except Exception as error:  # told by the assertion below
            errors.append(error)

    threads = [threading.Thread(target=press_as, args=(who,)) for who in ("ana", "lee")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert not errors and set(got) == wanted
    with live.inside() as world:
        owners = {world.row(Case, one).owner_id for one in wanted}
        assert owners == {world.ana.staff_id, world.lee.staff_id}
