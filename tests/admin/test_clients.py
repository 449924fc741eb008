"""Organizations, accounts and environments through the forms."""

import uuid

import pytest

from portal.cases.queries.severity_levels import severity_floor_of
from portal.sla.actions import escalation
from portal.sla.actions.escalation import StepDesign
from portal.sla.models import EscalationRule, FiredStep
from portal.sla.queries import previews
from portal.tenants.actions import accounts as account_actions
from portal.tenants.actions import contacts as contact_actions
from portal.tenants.models import Account, Contact, ContactAccess, Environment, Organization, StaffMember

NEW = {
    "organization": "",
    "organization_name": "Initech",
    "key": "init",
    "name": "",
    "environment": "Production",
    "environment_kind": "production",
    "admin_name": "Bill",
    "admin_email": "bill@initech.example",
    "invite": "y",
}
# Floors of the person and of the account, and what becomes of a case that was asked for as of severity 4.
FLOORS = [
    (3, 2, 2, "important_account"),
    (2, 3, 2, "important_person"),
    (2, 2, 2, "important_person"),
    (None, 4, 4, ""),
]


def test_a_client_is_made_on_one_page(world, as_user):
    answer = as_user("ada").post("/admin/accounts/new", data=NEW)
    assert answer.status_code == 303 and answer.headers["Location"].endswith("/admin/accounts/INIT")
    account = world.rows(Account, Account.key == "INIT")[0]
    assert account.name == "Initech"
    assert [e.name for e in world.rows(Environment, Environment.account_id == account.id)] == ["Production"]
    assert [r.role for r in world.rows(ContactAccess, ContactAccess.account_id == account.id)] == ["organization_admin"]
    assert "INIT-1" in as_user("ada").get("/admin/accounts/INIT").text


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    (
        ("key", "ACME", "is or was the key of another account"),
        ("key", "1X", "A key is 2 to 10"),
        ("organization_name", "ACME", "already an organization named"),
        ("organization_name", "", "Choose an organization"),
        ("admin_email", "bill", "is not a full email address"),
        ("admin_name", "", "Write both name and email"),
        ("organization", "nobody", "Choose an organization"),
        ("environment_kind", "moon", "Choose one of the answers"),
    ),
)
def test_a_refused_client_says_why_and_keeps_the_text(world, as_user, field, value, sentence):
    answer = as_user("ada").post("/admin/accounts/new", data={**NEW, field: value})
    assert answer.status_code == 422 and sentence in answer.page.text
    assert answer.page.form("/admin/accounts/new")["environment"] == "Production"
    assert not world.rows(Organization, Organization.name == "Initech")


def test_a_renamed_account_keeps_its_old_key(world, as_user):
    case = world.open_case("rita")
    form = as_user("ada").get("/admin/accounts/ACME").page.form("/admin/accounts/ACME")
    assert as_user("ada").submit(form, key="acm").status_code == 303
    old = as_user("ada").get("/admin/accounts/ACME")
    assert old.status_code == 308 and old.headers["Location"].endswith("/admin/accounts/ACM")
    assert "was ACME" in as_user("ada").get("/admin/accounts/ACM").page.text
    assert as_user("rita").get(f"/cases/ACME-{case.number}").status_code in (200, 308)


def test_an_account_may_take_its_old_key_back(world, as_user):
    ada = as_user("ada")
    ada.submit(ada.get("/admin/accounts/ACME").page.form("/admin/accounts/ACME"), key="ACM")
    assert ada.submit(ada.get("/admin/accounts/ACM").page.form("/admin/accounts/ACM"), key="ACME").status_code == 303
    assert ada.get("/admin/accounts/ACME").status_code == 200


def test_a_suspended_account_tells_its_people_why(world, as_user):
    ada = as_user("ada")
    form = ada.get("/admin/accounts/ACME").page.form("/admin/accounts/ACME")
    assert ada.submit(form, suspend="y", suspended="").status_code == 422
    assert ada.submit(form, suspend="y", suspended="Cases are paused. Call us.").status_code == 303
    data = {"account": "ACME", "severity": "3", "subject": "Broken", "description": "Since this morning"}
    refused = as_user("rita").post("/new/outage", data=data)
    assert refused.status_code == 422 and "Cases are paused. Call us." in refused.page.text


def test_bought_services_are_kept(world, as_user):
    ada, service = as_user("ada"), str(world.northwind.services["colocation"].id)
    form = ada.get("/admin/accounts/GLOBEX").page.form("/admin/accounts/GLOBEX")
    assert ada.submit(form, services=[service]).status_code == 303
    assert service in ada.get("/admin/accounts/GLOBEX").page.form("/admin/accounts/GLOBEX").values["services"]


