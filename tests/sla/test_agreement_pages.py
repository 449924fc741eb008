"""/support, /org/<slug>/sla, the tabs of an account, and the administration of policies, hours, rules, agreements."""

import pytest

from portal.sla.actions import policies
from portal.sla.engine.calendar import holiday_places
from portal.sla.models import EscalationRule, Run, SlaCalendar, SlaPolicy


def gold(world):
    return next(row for row in world.rows(SlaPolicy) if row.name == "Gold")


def hours(world):
    return next(row for row in world.rows(SlaCalendar) if row.name == "Warsaw business hours")


def form_of(browser, path):
    return browser.get(path).page.form(path)


def test_support_is_drawn_from_what_was_agreed(world, as_user, monday):
    theirs = as_user("rita").get("/support").page.first("main").text
    assert "Open now, until 18:00 (CET)" in theirs and "15 minutes, day and night" in theirs
    assert "1 hour in support hours, 4 hours outside" in theirs and "Christmas Day" in theirs
    assert "3 business days" in as_user("gil").get("/support").page.first("main").text
    nothing = as_user("rob").get("/support").page.first("main").text
    assert "No times were agreed" in nothing


def test_the_client_sees_its_agreement_if_it_runs_the_organization(world, as_user):
    assert "Gold" in as_user("olga").get("/org/acme/sla").page.first("main").text
    assert as_user("mel").get("/org/acme/sla").status_code == 403
    assert as_user("gil").get("/org/acme/sla").status_code == 404


def test_the_desk_reads_what_holds_and_where_it_comes_from(world, as_user, monday):
    text = as_user("ana").get("/desk/accounts/GLOBEX/sla").page.first("main").text
    assert "Policy “Basic”" in text and "agreed with this account" in text
    assert "Europe/Warsaw" in as_user("ana").get("/desk/accounts/GLOBEX/calendars").page.first("main").text
    assert as_user("tom").get("/desk/accounts/ACME/sla").status_code == 404


# -- policies ---------------------------------------------------------------------------------------------------------


def test_an_administrator_adds_a_policy_and_tries_it_first(world, as_user, monday):
    ada = as_user("ada")
    form = form_of(ada, "/admin/sla-policies/new")
    fields = {
        "name": "Silver",
        "calendar": str(hours(world).id),
        "t_2_first_response": "4",
        "t_2_first_response_unit": "hour",
        "t_2_first_response_outside": "8",
        "t_3_resolution": "1",
        "t_3_resolution_unit": "day",
    }
    tried = ada.submit(form, **fields, do="try", try_at="2026-11-27 17:00", try_severity="3")
    assert tried.status_code == 200 and "Monday, 30 November 2026, 17:00 CET" in tried.page.first("dl", id="tried").text
    assert not [row for row in world.rows(SlaPolicy) if row.name == "Silver"]
    assert ada.submit(form, **fields).status_code == 303
    made = next(row for row in world.rows(SlaPolicy) if row.name == "Silver")
    again = form_of(ada, f"/admin/sla-policies/{made.id}")
    assert (again["t_2_first_response"], again["t_2_first_response_outside"]) == ("4", "8")


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"name": ""}, "Write a name"),
        ({"calendar": ""}, "Choose a calendar"),
        ({"t_1_first_response": "soon"}, "Write a whole number"),
        ({"t_1_first_response": "0"}, "Write a whole number"),
        ({"t_1_first_response": "9" * 400}, "Write a whole number"),
        ({"t_4_aim": "1", "t_4_resolution": ""}, "An aim needs a promise"),
        ({"thresholds": "fifty"}, "Write percentages of the time"),
        ({"name": "Basic"}, "already on the list"),
        ({"do": "try", "try_at": "later"}, "Write a date and time"),
    ],
)
def test_what_cannot_be_promised_gets_a_sentence_and_keeps_the_rest(world, as_user, fields, sentence):
    path = f"/admin/sla-policies/{gold(world).id}"
    ada = as_user("ada")
    answer = ada.submit(form_of(ada, path), **{"t_3_next_response": "77", **fields})
    assert answer.status_code == 422 and sentence in answer.text
    assert answer.page.form(path)["t_3_next_response"] == "77"


