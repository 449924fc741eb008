"""The queues: what belongs in which, who sees what, filters that cannot hurt."""

import datetime as dt
import uuid

import pytest

from portal.cases.queries.lists import VIEWS


def keys(answer):
    return [cell.text for cell in answer.page.all("td", data_cell="key")]


def test_the_desk_begins_with_ones_own_work(as_user):
    answer = as_user("ana").get("/desk")
    assert (answer.status_code, answer.location) == (303, "/desk/queue/mine")


@pytest.mark.parametrize("view", VIEWS)
def test_every_built_in_queue_is_a_page(world, as_user, view):
    world.case_in("open")
    assert as_user("ana").get(f"/desk/queue/{view}").status_code == 200


def test_another_view_is_no_page(as_user):
    assert as_user("ana").get("/desk/queue/nonsense").status_code == 404


def test_a_case_stands_in_the_queues_of_its_state(world, as_user):
    waiting, held, fresh = world.case_in("waiting"), world.case_in("on_hold"), world.case_in("new")
    resolved, closed = world.case_in("resolved"), world.case_in("closed")
    ana = as_user("ana")
    assert keys(ana.get("/desk/queue/waiting")) == [waiting.key]
    assert keys(ana.get("/desk/queue/on-hold")) == [held.key]
    assert keys(ana.get("/desk/queue/new")) == [fresh.key]
    assert keys(ana.get("/desk/queue/resolved")) == [resolved.key]
    assert keys(ana.get("/desk/queue/recently-closed")) == [closed.key]
    assert set(keys(ana.get("/desk/queue/mine"))) == {waiting.key, held.key}
    assert keys(ana.get("/desk/queue/unassigned")) == [fresh.key]
    assert closed.key not in keys(ana.get("/desk/queue/all"))
    assert keys(ana.get("/desk/queue/all?status=closed")) == [closed.key]


def test_an_answered_case_comes_back_when_the_customer_replies(world, as_user):
    case = world.case_in("open")
    world.answer(case)
    ana = as_user("ana")
    assert keys(ana.get("/desk/queue/customer-replied")) == []
    world.reply(case)
    answer = ana.get("/desk/queue/customer-replied")
    assert keys(answer) == [case.key] and "Customer replied" in answer.page.first("main").text


def test_the_most_severe_stands_first(world, as_user):
    low, high = world.open_case(severity=4), world.open_case(severity=2)
    assert keys(as_user("ana").get("/desk/queue/new")) == [high.key, low.key]


def test_somebody_who_looks_after_globex_does_not_see_acme(world, as_user):
    theirs, ours = world.open_case("rita"), world.open_case("gil")
    tom = as_user("tom")
    answer = tom.get("/desk/queue/new")
    assert keys(answer) == [ours.key]
    assert theirs.subject not in answer.page.first("main").text or ours.subject == theirs.subject
    assert "Acme" not in answer.get_data(as_text=True)


def test_counts_in_the_rail_leave_foreign_cases_out(world, as_user):
    for _n in range(3):
        world.open_case("rita")
    world.open_case("gil")

    def counted(who):
        rail = as_user(who).get("/desk/queue/mine").page.first("nav", class_="rail")
        return next(a.text for a in rail.all("a") if a.get("href") == "/desk/queue/unassigned")

    assert counted("ana").endswith("4") and counted("tom").endswith("1")


def test_an_account_that_one_does_not_look_after_is_no_filter(world, as_user):
    case = world.open_case("rita")
    for name in ("ACME", "NOBODY", "%27", "x" * 300):
        assert as_user("tom").get(f"/desk/queue/all?account={name}").status_code == 404
    # Views keep accounts by id (decision 0050): one that is out of sight, or gone, is not found and shows nothing.
    for id in (world.acme.id, uuid.uuid4()):
        page = as_user("tom").get(f"/desk/queue/all?account={id}")
        assert page.status_code == 200 and "not found" in page.text
        assert case.key not in page.text and "Acme" not in page.text


def test_an_account_filters_the_list_and_offers_its_environments(world, as_user):
    mine = world.open_case("rita", environment="Test")
    world.open_case("gil")
    ana = as_user("ana")
    page = ana.get("/desk/queue/new?account=acme")
    assert keys(page) == [mine.key] and "Account: Acme" in page.page.first("main").text
    test = world.environments["ACME", "Test"].id
    production = world.environments["ACME", "Production"].id
    assert keys(ana.get(f"/desk/queue/new?account=ACME&env={test}")) == [mine.key]
    answer = ana.get(f"/desk/queue/new?account=ACME&env={production}")
    assert keys(answer) == [] and "No case matches these filters" in answer.page.first("main").text