def test_an_environment_is_added_changed_and_retired(world, as_user):
    ada = as_user("ada")
    assert ada.post("/admin/accounts/ACME/environments/new", data={"name": "Lab", "kind": "test"}).status_code == 303
    again = ada.post("/admin/accounts/ACME/environments/new", data={"name": "Lab", "kind": "test"})
    assert again.status_code == 422 and "already has an environment" in again.page.text
    lab = world.rows(Environment, Environment.name == "Lab")[0]
    path = f"/admin/environments/{lab.id}"
    form = ada.get(path).page.form(path)
    assert ada.submit(form, name="Laboratory", active=None).status_code == 303
    assert "Laboratory" in ada.get("/admin/environments?show=archived").page.text
    assert "Laboratory" not in ada.get("/admin/environments").page.text


def test_two_administrators_cannot_overwrite_each_other_unseen(world, as_user):
    ada, pat = as_user("ada"), as_user("pat")
    path = "/admin/organizations/acme"
    mine, theirs = ada.get(path).page.form(path), pat.get(path).page.form(path)
    assert ada.submit(mine, name="Acme One").status_code == 303
    answer = pat.submit(theirs, name="Acme Two")
    assert answer.status_code == 409 and "Ada Novak changed this" in answer.page.text
    form = answer.page.form(path)
    assert form["name"] == "Acme Two"
    assert pat.submit(form).status_code == 303
    assert world.rows(Organization, Organization.slug == "acme")[0].name == "Acme Two"


@pytest.mark.parametrize("path", ("/admin/accounts/ACME", "/admin/settings", "/admin/severity"))
def test_an_old_form_is_a_conflict(as_user, path):
    ada = as_user("ada")
    form = ada.get(path).page.form(path)
    assert ada.submit(form, version="something else").status_code == 409


def test_the_rules_of_an_organization_are_changed(world, as_user):
    ada, path = as_user("ada"), "/admin/organizations/acme"
    form = ada.get(path).page.form(path)
    answer = ada.submit(form, default_visibility="shared", admins_see_private="y", outside_copy=None)
    assert answer.status_code == 303
    row = world.rows(Organization, Organization.slug == "acme")[0]
    assert (row.default_visibility, row.admins_see_private, row.outside_copy) == ("shared", True, False)


def test_an_archived_organization_shuts_its_people_out(world, as_user):
    ada, path = as_user("ada"), "/admin/organizations/acme"
    assert ada.submit(ada.get(path).page.form(path), active=None).status_code == 303
    assert "The people who look after its open cases are notified." in ada.get(path).page.text
    assert "Acme" in ada.get("/admin/organizations?show=archived").page.first("main").text
    assert "does not belong to a company" in as_user("rita").get("/").page.text


@pytest.mark.parametrize("q", ("ACME", "acme", "ącmé", "polska"))
def test_accounts_are_found_however_they_are_typed(as_user, q):
    page = as_user("ada").get("/admin/accounts", query_string={"q": q}).page.first("main").text
    assert "Acme Polska" in page and "Globex" not in page


def test_names_with_markup_stay_text(as_user):
    ada = as_user("ada")
    answer = ada.post(
        "/admin/organizations/new", data={"name": "<script>alert(1)</script>", "default_visibility": "private"}
    )
    assert answer.status_code == 303
    assert "<script>alert" not in ada.get(answer.headers["Location"]).text


def test_a_company_called_new_gets_a_page_of_its_own(as_user):
    answer = as_user("ada").post("/admin/organizations/new", data={"name": "New", "default_visibility": "private"})
    assert answer.headers["Location"].endswith("/admin/organizations/new-2")
    assert as_user("ada").get("/admin/organizations/new-2").page.heading == "New"


def test_an_old_token_changes_nothing_and_keeps_the_text(world, as_user):
    answer = as_user("ada").post("/admin/accounts/new", data={**NEW, "csrf_token": "old"}, csrf=False)
    assert answer.status_code == 422 and "Initech" in answer.text
    assert not world.rows(Contact, Contact.title == "nobody") and not world.rows(Account, Account.key == "INIT")


# -- very important accounts -------------------------------------------------------------------------------------------


def test_cases_of_a_very_important_account_are_at_least_so_severe(world, as_user):
    ada = as_user("ada")
    assert ada.submit(ada.get(ACME).page.form(ACME), severity_floor="2").status_code == 303
    assert ada.get(ACME).page.form(ACME)["severity_floor"] == "2"
    case = world.open_case("rita", severity=4)
    assert (case.severity_asked, case.severity, case.severity_reason) == (4, 2, "important_account")
    assert "Raised, as agreed for this account" in as_user("ana").get(f"/desk/cases/{case.key}").page.text
    assert world.open_case("rita", severity=1).severity == 1
    assert ada.submit(ada.get(ACME).page.form(ACME), severity_floor="").status_code == 303
    assert world.open_case("rita", severity=4).severity == 4


