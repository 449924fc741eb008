"""Groups that identity providers send, and the roles that the people in them get."""

from collections.abc import Collection, Sequence

from flask_babel import gettext as _
from sqlalchemy import delete

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.authz.roles import ContactRole
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.errors import Conflict, Refused
from portal.kernel.events import record, record_each
from portal.kernel.system_context import as_system
from portal.scim.engine.facts import LONGEST_NAME, MOST_MEMBERS, GroupChange
from portal.scim.models import ScimClient, ScimGroup, ScimGroupMember, ScimGroupRole
from portal.scim.queries import groups as queries
from portal.scim.queries import tokens
from portal.tenants.actions.contacts import Grant
from portal.tenants.actions.provisioned_access import provision_access
from portal.tenants.models import AccessSource, Account, Contact, Organization

MOST_GROUPS = 1_000
# Of how many people the roles are written together.
MOST_AT_ONCE = 5_000


def add_group(ctx: Context, client: ScimClient, wanted: GroupChange) -> ScimGroup:
    """Store a group of the organization of *client*, and give its people their roles. The caller acts as the system.

    Raises Conflict for a name that another group has, Refused for people who are not there and for too many.
    """
    name = wanted.name or ""
    if queries.find_group(ctx, client.organization_id, name) is not None:
        raise Conflict("A group has this displayName already")
    if queries.count_groups(ctx, client.organization_id) >= MOST_GROUPS:
        raise Refused(f"An organization has at most {MOST_GROUPS} groups")
    row = ScimGroup(
        provider_id=ctx.provider_id,
        organization_id=client.organization_id,
        name=name,
        name_folded=name.casefold(),
        created_at=ctx.now,
        changed_at=ctx.now,
    )
    ctx.session.add(row)
    ctx.session.flush()
    change_group(ctx, client, row, [wanted])
    return row


def change_group(ctx: Context, client: ScimClient, row: ScimGroup, changes: Sequence[GroupChange]) -> None:
    """Let *row* be as all of *changes* say, and its people have the roles that follow. The caller acts as the system.

    Raises Conflict for a name that another group has, Refused for people who are not there and for too many.
    """
    before = queries.member_ids(ctx, row.id)
    named, now = (row.name, row.external_id), set(before)
    for change in changes:
        now = (now if change.members is None else set(change.members)) | change.added
        now -= change.removed
        if change.name is not None:
            _rename(ctx, row, change.name)
        if change.external_id is not None:
            row.external_id = change.external_id
    if len(now) > MOST_MEMBERS:
        raise Refused(f"A group holds at most {MOST_MEMBERS} people")
    _write_members(ctx, client, row, before, now)
    row.changed_at = ctx.now
    ctx.session.flush()
    apply_groups(ctx, client, before ^ now if named == (row.name, row.external_id) else before | now)


def remove_group(ctx: Context, client: ScimClient, row: ScimGroup) -> None:
    """Forget a group; its people lose the roles that it gave. The caller acts as the system."""
    people = queries.member_ids(ctx, row.id)
    ctx.session.delete(row)
    ctx.session.flush()
    apply_groups(ctx, client, people)


def leave_groups(ctx: Context, contact: Contact) -> None:
    """Take *contact* out of all groups. The caller acts as the system."""
    ctx.session.execute(delete(ScimGroupMember).where(ScimGroupMember.contact_id == contact.id))
    _apply_in(ctx, ctx.session.get_one(Organization, contact.organization_id), [contact.id])


def set_group_role(ctx: Context, organization: Organization, group: str, account: Account | None, role: str) -> None:
    """Let the people in *group* (its name, or its id at the identity provider) have *role* in *account*, in place of an
    earlier role there; the group may be sent later. Records `organization.group_role_set`.

    Raises Refused (group, group_account, group_role).
    """
    require(ctx.actor, Permission.PROVIDER_CONNECT)
    if not 0 < len(group) <= LONGEST_NAME:
        raise Refused(_("Type the name of a group"), "group")
    if account is None or account.organization_id != organization.id:
        raise Refused(_("Choose an account of this organization"), "group_account")
    if role not in list(ContactRole):
        raise Refused(_("Choose a role"), "group_role")
    _lock(ctx, organization)
    row = queries.find_group_role(ctx, organization, group, account.id)
    if row is None:
        row = ScimGroupRole(
            provider_id=ctx.provider_id,
            organization_id=organization.id,
            group=group,
            group_folded=group.casefold(),
            account_id=account.id,
            created_at=ctx.now,
        )
        ctx.session.add(row)
    row.role = role
    ctx.session.flush()
    record(ctx, "organization.group_role_set", organization, group=group, account=account.key, roles=[role])
    _apply_in(ctx, organization, queries.people_given_by(ctx, row))


