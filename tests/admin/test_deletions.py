"""What was made by mistake goes again, as long as nothing refers to it; the page says what does."""

import re

import pytest

from portal.channels.mail.actions.mailboxes import add_mailbox
from portal.identity.models import Address, User
from portal.kernel.database import db
from portal.kernel.events import Event
from portal.sla.actions import escalation
from portal.sla.models import EscalationRule
from portal.tenants.actions import accounts, contacts, departments, environments, organizations, staff
from portal.tenants.models import Account, Contact, ContactAccess, Environment, Organization
from portal.tenants.queries import staff as staff_queries


def press_delete(browser, path):
    """Open the question and press its button; the answer, or None where the page has no button."""
    page = browser.get(path).page
    forms = [form for form in page.forms if form.action == path]
    return browser.submit(forms[0]) if forms else None


@pytest.fixture
def mistakes(world, ctx_of):
    """One row of each kind that nobody uses: its page's address."""
    ctx = ctx_of("ada")
    typo = organizations.add_organization(ctx, name="Acmee")
    account = accounts.add_account(ctx, typo, key="ACMEE", name="Acmee")
    acme = ctx.session.get(Account, world.acme.id)
    spare = environments.add_environment(ctx, acme, name="Spare")
    environments.add_environment(ctx, account, name="Production")
    department = departments.add_department(ctx, name="Nobody's")
    mailbox = add_mailbox(ctx, "typo@northwind.example")
    empty = organizations.add_organization(ctx, name="Empty")
    return {
        "organization": f"/admin/organizations/{empty.slug}",
        "account": f"/admin/accounts/{account.key}",
        "environment": f"/admin/environments/{spare.id}",
        "department": f"/admin/departments/{department.id}",
        "mailbox": f"/admin/mailboxes/{mailbox.id}",
    }


@pytest.mark.parametrize("kind", ["organization", "account", "environment", "department", "mailbox"])
def test_what_nothing_refers_to_goes_for_good(world, as_user, mistakes, kind):
    ada, path = as_user("ada"), mistakes[kind]
    assert f'href="{path}/delete"' in ada.get(path).text
    assert press_delete(ada, f"{path}/delete").status_code == 303
    assert ada.get(path).status_code == 404
    assert world.rows(Event, Event.name == f"{kind}.deleted")[-1].actor_user_id == world.ada.id


def test_an_escalation_rule_that_never_fired_goes_too(world, as_user, ctx_of):
    steps = [escalation.StepDesign(percent=50, does="notify", whom=["owner"])]
    rule = escalation.add_rule(ctx_of("ada"), name="Typo rule", kinds=["first_response"], steps=steps).id
    assert press_delete(as_user("ada"), f"/admin/escalation-rules/{rule}/delete").status_code == 303
    assert not world.rows(EscalationRule, EscalationRule.id == rule)


def test_an_account_takes_its_environments_and_access_along(world, as_user, ctx_of, mistakes):
    ctx = ctx_of("ada")
    account = ctx.session.query(Account).filter_by(key="ACMEE").one().id
    tom = staff_queries.staff_member(ctx, world.tom.staff_id)
    staff.change_staff(ctx, tom, role=tom.role, tier=1, all_accounts=False, accounts=[account], departments=[])
    assert press_delete(as_user("ada"), "/admin/accounts/ACMEE/delete").status_code == 303
    assert not world.rows(Environment, Environment.account_id == account)
    assert not world.rows(ContactAccess, ContactAccess.account_id == account)
    assert press_delete(as_user("ada"), "/admin/organizations/acmee/delete").status_code == 303


def test_what_is_in_use_stays_and_the_page_says_why(world, as_user):
    ada = as_user("ada")
    world.open_case("rita")
    for path, words in (
        ("/admin/accounts/ACME/delete", ("1 case", "can be suspended instead")),
        ("/admin/organizations/acme/delete", ("account", "people", "archived or switched off")),
    ):
        page = ada.get(path).page.first("main").text
        assert all(part in page for part in words) and press_delete(ada, path) is None
        refused = ada.post(path, data={})
        assert refused.status_code == 422 and "is still in use." in refused.page.text
    assert world.rows(Organization, Organization.id == world.acme.organization_id)


def test_only_who_configures_deletes(as_user, mistakes):
    for who in ("ana", "lee", "rita"):
        assert as_user(who).post(f"{mistakes['account']}/delete", data={}).status_code in (403, 404)


@pytest.fixture
def typo_person(world, ctx_of):
    """Somebody who was invited by mistake and never came: their contact."""
    ctx = ctx_of("ada")
    acme = ctx.session.get(Organization, world.acme.organization_id)
    grants = contacts.parse_grants([(str(world.acme.id), "requester")])
    return contacts.add_contact_by_email(ctx, acme, name="Rtia", email="rtia@acme.example", grants=grants, invite=True)