def test_a_change_shows_whom_it_hits_before_it_is_saved(world, as_user, monday):
    world.open_case("rita", severity=3)
    path, ada = f"/admin/sla-policies/{gold(world).id}", as_user("ada")
    form = form_of(ada, path)
    shown = ada.submit(form, t_3_first_response="2", do="preview")
    text = shown.page.first("section", id="impact").text
    assert "2 accounts" in text and "1 open case uses it" in text
    assert "first reply: 4 hours in support hours → 2 hours in support hours" in text
    assert gold(world).current == 1


def test_saving_is_a_new_version_and_recomputes_open_cases(world, as_user, run_outbox, monday):
    case = world.open_case("rita", severity=3)
    path, ada = f"/admin/sla-policies/{gold(world).id}", as_user("ada")
    saved = ada.submit(form_of(ada, path), t_3_first_response="2")
    assert saved.status_code == 303 and "/runs/" in saved.location
    assert "It will start in a moment" in ada.get(saved.location).text
    run_outbox()
    assert "Done: 1 case" in ada.get(saved.location).page.first("main").text
    assert gold(world).current == 2
    chip = as_user("ana").get("/desk/queue/all").page.first("tr", id=f"row-{case.key}").text
    assert "2 h business" in chip


def test_a_second_writer_hears_of_the_first(world, as_user):
    path, ada = f"/admin/sla-policies/{gold(world).id}", as_user("ada")
    form = form_of(ada, path)
    assert ada.submit(form, t_3_first_response="2").status_code == 303
    late = ada.submit(form, t_3_first_response="3")
    assert late.status_code == 409 and late.page.form(path)["t_3_first_response"] == "3"
    assert ada.submit(late.page.form(path)).status_code == 303


def test_a_policy_in_use_is_not_archived(world, as_user):
    ada = as_user("ada")
    path = f"/admin/sla-policies/{gold(world).id}/archive"
    assert ada.submit(form_of(ada, path)).status_code == 409
    made = policies.add_policy(world.ctx("ada"), name="Unused", calendar=hours(world), content={})
    world.session.commit()
    path = f"/admin/sla-policies/{made.id}/archive"
    assert ada.submit(form_of(ada, path)).status_code == 303
    assert "Unused" in ada.get("/admin/sla-policies?show=archived").text


def test_leads_read_and_agents_do_not(world, as_user):
    page = as_user("lee").get(f"/admin/sla-policies/{gold(world).id}")
    assert page.status_code == 200 and not page.page.all("input", name="t_1_first_response")
    assert as_user("lee").post(f"/admin/sla-policies/{gold(world).id}", data={}).status_code == 403
    assert as_user("ana").get("/admin/sla-policies").status_code == 403


# -- support hours ----------------------------------------------------------------------------------------------------


def test_a_calendar_is_tried_before_it_is_saved(world, as_user):
    ada = as_user("ada")
    form = form_of(ada, "/admin/calendars/new")
    fields = {
        "name": "Night shift",
        "zone": "Europe/Berlin",
        "friday": "22:00-06:00",
        "country": "DE",
        "region": "BY",
        "one_offs": "2026-12-24 09:00-12:00 open Christmas Eve",
    }
    tried = ada.submit(form, **fields, do="try", try_at="2026-11-28 01:00", try_span="2")
    text = tried.page.first("dl", id="tried").text
    assert "Open then? Yes" in text and "Saturday, 28 November 2026, 03:00" in text
    closed = ada.submit(form, **fields, do="try", try_at="2026-11-28 08:00", try_span="2")
    assert "it opens Monday, 30 November 2026, 09:00" in closed.page.first("dl", id="tried").text
    assert ada.submit(form, **fields).status_code == 303
    made = next(row for row in world.rows(SlaCalendar) if row.name == "Night shift")
    shown = form_of(ada, f"/admin/calendars/{made.id}")["one_offs"]
    assert shown.strip() == "2026-12-24 09:00-12:00 open Christmas Eve"


