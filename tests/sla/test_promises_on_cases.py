"""What both sides read about the promises of a case: next news, clocks, receipt, objections, why it was late."""

import pytest

from portal.cases.actions import desk, links, resolution
from portal.cases.actions.reopening import follow_up
from portal.sla.actions import breaches
from portal.sla.models import CaseSlaState, PromiseShown, SlaClock
from portal.tenants.models import Account, Contact


def news(answer):
    return answer.page.first("p", id="next-news").text


def panel(answer, name):
    return answer.page.first("section", id=name).text


def test_every_open_case_says_when_the_next_news_come(world, as_user, at, monday):
    case = world.open_case("rita", severity=2)
    assert news(as_user("rita").get(f"/cases/{case.key}")) == "First reply by today 11:00"
    at("10:20")
    world.answer(case)
    assert news(as_user("rita").get(f"/cases/{case.key}")) == "Next update by today 14:20"
    at("15:00")
    text = news(as_user("rita").get(f"/cases/{case.key}"))
    assert text.startswith("Later than we promised.") and "The next update was promised by today 14:20" in text


def test_while_it_waits_for_the_customer_it_says_so(world, as_user, monday):
    case = world.case_in("waiting", by="rita", severity=2)
    answer = as_user("rita").get(f"/cases/{case.key}")
    assert "it is your turn" in news(answer)
    assert "Paused, your turn" in panel(answer, "promised")


def test_on_hold_customers_still_get_news(world, as_user, monday):
    case = world.case_in("on_hold", by="rita", severity=2)
    world.answer(case)
    assert news(as_user("rita").get(f"/cases/{case.key}")).startswith("Next update by")


def test_where_nothing_was_agreed_the_page_says_so(world, as_user, monday):
    case = world.open_case("rob")
    answer = as_user("rob").get(f"/cases/{case.key}")
    assert "No times were agreed" in news(answer) and "No times were agreed" in panel(answer, "promised")
    assert "Nothing was agreed" in panel(as_user("sam").get(f"/desk/cases/{case.key}"), "clocks")


def test_customers_read_no_counter_and_no_red_minus(world, as_user, at, monday):
    case = world.open_case("rita", severity=2)
    at("13:00")
    world.answer(case)
    answer = as_user("rita").get(f"/cases/{case.key}")
    assert "Done late" in panel(answer, "promised")
    assert not answer.page.all("span", data_due=True)


def test_staff_read_clocks_with_what_pauses_them(world, as_user, at, monday):
    case = world.case_in("waiting", by="rita", severity=2)
    text = panel(as_user("ana").get(f"/desk/cases/{case.key}"), "clocks")
    assert "Resolution" in text and "paused: waiting for the customer since today 10:00" in text
    assert "Escalate" in text and "Log update" in text


def test_a_closed_case_asks_for_no_update(world, as_user, monday):
    case = world.case_in("closed", by="rita")
    assert as_user("ana").get(f"/desk/cases/{case.key}/update").status_code == 404
    assert not as_user("rita").get(f"/cases/{case.key}").page.all("p", id="next-news")


# -- the receipt ------------------------------------------------------------------------------------------------------


def numbers(answer):
    tables = answer.page.all("table", class_="list")
    return [
        [cell.text for cell in row.all("td") if cell.get("data-cell") != "actions"][:5]
        for table in tables
        for row in table.all("tr", class_="list__row")
        if not row.all("div", class_="objection")
    ]


def test_both_sides_see_the_same_numbers(world, as_user, at, monday):
    case = world.case_in("waiting", by="rita", severity=2)
    at("12:30")
    world.reply(case)
    at("13:00")
    world.answer(case)
    theirs, ours = (
        numbers(as_user(who).get(f"{base}/cases/{case.key}/promises")) for who, base in (("rita", ""), ("ana", "/desk"))
    )
    assert [row[:3] for row in theirs] == [row[:3] for row in ours] and len(theirs) > 5
    assert any(row[2] == "–" and "waited for your answer" in row[3] for row in theirs if len(row) > 3)


def test_the_receipt_keeps_what_stood_on_the_form(world, as_user, monday):
    case = world.open_case("rita", severity=2)
    text = as_user("rita").get(f"/cases/{case.key}/promises").page.first("main").text
    assert "What the form showed" in text and "by Monday, 30 November 2026, 11:00 CET" in text


