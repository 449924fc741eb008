"""What customers read of promises is the provider's choice: dates, the state, or nothing. Staff read everything."""

import pytest

from portal.cases.models import Case
from portal.sla.models import PromiseShown
from portal.tenants.actions.providers import change_provider


@pytest.fixture
def rule(world):
    """Choose what customers are shown."""

    def choose(shown):
        ctx = world.ctx("ada")
        change_provider(ctx, ctx.provider, promises_shown=shown)

    return choose


def case_page(browser, case):
    page = browser.get(f"/cases/{case.key}").page
    news = [e.text for e in page.all("p", id="next-news")]
    promised = [e.text for e in page.all("section", id="promised")]
    return " ".join(news), " ".join(promised)


def test_dates_unless_the_provider_says_otherwise(world, as_user, monday):
    case = world.open_case("rita", severity=2)
    news, promised = case_page(as_user("rita"), case)
    assert "First reply by" in news and "11:00" in news and "Promised by" in promised
    assert "First reply by" not in as_user("ana").get(f"/desk/cases/{case.key}").page.first("main").text


def test_only_the_state(world, as_user, at, rule, monday):
    rule("state")
    case = world.open_case("rita", severity=2)
    news, promised = case_page(as_user("rita"), case)
    assert news == "We answer within the agreed time." and "In the agreed time" in promised
    assert "11:00" not in news + promised and "How the time was counted" not in promised
    listed = as_user("rita").get("/cases").page.first("main").text
    assert case.key in listed and "11:00" not in listed
    at("11:30")
    news, promised = case_page(as_user("rita"), case)
    assert "Later than we promised." in news and "Later than promised" in promised and "11:00" not in news + promised


def test_nothing(world, as_user, at, rule, monday):
    rule("nothing")
    case = world.open_case("rita", severity=2)
    at("11:30")
    rita = as_user("rita")
    assert case_page(rita, case) == ("", "")
    assert "Promised" not in rita.get("/cases").page.first("main").text
    assert "Promised" not in rita.get(f"/cases/{case.key}/print").page.first("main").text


@pytest.mark.parametrize("shown", ["state", "nothing"])
def test_without_dates_there_is_no_receipt_and_the_form_says_no_time(world, as_user, rule, monday, shown):
    rule(shown)
    case = world.open_case("rita", severity=2)
    rita = as_user("rita")
    assert rita.get(f"/cases/{case.key}/promises").status_code == 404
    beside = rita.get("/new/outage/promise?account=ACME&severity=2").text
    assert "First reply" not in beside and "Resolution" not in beside
    lowered = world.environments["ACME", "Test"]
    told = rita.get(f"/new/outage/promise?account=ACME&severity=1&environment={lowered.id}").text
    assert "one level lower" in told, "what becomes of an emergency is said in any case"


@pytest.mark.parametrize(("shown", "kept"), [("dates", 1), ("state", 0), ("nothing", 0)])
def test_what_was_not_shown_is_not_kept_as_shown(world, as_user, rule, monday, shown, kept):
    rule(shown)
    rita = as_user("rita")
    form = rita.get("/new/question").page.form("/new/question")
    assert rita.submit(form, subject="Which one?", description="Of the two", severity="3").status_code == 303
    case = world.rows(Case, Case.subject == "Which one?")[0]
    assert len(world.rows(PromiseShown, PromiseShown.case_id == case.id)) == kept


@pytest.mark.parametrize("shown", ["state", "nothing"])
def test_staff_and_the_agreement_are_untouched(world, as_user, rule, monday, shown):
    rule(shown)
    case = world.open_case("rita", severity=2)
    ana = as_user("ana")
    assert "1:00" in ana.get("/desk/queue/all").page.first("main").text
    assert ana.get(f"/desk/cases/{case.key}/promises").status_code == 200
    assert "15 minutes, day and night" in as_user("rita").get("/support").page.first("main").text


def test_a_late_promise_says_that_the_lead_was_alerted(world, as_user, at, run_outbox, monday):
    case = world.open_case("rita", severity=1)
    at("10:20")
    run_outbox()
    news, _promised = case_page(as_user("rita"), case)
    assert "Later than we promised." in news and "The team lead was alerted" in news