def test_holidays_are_chosen_by_name_and_shown_before_saving(world, as_user):
    ada = as_user("ada")
    form = form_of(ada, "/admin/calendars/new")
    chosen = ada.submit(form, country="DE", region="02", do="holidays")
    assert chosen.status_code == 200, "a name is not asked for yet"
    places = chosen.page.first("section", id="holiday-places")
    assert "Germany" in places.text and "Bayern" in places.text and "Epiphany" not in places.text
    assert chosen.page.form("/admin/calendars/new")["region"] == "", "a region of another country is left"
    bavarian = ada.submit(form, name="Munich", country="DE", region="BY", do="holidays").page
    assert "Epiphany" in bavarian.first("ul", id="ahead").text
    assert ada.submit(bavarian.form("/admin/calendars/new"), do="").status_code == 303
    assert "Germany, Bayern" in ada.get("/admin/calendars").page.first("main").text
    poland = ada.submit(form, country="PL", holidays="12-24", always="1", do="holidays").page
    assert not poland.all("ul", id="ahead"), "always open is open on holidays too"


def test_each_region_has_a_name_or_its_code():
    places = holiday_places()
    assert places["FR"]["974"] == "La Réunion" and places["PL"]["02"] == "Dolnośląskie"
    assert places["BE"] and all(name for regions in places.values() for name in regions.values())


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"zone": "Europe/Atlantis"}, "is not a time zone"),
        ({"monday": "nine to five"}, "is not a time of day"),
        ({"monday": "25:00-26:00"}, "is not a time of day"),
        ({"country": "ZZ"}, "We do not know the holidays"),
        ({"region": "XX"}, "“XX” is not a region of this country"),
        ({"holidays": "christmas"}, "is not a date"),
        ({"one_offs": "2026-12-24 maybe"}, "Write each line like"),
        ({"one_offs": "tomorrow open"}, "Write the day"),
        ({"day_hours": "all"}, "Write hours"),
        (dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), ""), "never opens"),
        ({"do": "try", "try_span": "much"}, "Write hours"),
        ({"holidays": "\n".join(["2026-12-24"] * 500)}, "At most 400 lines"),
    ],
)
def test_hours_that_cannot_be_counted_get_a_sentence(world, as_user, fields, sentence):
    path, ada = f"/admin/calendars/{hours(world).id}", as_user("ada")
    answer = ada.submit(form_of(ada, path), **fields)
    assert answer.status_code == 422 and sentence in answer.text


def test_a_change_of_hours_shows_what_is_reckoned_anew(world, as_user, monday):
    world.open_case("rita", severity=3)
    path, ada = f"/admin/calendars/{hours(world).id}", as_user("ada")
    text = ada.submit(form_of(ada, path), friday="", do="preview").page.first("section", id="impact").text
    assert "3 accounts" in text and "The due times of 1 open case are recalculated" in text


# -- who gets which ---------------------------------------------------------------------------------------------------


def test_what_holds_and_why_stands_beside_each_account(world, as_user):
    page = as_user("ada").get("/admin/sla-policies/agreed").page
    rows = {row.first("td").text: row.text for row in page.all("tr", class_="list__row")}
    assert "Gold" in rows["Acme (ACME)"] and "agreed for everybody" in rows["Acme (ACME)"]
    assert "Basic" in rows["Globex (GLOBEX)"] and "agreed with this account" in rows["Globex (GLOBEX)"]