def test_a_customer_objects_and_support_answers_once(world, as_user, monday):
    case = world.open_case("rita", severity=2)
    rita, ana = as_user("rita"), as_user("ana")
    form = rita.get(f"/cases/{case.key}/promises").page.form(f"/cases/{case.key}/promises")
    line = next(o.get("value") for o in form.element.all("option") if o.get("value"))
    assert rita.submit(form, line=line, text="").status_code == 422
    assert rita.submit(form, line="nonsense", text="Wrong").status_code == 422
    assert rita.submit(form, line=line, text="I wrote at nine").status_code == 303
    again = rita.submit(form, line=line, text="I wrote at nine")
    assert again.status_code == 409 and "already an objection to this line" in again.text
    assert "1 objection waits for an answer" in panel(ana.get(f"/desk/cases/{case.key}"), "clocks")
    page = ana.get(f"/desk/cases/{case.key}/promises").page
    assert "I wrote at nine" in page.first("main").text
    answer = page.form(f"/desk/cases/{case.key}/promises")
    assert ana.submit(answer, verdict="", answer="Sorry").status_code == 422
    assert ana.submit(answer, verdict="kept", answer="The mail came at ten").status_code == 303
    assert ana.submit(answer, verdict="agreed", answer="On second thought").status_code == 409
    assert "The mail came at ten" in rita.get(f"/cases/{case.key}/promises").text
    assert {"sla.objected", "sla.objection_answered"} <= {event.name for event in world.events_of(case)}


def test_a_receipt_of_a_foreign_case_does_not_exist(world, as_user, monday):
    case = world.open_case("gil")
    missing = as_user("rita").get("/cases/GLOBEX-9999/promises")
    foreign = as_user("rita").get(f"/cases/{case.key}/promises")
    assert (missing.status_code, foreign.status_code) == (404, 404)
    assert as_user("rita").post(f"/cases/{case.key}/promises", data={"line": "x:0", "text": "y"}).status_code == 404


@pytest.mark.check(22, "promised and achieved times")
def test_the_printed_case_has_promised_and_achieved_times(world, as_user, at, monday):
    case = world.open_case("rita", severity=2)
    at("10:20")
    world.answer(case)
    text = as_user("rita").get(f"/cases/{case.key}/print").page.first("main").text
    assert "promised by Monday, 30 November 2026, 11:00 CET" in text
    assert "done Monday, 30 November 2026, 10:20 CET" in text
    # What still runs has its date, and no word that is wrong tomorrow.
    assert "In the agreed time · promised by" in text and "romised by today" not in text


# -- why it was late --------------------------------------------------------------------------------------------------


@pytest.fixture
def late(world, at, monday):
    """A case whose first reply came too late."""
    case = world.case_in("open", by="rita", severity=2)
    at("12:00")
    world.answer(case)
    return world.reload(case)


def test_support_cannot_resolve_or_close_before_it_said_why(world, as_user, late):
    ana = as_user("ana")
    page = ana.get(f"/desk/cases/{late.key}/status?set=resolved").page
    assert "A promise was broken: why was it late?" in page.text
    form = page.form(f"/desk/cases/{late.key}/status")
    refused = ana.submit(form, body="We restarted it")
    assert refused.status_code == 422 and "Choose why it was late" in refused.text and "We restarted it" in refused.text
    assert ana.post(f"/desk/cases/{late.key}/close", data={"reason": "Twice"}).status_code == 422
    assert world.reload(late).state != "resolved"


WHY = {"with_breach_reason": "vendor", "with_breach_note": "The line was cut"}


def submitted_with(form, names):
    """Whether the fields *names* stand on the page for this form, by their `form` attribute."""
    return {f.get("name") for f in form.walk() if f.get("form")} >= set(names)


def test_the_reason_is_a_field_of_the_form_that_resolves(world, as_user, late):
    """One press: the solution, and why it was late."""
    ana = as_user("ana")
    page = ana.get(f"/desk/cases/{late.key}/status?set=resolved").page
    assert submitted_with(page, WHY) and page.first("select", name="with_breach_reason").get("form") == "verb-form"
    assert page.first("form", id="verb-form")
    sent = ana.submit(page.form(f"/desk/cases/{late.key}/status"), body="We restarted it", **WHY)
    assert sent.status_code == 303
    world.session.expire_all()
    assert world.reload(late).state == "resolved" and world.row(CaseSlaState, late).unexplained == 0


