"""The rules of the actions on people hold without forms too."""

import pytest

from portal.authz.roles import ContactRole
from portal.identity.models import User
from portal.kernel.errors import Forbidden, Refused
from portal.tenants.actions import contacts as contact_actions
from portal.tenants.actions import environments as environment_actions
from portal.tenants.models import Account, Organization
from portal.tenants.queries import contacts as contact_queries


def organization(ctx, world):
    return ctx.session.get(Organization, world.organizations["Acme"].id)


@pytest.mark.parametrize("who", ("rita", "mel", "cora", "gina"))
def test_only_administrators_of_the_organization_add_people(world, ctx_of, who):
    ctx = ctx_of(who)
    acme = organization(ctx_of("ada"), world)
    with pytest.raises(Forbidden):
        contact_actions.add_contact_by_email(ctx, acme, name="X", email="x@acme.example", grants=[])


def test_an_agent_does_not_add_people(world, ctx_of):
    ctx = ctx_of("ana")
    with pytest.raises(Forbidden):
        contact_actions.add_contact_by_email(ctx, organization(ctx, world), name="X", email="x@acme.example", grants=[])


def test_nobody_raises_their_own_access(world, ctx_of):
    ctx = ctx_of("olga")
    mine = contact_queries.contact(ctx, organization(ctx, world), world.olga.contact_id)
    grant = contact_actions.Grant(world.accounts["ACMEPL"].id, None, ContactRole.ORGANIZATION_ADMIN)
    with pytest.raises(Forbidden):
        contact_actions.change_access(ctx, mine, grants=[grant])


def test_a_grant_in_a_foreign_account_is_refused(world, ctx_of):
    ctx = ctx_of("olga")
    with pytest.raises(Refused):
        contact_actions.add_contact_by_email(
            ctx,
            organization(ctx, world),
            name="X",
            email="x@acme.example",
            grants=[contact_actions.Grant(world.globex.id, None, ContactRole.MEMBER)],
        )


@pytest.mark.parametrize(("place", "role"), (("", "member"), ("x", "member"), ("x/y", "member")))
def test_a_place_that_is_none_is_refused(place, role, world):
    with pytest.raises(Refused):
        contact_actions.Grant.parse(place, role)


@pytest.mark.parametrize(("who", "key", "whom"), (("cora", "ACME", "gil"), ("tom", "GLOBEX", "rita")))
def test_nobody_gives_a_place_to_a_person_whom_they_may_not_see(world, ctx_of, who, key, whom):
    """Neither the name nor a place of the person comes of it: somebody apart gets the place."""
    ctx, person = ctx_of(who), world.person(whom)
    account = ctx.session.get(Account, world.accounts[key].id)
    found = contact_actions.add_requester(ctx, account, name="Typed", email=person.email, environment_id=None)
    assert found.user_id != person.id
    assert ctx.session.get(User, found.user_id).name == "Typed"


def test_an_administrator_of_one_account_has_no_say_in_the_other(world, ctx_of):
    ada = ctx_of("ada")
    olga = contact_queries.contact(ada, organization(ada, world), world.olga.contact_id)
    contact_actions.change_access(
        ada, olga, grants=[contact_actions.Grant(world.acme.id, None, ContactRole.ORGANIZATION_ADMIN)]
    )
    polish = ada.session.get(Account, world.accounts["ACMEPL"].id)
    with pytest.raises(Forbidden):
        environment_actions.add_environment(ctx_of("olga"), polish, name="Lab")