@pytest.mark.parametrize(("person", "account", "severity", "reason"), FLOORS)
def test_of_the_floors_of_person_and_account_the_stricter_wins(world, person, account, severity, reason):
    contact = world.row(Contact, world.rita.contact_id)
    contact_actions.set_severity_floor(world.ctx("ada"), contact, person)
    account_actions.set_severity_floor(world.ctx("ada"), world.row(Account, world.acme), account)
    case = world.open_case("rita", severity=4)
    assert (case.severity, case.severity_reason) == (severity, reason)


def test_the_promise_beside_the_form_is_that_of_the_accounts_floor(world):
    account = world.row(Account, world.acme)
    account_actions.set_severity_floor(world.ctx("ada"), account, 2)
    rita = world.ctx("rita", "contact")
    floor = severity_floor_of(rita, account, None)
    shown = previews.preview_promises(rita, account, None, [1, 4], floor=floor)
    assert [(shown.times[rank].severity, shown.times[rank].reason) for rank in (1, 4)] == [
        (1, ""),
        (2, "important_account"),
    ]


def test_a_floor_of_an_account_is_one_of_the_severities_and_the_text_stays(world, as_user):
    form = as_user("ada").get(ACME).page.form(ACME)
    answer = as_user("ada").submit(form, severity_floor="7", name="Acme of today")
    assert answer.status_code == 422 and "Choose one of the severities" in answer.page.text
    assert answer.page.form(ACME)["name"] == "Acme of today"


def test_a_floor_of_an_account_that_somebody_else_set_is_a_conflict_and_the_text_stays(world, as_user):
    mine, theirs = as_user("ada").get(ACME).page.form(ACME), as_user("pat").get(ACME).page.form(ACME)
    assert as_user("ada").submit(mine, severity_floor="2").status_code == 303
    answer = as_user("pat").submit(theirs, severity_floor="3", name="Acme Two")
    assert answer.status_code == 409
    form = answer.page.form(ACME)
    assert (form["severity_floor"], form["name"]) == ("3", "Acme Two")


# -- the account manager ----------------------------------------------------------------------------------------------

ACME = "/admin/accounts/ACME"


def test_the_account_manager_is_chosen_and_the_escalation_step_tells_them(world, as_user, travel, run_outbox):
    ada = as_user("ada")
    form = ada.get(ACME).page.form(ACME)
    assert ada.submit(form, manager=str(world.ana.staff_id)).status_code == 303
    assert ada.get(ACME).page.form(ACME)["manager"] == str(world.ana.staff_id)
    for rule in world.rows(EscalationRule):
        rule.active = False
    steps = [StepDesign(100, "notify", ["account_manager"])]
    escalation.add_rule(world.ctx("ada"), name="Manager", kinds=["first_response"], steps=steps)
    world.open_case("rita", severity=1)
    travel(minutes=16)
    run_outbox()
    assert [row.did["names"] for row in world.rows(FiredStep)] == [["Ana Silva"]]
    assert ada.submit(ada.get(ACME).page.form(ACME), manager="").status_code == 303
    assert world.rows(Account, Account.key == "ACME")[0].manager_id is None


def test_a_manager_must_work_here_and_the_text_stays(world, as_user):
    ada = as_user("ada")
    form = ada.get(ACME).page.form(ACME)
    answer = ada.submit(form, manager=str(uuid.uuid4()), name="Acme of today")
    assert answer.status_code == 422 and "Choose a member of your team" in answer.page.text
    assert answer.page.form(ACME)["name"] == "Acme of today"


def test_a_manager_who_left_is_said_to_have_and_does_not_stop_other_changes(world, as_user):
    ada = as_user("ada")
    ada.submit(ada.get(ACME).page.form(ACME), manager=str(world.ana.staff_id))
    world.rows(StaffMember, StaffMember.id == world.ana.staff_id)[0].active = False
    world.session.flush()
    page = ada.get(ACME).page
    assert "Ana Silva (no longer here)" in page.text
    assert ada.submit(page.form(ACME), name="Acme of today").status_code == 303


def test_two_administrators_choosing_a_manager_hear_of_each_other(world, as_user):
    ada, pat = as_user("ada"), as_user("pat")
    mine, theirs = ada.get(ACME).page.form(ACME), pat.get(ACME).page.form(ACME)
    assert ada.submit(mine, manager=str(world.ana.staff_id)).status_code == 303
    answer = pat.submit(theirs, manager=str(world.lee.staff_id), name="Acme Two")
    assert answer.status_code == 409 and "Ada Novak changed this" in answer.page.text
    form = answer.page.form(ACME)
    assert (form["manager"], form["name"]) == (str(world.lee.staff_id), "Acme Two")


def test_who_does_not_configure_changes_no_manager(world, as_user):
    data = {"manager": str(world.lee.staff_id), "name": "X", "key": "ACME", "version": "1"}
    assert as_user("lee").post(ACME, data=data).status_code in (403, 404)
    assert world.rows(Account, Account.key == "ACME")[0].manager_id is None