@pytest.mark.parametrize(
    "query",
    [
        "severity=9",
        "tier=x",
        "owner=%00",
        "department=12",
        "env=zz",
        "sort=drop",
        "page=99999999999",
        "page=-1",
        "size=7",
        "status=%00",
        "q=%00%27%22%3C",
        "owner=me",
        "q=" + "a%20" * 90,
    ],
)
def test_what_cannot_be_understood_does_not_hurt(world, as_user, query):
    world.open_case("rita")
    assert as_user("ana").get(f"/desk/queue/all?{query}").status_code == 200


def test_words_filter_a_queue(world, as_user):
    found = world.open_case("rita", subject="Scanner in Gdańsk")
    world.open_case("rita", subject="Something else")
    ana = as_user("ana")
    assert keys(ana.get("/desk/queue/new?q=gdansk")) == [found.key]
    assert keys(ana.get(f"/desk/queue/new?q={found.key.lower()}")) == [found.key]


def test_filters_by_another_person_about_whom_or_by_whom_a_case_is(world, as_user):
    """Seed S2: "the ticket that the account owns", "that the account created for itself and for another account"."""
    hers, theirs = world.open_case("rita"), world.open_case("ana", contact="mel")
    page = as_user("ana").get("/desk/queue/all?account=ACME").page
    for name in ("contact", "by"):
        offered = {o.text: o.get("value") for o in page.first("select", name=name).all("option")}
        assert offered["Mel Harper"] == str(world.mel.id)
    assert keys(as_user("ana").get(f"/desk/queue/all?account=ACME&contact={world.mel.id}")) == [theirs.key]
    assert keys(as_user("ana").get(f"/desk/queue/all?account=ACME&by={world.rita.id}")) == [hers.key]


def test_filters_by_owner_department_tier_and_severity(world, as_user):
    case = world.case_in("open", staff="lee", severity=2)
    other = world.case_in("open", staff="ana", severity=4)
    ana = as_user("ana")
    assert keys(ana.get(f"/desk/queue/all?owner={world.lee.staff_id}")) == [case.key]
    assert keys(ana.get("/desk/queue/all?owner=me")) == [other.key]
    assert keys(ana.get("/desk/queue/all?severity=2")) == [case.key]
    assert keys(ana.get("/desk/queue/all?tier=2")) == []
    department = world.departments["service-desk"].id
    assert set(keys(ana.get(f"/desk/queue/all?department={department}"))) == {case.key, other.key}


def test_htmx_gets_the_list_alone(world, as_user):
    world.open_case("rita")
    answer = as_user("ana").hx("/desk/queue/new", target="results")
    assert not answer.is_page and answer.page.first("div", id="results")
    filtered = as_user("ana").hx("/desk/queue/new?q=&account=ACME&tier=&view=evil", target="results")
    assert filtered.headers["HX-Push-Url"] == "/desk/queue/new?account=ACME"


def test_a_long_queue_has_pages(world, as_user):
    for n in range(21):
        world.open_case("rita", subject=f"Case number {n}", ago=dt.timedelta(minutes=n))
    ana = as_user("ana")
    first, second = keys(ana.get("/desk/queue/new")), keys(ana.get("/desk/queue/new?page=2"))
    assert len(first) == 20 and len(second) == 1 and not set(first) & set(second)


def test_an_excluded_agent_finds_the_case_nowhere(world, as_user):
    case = world.open_case("rita", subject="About somebody")
    world.exclude(case, "lee")
    lee = as_user("lee")
    assert keys(lee.get("/desk/queue/all")) == []
    assert lee.get(f"/desk/cases/{case.key}").status_code == 404
    assert "About somebody" not in lee.get("/desk/search?q=somebody").get_data(as_text=True)


@pytest.mark.parametrize("who", ["pat", "rita", "gina"])
def test_only_the_desk_enters_the_desk(world, as_user, who):
    case = world.open_case("rita")
    for path in (
        "/desk",
        "/desk/queue/all",
        f"/desk/cases/{case.key}",
        "/desk/new",
        "/desk/accounts",
        "/desk/search?q=x",
    ):
        assert as_user(who).get(path).status_code == 403


def test_a_stranger_signs_in_first(client):
    assert client().get("/desk/queue/mine").status_code == 302


def test_the_auditor_reads_and_has_no_boxes_to_tick(world, as_user):
    case = world.open_case("rita")
    answer = as_user("aud").get("/desk/queue/all")
    assert keys(answer) == [case.key]
    assert not answer.page.all("input", name="case")


def test_a_queue_costs_the_same_for_many_cases(world, as_user, statements):
    ana = as_user("ana")

    def once():
        with statements() as seen:
            assert ana.get("/desk/queue/new").status_code == 200
        return len(seen)

    def cost():
        return min(once(), once())  # now and then a request also notes that somebody is there

    world.open_case("rita")
    few = cost()
    for n in range(18):
        world.open_case(("rita", "gil", "cora")[n % 3], subject=f"One more {n}")
    assert cost() == few
