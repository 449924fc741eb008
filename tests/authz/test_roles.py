"""One table says who may do what; `can` adds nothing to it but the place and what somebody is to the object."""

from dataclasses import dataclass
from uuid import uuid4

import pytest

from portal.authz.access import can, require
from portal.authz.permissions import Permission
from portal.authz.roles import ROLES, CaseRole, ContactRole, StaffRole, roles_with
from portal.kernel.actor import Access, Actor, Membership, Side, nobody, system
from portal.kernel.errors import Forbidden

PROVIDER, ORGANIZATION, ACCOUNT, OTHER_ACCOUNT, HALL = (uuid4() for _ in range(5))


@dataclass
class Object:
    """Something in an account, perhaps in one environment of it."""

    account_id: object = ACCOUNT
    organization_id: object = ORGANIZATION
    environment_id: object = None


def staff(role, *, everywhere=False, accounts=(ACCOUNT,)):
    return Actor(
        Side.STAFF,
        PROVIDER,
        uuid4(),
        staff_id=uuid4(),
        role=role,
        all_accounts=everywhere,
        account_ids=frozenset(accounts),
    )


def contact(role, *, account=ACCOUNT, environment=None):
    return Actor(
        Side.CONTACT,
        PROVIDER,
        uuid4(),
        memberships={ORGANIZATION: Membership(uuid4(), ORGANIZATION, "acme", "Acme", frozenset())},
        access=(Access(ORGANIZATION, account, environment, role),),
    )


@pytest.mark.parametrize("permission", Permission)
@pytest.mark.parametrize("role", StaffRole)
def test_staff_hold_what_their_role_says(role, permission):
    assert can(staff(role), permission, Object()) == (permission in ROLES[role])
    assert can(staff(role), permission) == (permission in ROLES[role])


@pytest.mark.parametrize("permission", Permission)
@pytest.mark.parametrize("role", ContactRole)
def test_contacts_hold_what_the_access_row_says(role, permission):
    assert can(contact(role), permission, Object()) == (permission in ROLES[role])
    assert can(contact(role), permission) == (permission in ROLES[role])


@pytest.mark.parametrize("permission", Permission)
def test_no_role_reaches_beyond_its_accounts(permission):
    elsewhere = Object(account_id=OTHER_ACCOUNT)
    for role in StaffRole:
        assert not can(staff(role), permission, elsewhere)
        assert can(staff(role, everywhere=True), permission, elsewhere) == (permission in ROLES[role])
    for role in ContactRole:
        assert not can(contact(role), permission, elsewhere)


@pytest.mark.parametrize("permission", Permission)
def test_a_row_for_one_environment_says_nothing_about_the_others(permission):
    for role in ContactRole:
        narrow = contact(role, environment=HALL)
        assert not can(narrow, permission, Object())
        assert not can(narrow, permission, Object(environment_id=uuid4()))
        assert can(narrow, permission, Object(environment_id=HALL)) == (permission in ROLES[role])


@pytest.mark.parametrize("permission", Permission)
def test_a_foreign_organization_with_the_same_account_id_gives_nothing(permission):
    """Defence against a mixed-up pair: both halves of the place must agree."""
    for role in ContactRole:
        assert not can(contact(role), permission, Object(organization_id=uuid4()))


@pytest.mark.parametrize("permission", Permission)
def test_nobody_may_nothing_and_the_house_everything(permission):
    assert not can(nobody(PROVIDER), permission, Object())
    assert not can(nobody(PROVIDER), permission)
    assert can(system(PROVIDER), permission, Object())


def test_a_refusal_names_who_may():
    with pytest.raises(Forbidden) as refusal:
        require(contact(ContactRole.REQUESTER), Permission.CASE_NOTE, Object())
    assert set(refusal.value.who_may) == {str(role) for role in roles_with(Permission.CASE_NOTE)}
    assert refusal.value.who_may


def test_every_permission_is_held_by_somebody():
    """One that nobody holds is a verb that nobody can do, or a leftover."""
    assert [p for p in Permission if not roles_with(p)] == []


def test_what_only_staff_may_no_customer_role_holds():
    """Notes never leave staff (DESIGN 2.5): not as a role in an account, nor as what somebody is to a case."""
    only_staff = {
        *(Permission.CASE_NOTE, Permission.CASE_ANSWER, Permission.CASE_STATUS, Permission.CASE_TAKE),
        *(Permission.CASE_SEVERITY, Permission.CASE_ESCALATE, Permission.CASE_MERGE, Permission.CASE_MOVE),
        *(Permission.CASE_SHARE_ABROAD, Permission.DESK_USE, Permission.PROVIDER_CONFIGURE, Permission.MAIL_SEE),
    }
    for role in [*ContactRole, *CaseRole]:
        assert ROLES[role] & only_staff == set(), role


def test_staff_never_accept_a_solution():
    """DESIGN 3: agreeing that it is solved is the customer's word."""
    for role in StaffRole:
        assert Permission.CASE_ACCEPT not in ROLES[role]


def test_the_platform_administrator_sees_no_case():
    """DESIGN 2.5: configures, reads no content."""
    assert not {p for p in ROLES[StaffRole.PLATFORM_ADMIN] if p.value.startswith("case:")}


def test_the_auditor_only_reads():
    """DESIGN 2.5."""
    assert ROLES[StaffRole.AUDITOR] == {
        Permission.DESK_USE,
        Permission.CASE_READ,
        Permission.ARTICLE_READ,
        Permission.COMMUNITY_READ,
        Permission.PROVIDER_READ,
        Permission.SECURITY_SEE,
    }
