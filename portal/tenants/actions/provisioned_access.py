"""The access that the identity provider of an organization gives its people, written for many of them at once."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import joinedload

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.kernel import ids
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.events import record_each
from portal.tenants.actions.contacts import Grant
from portal.tenants.models import AccessSource, Contact, ContactAccess, Organization


@dataclass(slots=True)
class Provisioned:
    """What becomes of the access of *contact* (user loaded): the roles before and after, and the places that are
    gone."""

    contact: Contact
    before: list[str]
    after: list[str]
    lost: list[list[str]]


@dataclass(slots=True)
class _Writes:
    """What is to be written for all of them: rows to delete, rows that get a role and a source, and new rows."""

    gone: list[Id] = field(default_factory=list)
    changed: dict[tuple[str, str], list[Id]] = field(default_factory=lambda: defaultdict(list))
    added: list[dict[str, Any]] = field(default_factory=list)


def provision_access(ctx: Context, wanted: Mapping[Id, Collection[Grant]]) -> list[Provisioned]:
    """Let each contact of *wanted* (by id) hold these grants of the identity provider in place of earlier ones. A row
    of a group takes the place of one given by hand; other rows given by hand stay.

    Records `contact.changed` for each, as `contacts.change_access` does; effective with their next request. The number
    of statements does not grow with the number of people. That an account belongs to the organization of the contact is
    checked by the key of the table: *wanted* comes from settings, not from a form.
    """
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    locked = select(Contact).where(Contact.provider_id == ctx.provider_id, Contact.id.in_(wanted)).order_by(Contact.id)
    locked = locked.options(joinedload(Contact.user, innerjoin=True)).with_for_update(of=Contact)
    contacts = ctx.session.scalars(locked.execution_options(populate_existing=True)).all()
    held, writes = _held_rows(ctx, wanted), _Writes()
    done = [_plan(ctx, contact, held[contact.id], wanted[contact.id], writes) for contact in contacts]
    _write(ctx, writes)
    facts = [
        (one.contact, {"user": str(one.contact.user_id), "roles": [one.before, one.after], "lost": one.lost})
        for one in done
    ]
    record_each(ctx, "contact.changed", facts)
    return done


def release_provisioned_access(ctx: Context, organization: Organization) -> None:
    """Let all access rows of *organization* be changed by hand again; nobody's role changes."""
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    rows = update(ContactAccess).where(ContactAccess.organization_id == organization.id)
    given = ContactAccess.source != AccessSource.HAND
    ctx.session.execute(rows.where(given).values(source=AccessSource.HAND.value))


def _held_rows(ctx: Context, contact_ids: Iterable[Id]) -> dict[Id, list[Any]]:
    rows = select(
        ContactAccess.id,
        ContactAccess.contact_id,
        ContactAccess.account_id,
        ContactAccess.environment_id,
        ContactAccess.role,
        ContactAccess.source,
    ).where(ContactAccess.provider_id == ctx.provider_id, ContactAccess.contact_id.in_(contact_ids))
    found: dict[Id, list[Any]] = defaultdict(list)
    for row in ctx.session.execute(rows.order_by(ContactAccess.id).with_for_update()):
        found[row.contact_id].append(row)
    return found


def _plan(ctx: Context, contact: Contact, held: list[Any], grants: Collection[Grant], writes: _Writes) -> Provisioned:
    """Add to *writes* what makes the rows *held* by *contact* equal *grants*, but for those given by hand elsewhere."""
    wanted = {(grant.account_id, grant.environment_id): grant for grant in grants}
    after, lost = {grant.role.value for grant in grants}, []
    for row in held:
        grant = wanted.pop((row.account_id, row.environment_id), None)
        if grant is not None:
            writes.changed[grant.role.value, grant.source.value].append(row.id)
        elif row.source == AccessSource.HAND:
            after.add(row.role)
        else:
            writes.gone.append(row.id)
            lost.append([str(row.account_id), str(row.environment_id or "")])
    writes.added += [_new_row(ctx, contact, grant) for grant in wanted.values()]
    return Provisioned(contact, sorted({row.role for row in held}), sorted(after), sorted(lost))


def _new_row(ctx: Context, contact: Contact, grant: Grant) -> dict[str, Any]:
    return {
        "id": ids.new_id(),
        "provider_id": ctx.provider_id,
        "organization_id": contact.organization_id,
        "contact_id": contact.id,
        "user_id": contact.user_id,
        "account_id": grant.account_id,
        "environment_id": grant.environment_id,
        "role": grant.role.value,
        "source": grant.source.value,
    }


def _write(ctx: Context, writes: _Writes) -> None:
    if writes.gone:
        ctx.session.execute(delete(ContactAccess).where(ContactAccess.id.in_(writes.gone)))
    for (role, source), row_ids in writes.changed.items():
        ctx.session.execute(update(ContactAccess).where(ContactAccess.id.in_(row_ids)).values(role=role, source=source))
    if writes.added:
        ctx.session.execute(insert(ContactAccess), writes.added)