def test_a_person_who_did_nothing_goes_with_their_address(world, as_user, typo_person):
    ada, path, person = as_user("ada"), f"/admin/organizations/acme/people/{typo_person.id}", typo_person.user_id
    assert f'href="{path}/delete"' in ada.get(path).text
    assert press_delete(ada, f"{path}/delete").status_code == 303
    assert ada.get(path).status_code == 404
    assert not world.rows(Address, Address.email == "rtia@acme.example")
    assert not world.rows(User, User.id == person)
    event = world.rows(Event, Event.name == "contact.deleted")[-1]
    assert event.actor_user_id == world.ada.id and event.facts["name"] == "Rtia"
    log = ada.get("/admin/security").page.first("main").text
    assert "Contact deleted" in log and "Rtia" in log


def test_a_person_whom_a_case_names_stays(world, as_user, ctx_of, typo_person):
    case = world.reload(world.open_case("rita"))
    case.contact_id, case.contact_user_id = typo_person.id, typo_person.user_id
    db.session.flush()
    ada, path = as_user("ada"), f"/admin/organizations/acme/people/{typo_person.id}/delete"
    page = ada.get(path).page.first("main").text
    assert "1 case" in page and "End their access" in page and press_delete(ada, path) is None
    assert ada.post(path, data={}).status_code == 422
    assert world.rows(User, User.id == typo_person.user_id)


def test_who_has_signed_in_stays(world, as_user):
    olga = world.olga.contact_id
    page = as_user("ada").get(f"/admin/organizations/acme/people/{olga}/delete").page.first("main").text
    assert "1 sign-in" in page and "End their access" in page and "stays in the records" in page


def test_each_kind_of_thing_is_counted_once(world, as_user):
    """A person refers to one case as its contact, its reporter, one of its readers and its author."""
    world.reply(world.open_case("rita"), by="rita")
    path = f"/admin/organizations/acme/people/{world.rita.contact_id}/delete"
    lines = [item.text.strip() for item in as_user("ada").get(path).page.first("main").all("li")]
    kinds = [re.sub(r"^\d+ ", "", line) for line in lines]
    assert "1 case" in lines and len({kind.rstrip("s") for kind in kinds}) == len(kinds)


def test_who_belongs_somewhere_else_loses_this_place_only(world, as_user, ctx_of, typo_person):
    ctx = ctx_of("ada")
    other = organizations.add_organization(ctx, name="Other")
    account = accounts.add_account(ctx, other, key="OTHER", name="Other")
    grants = contacts.parse_grants([(str(account.id), "requester")])
    kept = contacts.add_contact_by_email(ctx, other, name="Rtia", email="rtia@acme.example", grants=grants).id
    mistake, person = typo_person.id, typo_person.user_id
    assert press_delete(as_user("ada"), f"/admin/organizations/acme/people/{mistake}/delete").status_code == 303
    assert not world.rows(Contact, Contact.id == mistake)
    assert world.rows(Contact, Contact.id == kept) and world.rows(User, User.id == person)


def test_who_belongs_somewhere_else_and_wrote_here_stays(world, as_user, ctx_of, typo_person):
    """No key of the contact leads to the case: they are neither its contact nor its reporter."""
    ctx = ctx_of("ada")
    other = organizations.add_organization(ctx, name="Other")
    account = accounts.add_account(ctx, other, key="OTHER", name="Other")
    grants = contacts.parse_grants([(str(account.id), "requester")])
    contacts.add_contact_by_email(ctx, other, name="Mel", email=world.mel.email, grants=grants)
    case = world.open_case("rita")
    world.put_in_copy(case, world.mel.email)
    world.reply(case, by="mel")
    path = f"/admin/organizations/acme/people/{world.mel.contact_id}/delete"
    page = as_user("ada").get(path).page.first("main").text
    assert "1 case" in page and press_delete(as_user("ada"), path) is None
    assert as_user("ada").post(path, data={}).status_code == 422


def test_an_organization_of_mistakes_goes_with_its_former_people(world, as_user, ctx_of, mistakes):
    ctx = ctx_of("ada")
    typo = ctx.session.query(Organization).filter_by(slug="acmee").one()
    account = ctx.session.query(Account).filter_by(key="ACMEE").one()
    grants = contacts.parse_grants([(str(account.id), "requester")])
    somebody = contacts.add_contact_by_email(ctx, typo, name="X", email="x@acmee.example", grants=grants, invite=False)
    contacts.end_contact(ctx, somebody)
    ada = as_user("ada")
    person = somebody.user_id
    assert press_delete(ada, "/admin/accounts/ACMEE/delete").status_code == 303
    assert "are deleted with it: X." in ada.get("/admin/organizations/acmee/delete").page.first("main").text
    assert press_delete(ada, "/admin/organizations/acmee/delete").status_code == 303
    assert not world.rows(User, User.id == person)
    assert world.rows(Event, Event.name == "contact.deleted")