def test_a_refused_reason_keeps_solution_and_reason(world, as_user, late):
    ana = as_user("ana")
    form = ana.get(f"/desk/cases/{late.key}/status?set=resolved").page.form(f"/desk/cases/{late.key}/status")
    for fields, sentence in (
        ({"body": "We restarted it", "with_breach_reason": "other"}, "Write why it was late"),
        ({"body": "", **WHY}, "Write what solved it"),
    ):
        answer = ana.submit(form, **fields)
        assert answer.status_code == 422 and sentence in answer.text
        assert all(not text or text in answer.text for name, text in fields.items() if name != "with_breach_reason")
        chosen = answer.page.first("select", name="with_breach_reason").all("option", selected=True)
        assert [o.get("value") for o in chosen] == [fields["with_breach_reason"]]
    assert world.row(CaseSlaState, late).unexplained == 1


def test_replying_and_resolving_at_once_asks_there_too(world, as_user, late):
    ana = as_user("ana")
    data = {"body": "We restarted it", "status": "resolved"}
    asked = ana.post(f"/desk/cases/{late.key}/reply", data=data)
    assert asked.status_code == 422 and "We restarted it" in asked.text and submitted_with(asked.page, WHY)
    assert asked.page.first("form", id="composer")
    assert ana.post(f"/desk/cases/{late.key}/reply", data={**data, **WHY}).status_code == 303
    assert world.reload(late).state == "resolved"


def test_closing_takes_the_reason_too(world, as_user, late):
    assert as_user("ana").post(f"/desk/cases/{late.key}/close", data={"reason": "Twice", **WHY}).status_code == 303


def test_with_a_reason_it_goes_on(world, as_user, late):
    ana = as_user("ana")
    form = ana.get(f"/desk/cases/{late.key}/breach?next=/desk/cases/{late.key}/status").page.form(
        f"/desk/cases/{late.key}/breach"
    )
    assert ana.submit(form, reason="").status_code == 422
    other = ana.submit(form, reason="other", note="")
    assert other.status_code == 422 and "Write why it was late" in other.text
    said = ana.submit(form, reason="vendor", note="The line was cut")
    assert (said.status_code, said.location) == (303, f"/desk/cases/{late.key}/status")
    world.session.expire_all()
    assert world.row(CaseSlaState, late).unexplained == 0
    resolution.resolve(world.ctx("ana"), world.reload(late), solution="We restarted it")
    assert world.reload(late).state == "resolved"


def test_customers_may_end_their_case_whenever_they_like(world, as_user, late):
    assert as_user("rita").post(f"/cases/{late.key}/close", data={}).status_code == 303


def test_a_promise_that_was_kept_needs_no_reason(world, as_user, monday):
    case = world.case_in("open", by="rita", severity=2)
    assert "kept so far" in as_user("ana").get(f"/desk/cases/{case.key}/breach").text
    clock = world.rows(SlaClock, SlaClock.case_id == case.id)[0]
    data = {"clock": str(clock.id), "reason": "vendor"}
    assert as_user("ana").post(f"/desk/cases/{case.key}/breach", data=data).status_code == 422


def test_the_reason_is_nothing_for_customers(world, as_user, late):
    row = world.rows(SlaClock, SlaClock.case_id == late.id, SlaClock.outcome == "missed")[0]
    breaches.explain_breach(world.ctx("ana"), late, row, reason="oversight", note="Nobody looked")
    world.session.commit()
    page = as_user("rita").get(f"/cases/{late.key}/promises").text
    assert "verlooked" not in page and "Nobody looked" not in page


# -- the update, the severity -----------------------------------------------------------------------------------------


def test_an_update_is_prepared_and_counts_as_news(world, as_user, at, monday):
    case = world.case_in("in_progress", by="rita", severity=2)
    world.answer(case)
    at("11:00")
    ana = as_user("ana")
    form = ana.get(f"/desk/cases/{case.key}/update").page.form(f"/desk/cases/{case.key}/update")
    assert "We will write again by 30 Nov 2026, 15:00 (CET)" in form["body"]
    assert ana.submit(form).status_code == 303
    assert news(as_user("rita").get(f"/cases/{case.key}")) == "Next update by today 15:00"


