"""The pages of rules: list, form, trial, log, questions; and what a case says of them."""

import pytest

from portal.cases.models import Case
from portal.rules.models import CaseRule, CaseRuleFiring
from tests.support.case_rules import firings_of, make_case_rule


def test_an_administrator_tries_a_rule_saves_it_and_reads_what_it_did(world, as_user):
    ada, second = as_user("ada"), list(world.departments.values())[1]
    seen = world.open_case("rita", subject="The VPN is down")
    world.open_case("rita", subject="An invoice")
    form = ada.get("/admin/rules/new").page.form("/admin/rules/new")
    typed = {"name": "Network faults", "subject_words": "vpn, wifi", "set_department": str(second.id)}
    tried = ada.post("/admin/rules/new", data=form.filled(**typed, **{"try": "1"}))
    text = tried.get_data(as_text=True)
    assert tried.status_code == 200 and seen.key in text and "The VPN is down" in text and "An invoice" not in text
    assert "Nothing was changed" in text and "the subject says “vpn” / “wifi”" in text
    assert world.rows(CaseRule) == [] and firings_of(world, seen) == []
    assert ada.post("/admin/rules/new", data=form.filled(**typed)).status_code == 303
    row = world.rows(CaseRule)[0]
    case = world.open_case("rita", subject="Again the vpn")
    assert case.department_id == second.id
    assert "Network faults" in ada.get("/admin/rules").get_data(as_text=True)
    log = ada.get(f"/admin/rules/{row.id}/log").get_data(as_text=True)
    assert case.key in log and seen.key not in log
    page = as_user("ana").get(f"/desk/cases/{case.key}").get_data(as_text=True)
    assert "Rule “Network faults”" in page
    history = as_user("ana").get(f"/desk/cases/{case.key}/history").get_data(as_text=True)
    assert "Rule “Network faults”" in history
    theirs = as_user("rita").get(f"/cases/{case.key}").get_data(as_text=True)
    assert "Network faults" not in theirs, "customers see what changed, not by which rule"


def test_a_rule_is_corrected_switched_and_deleted(world, as_user):
    ada, row = as_user("ada"), make_case_rule(world, name="Notes")
    address = f"/admin/rules/{row.id}"
    form = ada.get(address).page.form(address)
    assert ada.post(address, data=form.filled(name="Other name", position="7")).status_code == 303
    stale = ada.post(address, data=form.filled(name="Third name"))
    assert stale.status_code == 409
    assert [one.name for one in world.rows(CaseRule)] == ["Other name"]
    for verb in ("switch", "delete"):
        asked = ada.get(f"{address}/{verb}").page.form(f"{address}/{verb}")
        assert ada.post(f"{address}/{verb}", data=asked.filled()).status_code == 303
        if verb == "switch":
            assert "Not in use" in ada.get("/admin/rules").get_data(as_text=True)
    assert world.rows(CaseRule) == [] and ada.get(address).status_code == 404


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"name": ""}, "Write a name"),
        ({"name": "X", "note": ""}, "at least one thing"),
        ({"name": "X", "trigger": "since_opened", "note": "x"}, "how many hours"),
        ({"name": "X", "trigger": "since_opened", "hours": "99999", "note": "x"}, "from 1 to 2000"),
        ({"name": "X", "client": "Nobody Ltd", "note": "x"}, "No client has this name"),
        ({"name": "X", "trigger": "what", "note": "x"}, ""),
        ({"name": "X", "set_owner": "0" * 32, "note": "x"}, ""),
    ],
)
def test_wrong_input_keeps_what_was_typed(world, as_user, typed, sentence):
    ada = as_user("ada")
    form = ada.get("/admin/rules/new").page.form("/admin/rules/new")
    for tries in ({}, {"try": "1"}):
        answer = ada.post("/admin/rules/new", data={**form.filled(), **typed, **tries})
        assert answer.status_code == 422 and sentence in answer.get_data(as_text=True)
    assert world.rows(CaseRule) == []


