"""Writes on telephone systems, and the extension of a member of staff."""

from flask_babel import gettext as _

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.authz.scopes import scope
from portal.calls.models import PhoneExtension, TelephoneSystem
from portal.calls.queries.telephone_systems import extension_of_number, own_extension, telephone_systems
from portal.calls.rules import MOST_SYSTEMS
from portal.kernel.bearer_tokens import hash_bearer_token, make_bearer_token
from portal.kernel.context import Context
from portal.kernel.errors import Conflict, Refused
from portal.kernel.events import Event, record
from portal.kernel.phone_numbers import dialed_digits
from portal.kernel.system_context import as_system

LONGEST_EXTENSION = 20


def add_system(ctx: Context, name: str) -> tuple[TelephoneSystem, str]:
    """Store a telephone system and make its token, which is shown once and stored as a hash; records
    `telephone_system.added`. Raises Refused (field name) for a name that is there already."""
    require(ctx.actor, Permission.PROVIDER_CONNECT)
    if len(telephone_systems(ctx)) >= MOST_SYSTEMS:
        raise Refused(_("There can be %(limit)d telephone systems", limit=MOST_SYSTEMS), "name")
    _check_name(ctx, name, None)
    token = make_bearer_token()
    row = TelephoneSystem(
        provider_id=ctx.provider_id,
        name=name,
        name_folded=name.casefold(),
        token_hash=hash_bearer_token(token),
        token_made_at=ctx.now,
        active=True,
        created_at=ctx.now,
        version=1,
    )
    ctx.session.add(row)
    ctx.session.flush()
    record(ctx, "telephone_system.added", row, name=name)
    return row, token


def change_system(ctx: Context, row: TelephoneSystem, *, name: str, active: bool) -> None:
    """Rename *row*, or switch it off and on: one that is off is answered like one that nobody knows. Records
    `telephone_system.changed` (facts: name, active). Raises Refused (field name)."""
    require(ctx.actor, Permission.PROVIDER_CONNECT)
    _check_name(ctx, name, row)
    if (row.name, row.active) == (name, active):
        return
    row.name, row.name_folded, row.active = name, name.casefold(), active
    row.version += 1
    ctx.session.flush()
    record(ctx, "telephone_system.changed", row, name=name, active=active)


def make_token(ctx: Context, row: TelephoneSystem) -> str:
    """A token in place of the one in use, which stops working; records `telephone_system.token_made`. It is shown once
    and stored as a hash."""
    require(ctx.actor, Permission.PROVIDER_CONNECT)
    token = make_bearer_token()
    row.token_hash, row.token_made_at = hash_bearer_token(token), ctx.now
    row.version += 1
    ctx.session.flush()
    record(ctx, "telephone_system.token_made", row, name=row.name)
    return token


def end_token(ctx: Context, row: TelephoneSystem) -> None:
    """Take nothing from the telephone system any more; its calls stay. Records `telephone_system.token_ended`. Raises
    Conflict where there is no token."""
    require(ctx.actor, Permission.PROVIDER_CONNECT)
    if row.token_hash is None:
        raise Conflict(_("There is no token any more."))
    row.token_hash, row.token_made_at = None, None
    row.version += 1
    ctx.session.flush()
    record(ctx, "telephone_system.token_ended", row, name=row.name)


def choose_extension(ctx: Context, written: str) -> None:
    """Let calls to this extension ring on the pages of the actor, a member of staff; '' for none. Records
    `staff.extension_chosen` (fact: number) if that changes. Raises Refused (field number) for what nobody can dial, and
    for the extension of somebody else."""
    require(ctx.actor, Permission.CASE_READ)
    digits = dialed_digits(written)
    if written and not (2 <= len(digits) <= LONGEST_EXTENSION):
        raise Refused(_("Write the digits of your extension, 2 to 20 of them"), "number")
    row = own_extension(ctx, lock=True)
    if (row.number if row is not None else "") == digits:
        return
    holder = extension_of_number(ctx, digits)
    if holder is not None and holder.staff_id != ctx.actor.staff_id:
        raise Refused(_("%(name)s has this extension", name=holder.staff.user.name), "number")
    if not digits:
        ctx.session.delete(row)
    elif row is None:
        row = PhoneExtension(provider_id=ctx.provider_id, staff_id=ctx.actor.staff_id, number=digits)
        ctx.session.add(row)
    else:
        row.number = digits
    ctx.session.flush()
    record(ctx, "staff.extension_chosen", row, number=digits)


def free_extension_of_leaver(ctx: Context, event: Event) -> None:
    """React to `staff.ended`: the extension of who left can be somebody else's."""
    with as_system(ctx) as inner:
        rows = scope(inner.actor, PhoneExtension).where(PhoneExtension.staff_id == event.subject_id)
        for row in inner.session.scalars(rows):
            inner.session.delete(row)


def _check_name(ctx: Context, name: str, row: TelephoneSystem | None) -> None:
    if any(other.name_folded == name.casefold() and other is not row for other in telephone_systems(ctx)):
        raise Refused(_("There is a telephone system of this name already"), "name")
