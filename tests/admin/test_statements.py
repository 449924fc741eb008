"""Lists cost the same number of statements however many rows they show."""

import pytest

from portal.authz.roles import ContactRole
from portal.tenants.actions import accounts as account_actions
from portal.tenants.actions import contacts as contact_actions
from portal.tenants.actions import environments as environment_actions
from portal.tenants.actions import organizations as organization_actions
from portal.tenants.actions import staff
from portal.tenants.models import Account, Organization

LISTS = (
    "/admin/organizations",
    "/admin/accounts",
    "/admin/environments",
    "/admin/staff",
    "/admin/departments",
    "/admin/request-types",
    "/admin/organizations/acme/people",
    "/admin/organizations/acme",
    "/admin",
    "/admin/accounts/ACME",
)


def grow(world, ctx):
    """Twelve more of everything that lists show."""
    acme = ctx.session.get(Organization, world.organizations["Acme"].id)
    account = ctx.session.get(Account, world.acme.id)
    for n in range(12):
        client = organization_actions.add_organization(ctx, name=f"Client {n}")
        environment_actions.add_environment(
            ctx, account_actions.add_account(ctx, client, key=f"CL{n}", name=f"Client {n}"), name="Main"
        )
        environment_actions.add_environment(ctx, account, name=f"Place {n}")
        grant = contact_actions.Grant(account.id, None, ContactRole.MEMBER)
        contact_actions.add_contact_by_email(
            ctx, acme, name=f"Person {n}", email=f"p{n}@acme.example", grants=[grant], invite=False
        )
        staff.add_staff_by_email(
            ctx,
            name=f"Staff {n}",
            email=f"s{n}@northwind.example",
            role="agent",
            tier=1,
            all_accounts=False,
            accounts=[account.id],
            departments=[],
            invite=False,
        )


@pytest.mark.parametrize("path", LISTS)
def test_the_number_of_statements_does_not_grow(world, as_user, ctx_of, statements, path):
    ada = as_user("ada")
    ada.get(path)
    with statements() as few:
        assert ada.get(path).status_code == 200
    grow(world, ctx_of("ada"))
    ada.get(path)  # as before: what is kept of the configuration is read anew after a change
    with statements() as many:
        assert ada.get(path).status_code == 200
    # Only the overview asks more: it names what is missing, a fixed number of kinds.
    assert len(many) <= len(few) + (16 if path == "/admin" else 0)


def test_a_long_list_comes_in_pages(world, as_user, ctx_of):
    ctx = ctx_of("ada")
    for n in range(55):
        organization_actions.add_organization(ctx, name=f"Client {n:02}")
    first = as_user("ada").get("/admin/organizations").page
    assert len(first.first("tbody").all("tr")) == 50
    second = as_user("ada").get("/admin/organizations?page=2").page
    assert len(second.first("tbody").all("tr")) == 7 and "page 2" in second.title