def test_no_news_counts_twice_in_a_row(world, as_user, at, monday):
    case = world.case_in("in_progress", by="rita", severity=2)
    world.answer(case)
    for moment in ("11:00", "12:00"):
        at(moment)
        ana = as_user("ana")
        form = ana.get(f"/desk/cases/{case.key}/update").page.form(f"/desk/cases/{case.key}/update")
        assert ana.submit(form, no_news="y").status_code == 303
    at("13:00")
    ana = as_user("ana")
    form = ana.get(f"/desk/cases/{case.key}/update").page.form(f"/desk/cases/{case.key}/update")
    refused = ana.submit(form, no_news="y", body="Still nothing")
    assert refused.status_code == 422 and "Write what is new" in refused.text and "Still nothing" in refused.text
    assert ana.submit(form, no_news=None, body="The part is on its way").status_code == 303


@pytest.mark.check(47, "the new times")
def test_before_a_severity_changes_the_new_times_are_shown(world, as_user, at, monday):
    case = world.case_in("open", by="rita", severity=3)
    at("10:30")
    page = as_user("ana").get(f"/desk/cases/{case.key}/severity").page
    cards = {card.first("input").get("value"): card.text for card in page.all("div", class_="option-card")}
    assert "First reply by today 11:00" in cards["2"], "an hour, of which half is gone"
    assert "First reply by today 14:00" in cards["3"] and "First reply by today 10:15" in cards["1"]
    desk.redefine_severity(world.ctx("ana"), case, severity=2, reason="A manual export works meanwhile")
    clocks = {c.kind: c for c in world.rows(SlaClock, SlaClock.case_id == case.id)}
    assert f"{clocks['first_response'].due_at:%H:%M}" == "10:00", "as the page said: 11:00 in Warsaw"


# -- before submit ----------------------------------------------------------------------------------------------------


def beside(answer):
    return answer.page.first("div", id="promise").text


def test_the_form_shows_concrete_times(world, as_user, monday):
    page = as_user("rita").get("/new/outage").page
    cards = {card.first("input").get("value"): card.text for card in page.all("div", class_="option-card")}
    assert "First reply by today 10:15" in cards["1"] and "First reply by today 11:00" in cards["2"]
    assert "Choose how your work is affected" in page.first("div", id="promise").text


def test_choosing_shows_what_happens_next(world, as_user, monday):
    rita = as_user("rita")
    environment = world.environments["ACME", "Production"].id
    answer = rita.hx(f"/new/outage/promise?account=ACME&environment={environment}&severity=2")
    assert not answer.is_page
    assert "by today 11:00" in beside(answer) and "every 4 hours" in beside(answer)
    page = rita.get(f"/new/outage/promise?account=ACME&environment={environment}&severity=2")
    assert page.is_page and "by today 11:00" in beside(page)


def test_an_emergency_on_test_is_explained_before_it_is_sent(world, as_user, monday):
    test = world.environments["ACME", "Test"].id
    answer = as_user("rita").hx(f"/new/outage/promise?levels=1&account=ACME&environment={test}&severity=1")
    assert "never an emergency" in beside(answer) and "by today 11:00" in beside(answer)
    assert answer.page.first("div", id="promise").get("hx-swap-oob") == "true"
    cards = {card.first("input").get("value"): card for card in answer.page.all("div", class_="option-card")}
    assert "Treated one level lower" in cards["1"].text and "checked" in cards["1"].first("input").attributes


def test_a_refused_form_shows_the_promise_too(world, as_user, monday):
    answer = as_user("rita").post("/new/outage", data={"account": "ACME", "severity": "2", "subject": "", "once": "1"})
    assert answer.status_code == 422 and "by today 11:00" in beside(answer)


def test_what_was_shown_is_kept_with_the_case(world, as_user, at, monday):
    shown = as_user("rita").get("/new/outage").page.first("input", name="shown_at").get("value")
    at("10:07")
    data = {"account": "ACME", "severity": "2", "subject": "It is down", "description": "Nothing works at all"}
    assert as_user("rita").post("/new/outage", data={**data, "shown_at": shown}).status_code == 303
    (kept,) = world.rows(PromiseShown)
    assert kept.content["first_response"] == "2026-11-30T10:00:00+00:00", "eleven in Warsaw, as the form said"


