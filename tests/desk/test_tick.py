"""What open pages ask for by themselves: counts, news of a queue, new messages of a case; cheap, and of one's own."""

import datetime as dt
import uuid

import pytest

from portal.cases.queries import live
from portal.kernel import change_stamps, clock, ids
from portal.sla.models import CaseSlaState


def ask(browser, path="/desk/tick", **parameters):
    answer = browser.get(path, query_string=parameters, headers={"Accept": "application/json"})
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return answer.json


def draw(overlap=True):
    """What a queue that is drawn now writes of the moment; without *overlap* what is just happening is no news."""
    ahead = dt.timedelta(0) if overlap else live.OVERLAP
    after = uuid.UUID(int=ids.new_id().int + (ahead // dt.timedelta(milliseconds=1) << 80))
    return {"since": int(clock.now().timestamp() * 1000), "after": after}


def test_the_counts_are_those_of_the_rail(world, as_user):
    for _n in range(3):
        world.open_case("rita")
    world.open_case("gil")
    ana = as_user("ana")
    counts = ask(ana)["counts"]
    rail = ana.get("/desk/queue/mine").page.first("nav", class_="rail")
    shown = {span.get("data-count"): span.text for span in rail.all("span", class_="rail__count")}
    assert counts["unassigned"] == "4" and counts["mine"] == ""
    assert {name: counts[name] for name in shown} == shown
    assert ask(as_user("tom"))["counts"]["unassigned"] == "1"


def test_a_queue_hears_of_what_came_since_it_was_drawn(world, as_user):
    ana, drawn = as_user("ana"), draw()
    assert ask(ana, queue="new", **drawn)["cases"] == []
    case, other = world.open_case("rita", severity=2), world.open_case("gil", severity=3)
    assert ask(ana, queue="new", **drawn)["cases"] == sorted([case.key, other.key])
    assert ask(ana, queue="new", severity=2, **drawn)["cases"] == [case.key]
    assert ask(ana, queue="new", account="GLOBEX", **drawn)["cases"] == [other.key]
    assert ask(ana, queue="waiting", **drawn)["cases"] == []
    assert ask(as_user("tom"), queue="new", **drawn)["cases"] == [other.key]


def test_what_is_assigned_without_a_public_word_is_news_too(world, as_user, monkeypatch):
    case = world.open_case("rita")
    drawn = draw(overlap=False)
    assert ask(as_user("lee"), queue="mine", **drawn)["cases"] == []
    monkeypatch.setattr(live, "OVERLAP", dt.timedelta(seconds=20))
    answer = as_user("ana").post(f"/desk/cases/{case.key}/assign", data={"owner": str(world.lee.staff_id)})
    assert answer.status_code == 303
    assert ask(as_user("lee"), queue="mine", **drawn)["cases"] == [case.key]


def test_time_alone_moves_a_case_into_the_late_queue(world, as_user, travel):
    case = world.case_in("open", severity=2)
    due = world.rows(CaseSlaState, CaseSlaState.case_id == case.id)[0].next_due_at
    travel(seconds=(due - clock.now()).total_seconds() - 120)
    drawn = draw(overlap=False)
    assert ask(as_user("ana"), queue="breached", **drawn)["cases"] == []
    travel(minutes=5)
    assert ask(as_user("ana"), queue="breached", **drawn)["cases"] == [case.key]


def test_a_case_hears_of_messages_of_others_and_customers_of_no_note(world, as_user):
    case = world.open_case("rita")
    asked = {"case": case.id, "last": case.id}
    world.reply(case)
    assert ask(as_user("ana"), **asked)["messages"] == 1
    assert ask(as_user("rita"), "/tick", **asked)["messages"] == 0, "her own"
    world.note(case, by="lee")
    assert ask(as_user("ana"), **asked)["messages"] == 2
    assert ask(as_user("rita"), "/tick", **asked)["messages"] == 0
    last = world.answer(case, by="lee")
    assert ask(as_user("rita"), "/tick", **asked)["messages"] == 1
    assert ask(as_user("rita"), "/tick", case=case.id, last=last.id)["messages"] == 0


@pytest.mark.parametrize(
    ("who", "path"),
    [("tom", "/desk/tick"), ("gil", "/tick"), ("piotr", "/tick"), ("rob", "/tick"), ("sam", "/desk/tick")],
)
def test_nothing_of_others_is_news(world, as_user, who, path):
    """Another account, organization or provider: no count, no key, no message."""
    drawn = draw()
    case = world.open_case("rita", visibility="private")
    world.answer(case, by="lee")
    world.note(case, by="lee")
    found = ask(as_user(who), path, queue="all", **drawn, case=case.id, last=case.id)
    assert found["cases"] == [] and found["messages"] == 0
    assert not any(found["counts"].values())


def test_a_person_who_is_excluded_hears_nothing(world, as_user):
    drawn, case = draw(), world.case_in("waiting")
    world.exclude(case, "ana")
    asked = {"case": case.id, "last": case.id}
    found = ask(as_user("ana"), queue="all", **drawn, **asked)
    assert (found["cases"], found["messages"], found["counts"]["waiting"]) == ([], 0, "")
    assert ask(as_user("lee"), queue="all", **drawn, **asked)["messages"] > 0


def test_what_did_not_change_is_not_sent_again(world, as_user):
    world.open_case("rita")
    ana = as_user("ana")
    first = ana.get("/desk/tick")
    tag = first.headers["ETag"]
    again = ana.get("/desk/tick", headers={"If-None-Match": tag})
    assert again.status_code == 304 and not again.data
    assert first.headers["Cache-Control"] == "no-store", "no cache keeps what a person may see"
    world.open_case("rita")
    change_stamps.announce_change(world.northwind.id)  # as its commit does
    assert ana.get("/desk/tick", headers={"If-None-Match": tag}).status_code == 200


def test_a_tick_costs_two_statements_beside_the_tenancy(world, as_user, statements):
    case = world.open_case("rita")
    for who, path in (
        ("ana", f"/desk/tick?queue=all&since=1&after={case.id}&case={case.id}&last={case.id}"),
        ("rita", "/tick"),
    ):
        as_user(who).get(path)
        with statements() as seen:
            as_user(who).get(path)
        asked = [one for one in seen if "set_config" not in str(one)]
        assert len(asked) <= 2, asked


def test_a_signed_out_page_is_told_so_in_a_sentence(client):
    for path in ("/desk/tick", "/tick"):
        answer = client().get(path, headers={"Accept": "application/json"})
        assert (answer.status_code, answer.json) == (401, {"message": "You are signed out."})
        assert "HX-Redirect" not in answer.headers and "Location" not in answer.headers


@pytest.mark.parametrize(
    "query", ["queue=nope&since=1", "queue=all&since=x", "queue=all&since=9&after=9", "case=1&last=2", "since=1"]
)
def test_what_is_malformed_is_left_out(as_user, query):
    assert as_user("ana").get(f"/desk/tick?{query}").status_code == 200


def test_asking_is_no_use_of_a_session(world, as_user, travel):
    """A screen that is left alone must not keep its person signed in."""
    ana = as_user("ana")
    travel(hours=5)
    ana.get("/desk/tick")
    travel(hours=5)
    assert ana.get("/desk/queue/mine").status_code == 302