def remove_group_role(ctx: Context, organization: Organization, row: ScimGroupRole) -> None:
    """Let a group give no role in an account any more (loaded with it). Records `organization.group_role_removed`."""
    require(ctx.actor, Permission.PROVIDER_CONNECT)
    _lock(ctx, organization)
    people = queries.people_given_by(ctx, row)
    record(ctx, "organization.group_role_removed", organization, group=row.group, account=row.account.key)
    ctx.session.delete(row)
    ctx.session.flush()
    _apply_in(ctx, organization, people)


def apply_all_groups(ctx: Context, organization: Organization) -> None:
    """Give all people in groups of *organization* their roles: an identity provider has just been let in."""
    _apply_in(ctx, organization, queries.people_in_groups(ctx, organization.id))


def apply_groups(ctx: Context, client: ScimClient, contact_ids: Collection[Id]) -> None:
    """Let each of the contacts have what their groups give: the highest role in each account. Whoever is in no such
    group any more and has nothing else gets the access of new people. The caller acts as the system, and holds the lock
    of *client*. Records `person.roles_provisioned` for each whose access changes."""
    everybody = sorted(contact_ids)
    for start in range(0, len(everybody), MOST_AT_ONCE):
        _apply_to_some(ctx, client, everybody[start : start + MOST_AT_ONCE])


def _apply_to_some(ctx: Context, client: ScimClient, contact_ids: Sequence[Id]) -> None:
    given, held = queries.given_roles(ctx, contact_ids), queries.access_rows(ctx, contact_ids)
    wanted = {}
    for contact_id in contact_ids:
        roles, rows = given.get(contact_id, queries.GivenRoles()).roles, held.get(contact_id, [])
        by_group = {row.account_id: row.role for row in rows if row.source == AccessSource.GROUP}
        has_default = any(row.source == AccessSource.DEFAULT for row in rows)
        if by_group == roles and not (by_group and has_default):
            continue
        grants = [Grant(account_id, None, role, AccessSource.GROUP) for account_id, role in roles.items()]
        if not grants and all(row.source == AccessSource.GROUP for row in rows):
            grants = [default_grant(client)]
        wanted[contact_id] = grants
    changed = [
        (
            one.contact.user,
            {
                "organization": str(client.organization_id),
                "roles": [one.before, one.after],
                "groups": sorted(given[one.contact.id].groups) if one.contact.id in given else [],
            },
        )
        for one in (provision_access(ctx, wanted) if wanted else [])
    ]
    record_each(ctx, "person.roles_provisioned", changed)


def default_grant(client: ScimClient) -> Grant:
    """The access of the people whom *client* adds, as long as no group gives another."""
    return Grant(client.account_id, None, ContactRole(client.role), AccessSource.DEFAULT)


def _apply_in(ctx: Context, organization: Organization, contact_ids: Collection[Id]) -> None:
    """Apply the groups of some contacts, where an identity provider is let in."""
    with as_system(ctx) as system:
        client = tokens.client_of(system, organization)
        if client is not None:
            apply_groups(system, client, contact_ids)


def _lock(ctx: Context, organization: Organization) -> None:
    """Let changes of groups wait: a person's role follows from all groups and from what they give."""
    client = tokens.client_of(ctx, organization)
    if client is not None:
        tokens.lock_client(ctx, client)


def _rename(ctx: Context, row: ScimGroup, name: str) -> None:
    other = queries.find_group(ctx, row.organization_id, name)
    if other is not None and other.id != row.id:
        raise Conflict("A group has this displayName already")
    row.name, row.name_folded = name, name.casefold()


def _write_members(ctx: Context, client: ScimClient, row: ScimGroup, before: set[Id], now: set[Id]) -> None:
    added, gone = now - before, before - now
    people = queries.find_people(ctx, client, added) if added else {}
    missing = sorted(added - people.keys())
    if missing:
        raise Refused(f"There is no person {str(missing[0])!r}")
    if gone:
        mine = (ScimGroupMember.group_id == row.id, ScimGroupMember.contact_id.in_(gone))
        ctx.session.execute(delete(ScimGroupMember).where(*mine))
    place = {"provider_id": row.provider_id, "organization_id": row.organization_id, "group_id": row.id}
    ctx.session.add_all(
        ScimGroupMember(**place, contact_id=contact_id, user_id=people[contact_id]) for contact_id in sorted(added)
    )
    ctx.session.flush()