@pytest.mark.parametrize("nonsense", ["", "yesterday", "1999-01-01T00:00:00+00:00", "9" * 300, "2026-11-30T10:00"])
def test_a_forged_moment_is_no_promise(world, as_user, monday, nonsense):
    data = {"account": "ACME", "severity": "2", "subject": "Down", "description": "All of it", "shown_at": nonsense}
    assert as_user("rita").post("/new/outage", data={**data, "once": nonsense[:9] or "x"}).status_code == 303
    (kept,) = world.rows(PromiseShown)
    assert kept.content["first_response"] == "2026-11-30T10:00:00+00:00"


def test_the_desks_form_shows_it_for_the_account(world, as_user, monday):
    page = as_user("ana").get("/desk/new?account=GLOBEX&type=outage").page
    cards = {card.first("input").get("value"): card.text for card in page.all("div", class_="option-card")}
    assert "First reply by today 12:00" in cards["2"], "two hours, as agreed with Globex"


def test_home_says_whether_support_is_open_and_how_soon_it_answers(world, as_user, at):
    at("2026-11-30 10:00")
    page = as_user("rita").get("/").page.first("main").text
    assert "Open now, until 18:00 (CET)" in page and "reply in 15 minutes to 1 business day" in page
    at("2026-11-28 19:00")
    assert "Closed now. We open Mon 09:00 (CET), in 38 hours." in as_user("rita").get("/").page.first("main").text


def test_a_tile_promises_no_more_than_the_agreed_severities(world, as_user):
    """Of every severity that its form can lead to; what is agreed for an important account raises them."""
    world.row(Account, world.accounts["ACME"]).severity_floor = 2
    page = as_user("rita").get("/").page.first("main").text
    assert "reply in 15 minutes to 1 hour" in page and "business day" not in page.partition("My cases")[0]


def test_every_place_that_quotes_times_counts_with_the_floor_and_says_so(world, as_user, monday):
    world.row(Account, world.accounts["ACME"]).severity_floor = 2
    said, of_account = "Your cases are treated as at least High.", "Cases of this account are treated as at least High."
    page = as_user("rita").get("/new/outage?account=ACME").page
    cards = {card.first("input").get("value"): card.text for card in page.all("div", class_="option-card")}
    for rank in ("3", "4"):
        assert said in cards[rank] and "First reply by today 11:00" in cards[rank]
    assert said not in cards["1"] and said not in cards["2"]
    for who, path, sentence in (
        ("rita", "/support?account=ACME", said),
        ("olga", "/org/acme/sla", of_account),
        ("ana", "/desk/accounts/ACME/sla", of_account),
    ):
        page = as_user(who).get(path).page
        assert sentence in page.text, path
        rows = [row for row in page.all("tr") if row.all("td") and row.all("span", class_="severity")]
        replies = {row.first("span", class_="severity").text.split()[0]: row.text for row in rows[:4]}
        assert all("1 hour" in replies[rank] and "business day" not in replies[rank] for rank in "34"), path


def test_staff_go_below_the_floor_with_a_reason_and_see_what_it_is(world, as_user):
    case = world.open_case("rita", severity=2)
    path = f"/desk/cases/{case.key}/severity"
    assert "are treated as at least" not in as_user("ana").get(path).page.text
    world.row(Contact, world.rita.contact_id).severity_floor = 2
    sentence = "Cases of this person are treated as at least High. You can go below that for this case"
    page = as_user("ana").get(path).page
    assert sentence in page.text
    form = page.form(path)
    answer = as_user("ana").submit(form, severity="4", reason="")
    assert answer.status_code == 422 and sentence in answer.page.text
    assert as_user("ana").submit(form, severity="4", reason="A question only").status_code == 303
    assert world.reload(case).severity == 4


def test_a_case_that_moves_or_follows_up_has_the_floor_of_its_place(world):
    case, closed = world.open_case("rita", severity=4), world.case_in("closed", by="rita", severity=4)
    world.row(Account, world.accounts["ACME"]).severity_floor = 3
    account = world.row(Account, world.accounts["ACMEPL"])
    account.severity_floor = 2
    moved = links.move_account(world.ctx("ada"), case, account, contact_id=world.cora.contact_id)
    assert (moved.severity, moved.severity_reason) == (2, "important_account")
    again = follow_up(world.ctx("rita", "contact"), closed, body="Again", staged=(), idempotency_key=None)
    assert (again.severity, again.severity_reason) == (3, "important_account")