def test_an_agreement_with_an_organization_comes_before_everybodys(world, as_user, run_outbox, monday):
    world.open_case("rita", severity=3)
    ada = as_user("ada")
    basic = next(row for row in world.rows(SlaPolicy) if row.name == "Basic")
    path = "/admin/sla-policies/agreed/organization/acme"
    saved = ada.submit(form_of(ada, path), policy=str(basic.id))
    assert saved.status_code == 303 and "/runs/" in saved.location
    run_outbox()
    text = ada.get("/admin/sla-policies/agreed").page.first("main").text
    assert "agreed with Acme" in text
    assert ada.submit(form_of(ada, path), policy="", calendar="").status_code == 303
    assert "agreed with Acme" not in ada.get("/admin/sla-policies/agreed").text
    assert ada.post(path, data={"policy": "01a20000-0000-7000-8000-000000000000"}).status_code == 422


# -- escalation rules -------------------------------------------------------------------------------------------------


def test_a_rule_is_added_changed_and_switched_off(world, as_user):
    ada = as_user("ada")
    form = form_of(ada, "/admin/escalation-rules/new")
    assert ada.submit(form, name="Late", percent=["80"], does=["notify"], whom_0=[]).status_code == 422
    steps = {"percent": ["80", "100"], "does": ["notify", "raise_tier"], "target": ["", "3"], "note": ["", "Go on"]}
    saved = ada.submit(form, name="Late", **steps, step=["", ""], whom_0=["owner", "lead"])
    assert saved.status_code == 303
    made = next(row for row in world.rows(EscalationRule) if row.name == "Late")
    path = f"/admin/escalation-rules/{made.id}"
    page = ada.get("/admin/escalation-rules").page.first("main").text
    assert "80 % Notify the owner, the leads" in page and "100 % Hand over to the next tier (3)" in page
    assert ada.submit(form_of(ada, path), active=None).status_code == 303
    world.session.expire_all()
    assert not world.row(EscalationRule, made).active


def test_a_dry_run_tells_nobody_and_counts(world, as_user, at, monday):
    world.open_case("rita", severity=2)
    at("10:50")
    ada = as_user("ada")
    form = form_of(ada, "/admin/escalation-rules/new")
    tried = ada.submit(
        form, name="Try", percent=["50", "100"], does=["notify", "notify"], whom_0=["owner"], whom_1=["lead"], do="try"
    )
    text = tried.page.first("section", id="tried").text
    assert tried.status_code == 200 and "50 %: 1 times" in text and "100 %: 0 times" in text
    assert not [row for row in world.rows(EscalationRule) if row.name == "Try"]


def test_a_run_can_be_stopped(world, as_user, monday):
    world.open_case("rita", severity=3)
    ada = as_user("ada")
    saved = ada.submit(form_of(ada, f"/admin/sla-policies/{gold(world).id}"), t_3_first_response="2")
    path = saved.location + "/cancel"
    assert ada.submit(form_of(ada, path)).status_code == 303
    run = world.rows(Run)[-1]
    assert run.state == "canceled" and "Stopped after" in ada.get(saved.location).text
    assert ada.get("/admin/sla-policies/runs").status_code == 200


def test_an_administrator_who_may_read_no_case_sees_numbers_only(world, as_user, monday):
    world.open_case("rita", severity=3, subject="Nobody of the platform reads this")
    path, pat = f"/admin/sla-policies/{gold(world).id}", as_user("pat")
    shown = pat.submit(form_of(pat, path), t_3_first_response="2", do="preview")
    assert "1 open case uses it" in shown.text and "Nobody of the platform" not in shown.text


def test_the_past_is_replayed_under_a_draft_and_nothing_changes(world, as_user, at, run_outbox, monday):
    case = world.open_case("rita", severity=3)
    at("12:30")
    world.answer(case)
    path, ada = f"/admin/sla-policies/{gold(world).id}", as_user("ada")
    asked = ada.submit(form_of(ada, path), t_3_first_response="2", do="backtest")
    assert asked.status_code == 303 and gold(world).current == 1
    run_outbox()
    text = ada.get(asked.location).page.first("main").text
    assert "1 kept promise would have been broken" in text and "Nothing was changed" in text
    assert case.key in text and gold(world).current == 1
