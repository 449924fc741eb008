"""Reads of the sign-ins that people have at identity providers."""

import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from portal.authz.scopes import load, scope
from portal.identity.models import User
from portal.identity.queries import has_passkey, password_of
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.system_context import as_system
from portal.sso.models import LinkedSignIn, SignInWay
from portal.sso.queries.ways import enforced_ways
from portal.tenants.models import Contact, Organization

MOST = 100


def own_sign_ins(ctx: Context) -> Sequence[LinkedSignIn]:
    """The acting person's sign-ins at identity providers, with their ways. The provider's own ways are seen by nobody
    but the administration, so the system reads."""
    with as_system(ctx, with_own_rows=True) as system:
        rows = (
            scope(system.actor, LinkedSignIn)
            .where(LinkedSignIn.user_id == ctx.actor.user_id, LinkedSignIn.waiting.is_(False))
            .options(joinedload(LinkedSignIn.way))
        )
        return system.session.scalars(rows.order_by(LinkedSignIn.id).limit(MOST)).all()


def own_sign_in(ctx: Context, sign_in_id: uuid.UUID) -> LinkedSignIn:
    """One sign-in of the acting person, with its way; NotFound for another person's."""
    with as_system(ctx, with_own_rows=True) as system:
        return load(
            system,
            LinkedSignIn,
            LinkedSignIn.id == sign_in_id,
            LinkedSignIn.user_id == ctx.actor.user_id,
            LinkedSignIn.waiting.is_(False),
            options=[joinedload(LinkedSignIn.way)],
        )


def own_choices(ctx: Context) -> Sequence[SignInWay]:
    """The ways at which the acting person may link a sign-in: those of the provider, and of their organizations."""
    with as_system(ctx, with_own_rows=True) as system:
        rows = _choices(system, ctx.actor.user_id)
        return system.session.scalars(rows.order_by(SignInWay.label, SignInWay.id).limit(MOST)).all()


def has_own_sign_ins(ctx: Context) -> bool:
    """Whether the acting person has a sign-in at an identity provider, or may link one. One statement."""
    with as_system(ctx, with_own_rows=True) as system:
        linked = scope(system.actor, LinkedSignIn).where(LinkedSignIn.user_id == ctx.actor.user_id)
        return bool(system.session.scalar(select(linked.exists() | _choices(system, ctx.actor.user_id).exists())))


def _choices(system: Context, user_id: Id | None) -> "Select[Any]":
    """Select what `own_choices` lists, read by the *system*."""
    mine = select(Contact.organization_id).where(Contact.user_id == user_id, Contact.active)
    linked = select(LinkedSignIn.way_id).where(LinkedSignIn.user_id == user_id)
    rows = scope(system.actor, SignInWay).outerjoin(Organization, Organization.id == SignInWay.organization_id)
    own = SignInWay.organization_id.is_(None) | (SignInWay.organization_id.in_(mine) & Organization.active)
    return rows.where(SignInWay.enabled, SignInWay.id.not_in(linked), own)


def has_other_way_in(ctx: Context, row: LinkedSignIn) -> bool:
    """Whether the person of *row* can sign in without it: with a password or a passkey, where their organizations allow
    those, or by another sign-in at a way that is on."""
    with as_system(ctx, with_own_rows=True) as system:
        user = system.session.get_one(User, row.user_id)
        demanded = {way.id for way in enforced_ways(system, user)}
        if not demanded and (password_of(system, user.id) is not None or has_passkey(system, user.id)):
            return True
        others = (
            scope(system.actor, LinkedSignIn)
            .join(SignInWay, SignInWay.id == LinkedSignIn.way_id)
            .where(LinkedSignIn.user_id == user.id, LinkedSignIn.id != row.id, LinkedSignIn.waiting.is_(False))
            .where(SignInWay.enabled)
        )
        return any(not demanded or one.way_id in demanded for one in system.session.scalars(others.limit(MOST)))


def waiting_sign_ins(ctx: Context) -> Sequence[LinkedSignIn]:
    """Sign-ins about which an administrator must decide, the oldest first, with their people and ways."""
    rows = scope(ctx.actor, LinkedSignIn).where(LinkedSignIn.waiting)
    rows = rows.options(joinedload(LinkedSignIn.user), joinedload(LinkedSignIn.way))
    return ctx.session.scalars(rows.order_by(LinkedSignIn.linked_at, LinkedSignIn.id).limit(MOST)).all()


def waiting_sign_in(ctx: Context, sign_in_id: uuid.UUID) -> LinkedSignIn:
    """One sign-in that waits for a decision; NotFound otherwise."""
    return load(
        ctx,
        LinkedSignIn,
        LinkedSignIn.id == sign_in_id,
        LinkedSignIn.waiting,
        options=[joinedload(LinkedSignIn.user), joinedload(LinkedSignIn.way)],
    )
