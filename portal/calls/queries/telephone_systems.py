"""Telephone systems and the extensions of staff. Every read starts at a scope."""

import datetime as dt
from collections.abc import Mapping, Sequence

from sqlalchemy import func
from sqlalchemy.orm import joinedload

from portal.authz.scopes import load, scope
from portal.calls.models import IncomingCall, PhoneExtension, TelephoneSystem
from portal.kernel.actor import Id
from portal.kernel.bearer_tokens import hash_bearer_token
from portal.kernel.config_cache import cached_config, for_side
from portal.kernel.context import Context
from portal.kernel.phone_numbers import dialed_digits
from portal.kernel.system_context import as_system
from portal.tenants.models import StaffMember


def telephone_systems(ctx: Context) -> Sequence[TelephoneSystem]:
    """All telephone systems, those in use first."""
    rows = scope(ctx.actor, TelephoneSystem).order_by(TelephoneSystem.active.desc(), TelephoneSystem.name_folded)
    return ctx.session.scalars(rows.limit(100)).all()


def telephone_system(ctx: Context, system_id: Id, *, lock: bool = False) -> TelephoneSystem:
    """One telephone system; NotFound otherwise."""
    return load(ctx, TelephoneSystem, TelephoneSystem.id == system_id, lock=lock)


def has_telephone_systems(ctx: Context) -> bool:
    """Whether the provider has a telephone system in use; no statement while no setting changed."""
    return cached_config(ctx, for_side, _read_whether_any)


def _read_whether_any(ctx: Context) -> bool:
    rows = scope(ctx.actor, TelephoneSystem).where(TelephoneSystem.active).with_only_columns(TelephoneSystem.id)
    return ctx.session.scalar(rows.limit(1)) is not None


def system_of_token(ctx: Context, token: str) -> TelephoneSystem | None:
    """The telephone system that has *token*; None for an unknown or revoked one and for one that is switched off. The
    system asks."""
    rows = scope(ctx.actor, TelephoneSystem).where(
        TelephoneSystem.token_hash == hash_bearer_token(token), TelephoneSystem.active
    )
    return ctx.session.scalars(rows).one_or_none()


def last_heard(ctx: Context) -> Mapping[Id, dt.datetime]:
    """When news of a call came last from each telephone system, as long as calls are kept."""
    with as_system(ctx) as inner:
        rows = scope(inner.actor, IncomingCall).with_only_columns(
            IncomingCall.system_id, func.max(IncomingCall.heard_at)
        )
        return {row[0]: row[1] for row in inner.session.execute(rows.group_by(IncomingCall.system_id))}


def own_extension(ctx: Context, *, lock: bool = False) -> PhoneExtension | None:
    """The extension of the actor, a member of staff."""
    rows = scope(ctx.actor, PhoneExtension).where(PhoneExtension.staff_id == ctx.actor.staff_id)
    if lock:
        rows = rows.with_for_update(of=PhoneExtension).execution_options(populate_existing=True)
    return ctx.session.scalars(rows).one_or_none()


def extension_of_number(ctx: Context, called: str) -> PhoneExtension | None:
    """The extension that *called* dials, with its member of staff, who works here."""
    digits = dialed_digits(called)
    if not digits:
        return None
    rows = (
        scope(ctx.actor, PhoneExtension)
        .join(StaffMember, StaffMember.id == PhoneExtension.staff_id)
        .where(PhoneExtension.number == digits, StaffMember.active)
        .options(joinedload(PhoneExtension.staff, innerjoin=True).joinedload(StaffMember.user, innerjoin=True))
    )
    return ctx.session.scalars(rows).one_or_none()
