"""What was made by mistake goes again, as long as nothing refers to it; the page says what does."""

import pytest

from portal.channels.mail.actions.mailboxes import add_mailbox
from portal.kernel.events import Event
from portal.sla.actions import escalation
from portal.sla.models import EscalationRule
from portal.tenants.actions import accounts, departments, environments, organizations, staff
from portal.tenants.models import Account, ContactAccess, Environment, Organization
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
