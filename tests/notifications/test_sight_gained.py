"""Who gains sight of cases is told to the other administrators, by bell and mail, and to nobody else."""

import pytest

from portal.authz.roles import ContactRole
from portal.kernel.errors import Refused
from portal.notifications.models import Notification, OutgoingMail
from portal.tenants.actions import contacts, organizations, staff
from portal.tenants.actions.contacts import Grant
from portal.tenants.models import Contact, Organization
from portal.tenants.queries import staff as staff_queries

MEMBER = {"tier": 1, "all_accounts": True, "accounts": (), "departments": ()}


@pytest.fixture
def told(world, run_outbox):
    """After what happened: who was told, by bell and by mail."""

    def look():
        run_outbox()
        mails = {mail.user_id: mail.subject for mail in world.rows(OutgoingMail, OutgoingMail.kind == "sight_gained")}
        bells = {row.user_id for row in world.rows(Notification, Notification.reason == "administrator")}
        assert bells == set(mails)
        names = {person.id: key for key, person in world.people.items()}
        return {names[user_id]: subject for user_id, subject in mails.items()}

    return look


def make_administrator(world, who):
    member = staff_queries.staff_member(world.system(), world.person(who).staff_id)
    staff.change_staff(world.system(), member, role="admin", **MEMBER)


def member(world, who):
    return staff_queries.staff_member(world.ctx("ada"), world.person(who).staff_id)


def test_a_role_that_sees_cases_is_told_to_the_other_administrators(world, told):
    make_administrator(world, "lee")
    staff.change_staff(world.ctx("ada"), member(world, "pat"), role="lead", **MEMBER)
    found = told()
    assert found == {"lee": "Pat Morgan sees more cases now: role Team lead, given by Ada Novak"}


def test_more_accounts_are_more_sight_and_fewer_are_not(world, told):
    make_administrator(world, "lee")
    staff.change_staff(world.ctx("ada"), member(world, "ana"), role="agent", **{**MEMBER, "all_accounts": False})
    assert told() == {}
    staff.change_staff(world.ctx("ada"), member(world, "ana"), role="agent", **MEMBER)
    assert set(told()) == {"lee"}


def test_who_returns_sees_again(world, told):
    make_administrator(world, "lee")
    tom = member(world, "tom")
    staff.end_staff(world.ctx("ada"), tom, tom.user)
    assert told() == {}
    staff.return_staff(world.ctx("ada"), tom)
    assert set(told()) == {"lee"}


def test_a_platform_administrator_who_gives_access_is_told_of(world, told):
    ctx, acme = world.ctx("pat"), world.row(Organization, world.acme.organization_id)
    grant = Grant(world.accounts["ACME"].id, None, ContactRole.MEMBER)
    contacts.add_contact_by_email(ctx, acme, name="Nora", email="nora@acme.example", grants=[grant])
    assert told() == {"ada": f"Nora has access to {acme.name} now: role Member, given by {ctx.actor.name}"}


def test_a_platform_administrator_who_changes_sharing_rules_is_told_of(world, told):
    acme = world.row(Organization, world.acme.organization_id)
    organizations.change_organization(world.ctx("pat"), acme, name="Acme Renamed")
    assert told() == {}
    organizations.change_organization(world.ctx("pat"), acme, admins_see_private=not acme.admins_see_private)
    assert set(told()) == {"ada"}


def test_what_an_administrator_gives_to_clients_is_everyday_work(world, told):
    acme = world.row(Organization, world.acme.organization_id)
    organizations.change_organization(world.ctx("ada"), acme, default_visibility="shared")
    assert told() == {}


def test_a_platform_administrator_gives_themself_no_place_at_a_client(world):
    ctx, acme = world.ctx("pat"), world.row(Organization, world.acme.organization_id)
    grant = Grant(world.accounts["ACME"].id, None, ContactRole.ORGANIZATION_ADMIN)
    with pytest.raises(Refused, match="let you see cases"):
        contacts.add_contact_by_email(ctx, acme, name="Pat", email=world.person("pat").email, grants=[grant])
    assert world.rows(Contact, Contact.user_id == world.person("pat").id) == []