def test_a_trial_shows_cases_within_sight_only(world, as_user):
    from portal.rules.pages.trial import try_rule
    from portal.rules.queries.case_rules import to_rule_in_use

    row = make_case_rule(world, name="Everything", active=False)
    mine, theirs = world.open_case("rita"), world.open_case("gil")
    rule = to_rule_in_use(row)
    assert {line.key for line in try_rule(world.ctx("ada", "staff"), rule, row).lines} == {mine.key, theirs.key}
    gus = next((who for who in world.northwind.people if sees_some(world, who)), None)
    assert gus is not None, "somebody of the world sees some accounts only"
    ctx = world.ctx(gus, "staff")
    shown = {line.key for line in try_rule(ctx, rule, row).lines}
    assert shown == {one.key for one in (mine, theirs) if one.account_id in ctx.actor.account_ids}


def sees_some(world, who):
    """Whether somebody is staff with some accounts, one of two among them."""
    if not world.person(who).staff_id:
        return False
    actor = world.ctx(who, "staff").actor
    both = {world.acme.id, world.globex.id}
    return not actor.all_accounts and len(both & actor.account_ids) == 1


@pytest.mark.parametrize(
    ("trigger", "how", "count"),
    [
        ("opened", {}, 2),
        ("customer_replied", {}, 1),
        ("staff_replied", {}, 1),
        ("since_opened", {"hours": 2}, 2),
        ("since_customer", {"hours": 2}, 2),
        ("since_staff", {"hours": 2}, 1),
        ("in_status", {"hours": 2, "status": "new"}, 1),
        ("in_status", {"hours": 2, "status": "waiting"}, 0),
        ("since_opened", {"hours": 9}, 0),
    ],
)
def test_every_trigger_can_be_tried(world, travel, trigger, how, count):
    from portal.cases.actions import conversation
    from portal.rules.pages.trial import try_rule
    from portal.rules.queries.case_rules import to_rule_in_use

    one = world.open_case("rita")
    world.open_case("mel", subject="Second")
    conversation.reply(world.ctx("rita"), one, body="More")
    conversation.answer(world.ctx("ana", "staff"), one, body="We look")
    row = make_case_rule(world, trigger=trigger, active=False, **how)
    travel(hours=4)
    before = len(world.rows(Case))
    trial = try_rule(world.ctx("ada", "staff"), to_rule_in_use(row), row)
    assert (trial.count, trial.read) == (count, 2)
    assert len(world.rows(Case)) == before and world.rows(CaseRuleFiring) == []


def test_a_trial_reads_cases_as_they_were_opened(world):
    from portal.cases.actions import desk
    from portal.rules.pages.trial import try_rule
    from portal.rules.queries.case_rules import to_rule_in_use

    first, second = list(world.departments.values())[:2]
    case = world.open_case("rita", department_id=first.id, severity=3)
    ana = world.ctx("ana", "staff")
    desk.assign(ana, case, owner_id=world.ana.staff_id, department_id=second.id)
    desk.redefine_severity(ana, case, severity=1, reason="Worse")
    row = make_case_rule(world, active=False, unowned=True, department_id=first.id, set_department_id=second.id)
    trial = try_rule(world.ctx("ada", "staff"), to_rule_in_use(row), row)
    assert [list(line.changes) for line in trial.lines] == [[f"department: {first.name} → {second.name}"]]
    worse = make_case_rule(world, active=False, severity=2)
    assert try_rule(world.ctx("ada", "staff"), to_rule_in_use(worse), worse).count == 0


def test_who_reads_and_who_does_not(world, as_user):
    row = make_case_rule(world)
    assert as_user("aud").get(f"/admin/rules/{row.id}").status_code == 200
    assert as_user("aud").get("/admin/rules/new").status_code == 403
    assert as_user("rita").get("/admin/rules").status_code in (403, 404)
    assert as_user("sue").get(f"/admin/rules/{row.id}").status_code == 404
    assert as_user("sue").get(f"/admin/rules/{row.id}/log").status_code == 404


def test_without_rules_an_opening_and_a_reply_cost_nothing_more(world, statements):
    from portal.cases.actions import conversation

    case = world.open_case("rita", subject="Warm")
    with statements() as seen:
        conversation.reply(world.ctx("rita"), case, body="One")
    assert not [one for one in seen if "case_rule" in str(one)]
