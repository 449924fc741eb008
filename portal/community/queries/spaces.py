"""Spaces, whom they are for, and whether there is one."""

import uuid
from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import func, select

from portal.authz.scopes import load, scope
from portal.community.models import CommunitySpace, CommunitySpaceOrganization, CommunityWatch
from portal.kernel.actor import Actor, Id, Membership
from portal.kernel.config_cache import cached_config
from portal.kernel.context import Context
from portal.tenants.models import Organization

# The most spaces of a provider, and the most clients that one names.
MOST_SPACES, MOST_NAMED = 100, 200


def space(ctx: Context, space_id: Id, *, lock: bool = False) -> CommunitySpace:
    """One visible space; NotFound for missing and foreign alike."""
    return load(ctx, CommunitySpace, CommunitySpace.id == space_id, lock=lock)


def spaces(ctx: Context, *, active: bool = True) -> Sequence[CommunitySpace]:
    """The visible spaces by name; with *active* only those in use."""
    rows = scope(ctx.actor, CommunitySpace).order_by(func.lower(CommunitySpace.name), CommunitySpace.id)
    if active:
        rows = rows.where(CommunitySpace.active)
    return ctx.session.scalars(rows.limit(MOST_SPACES)).all()


def has_spaces(ctx: Context) -> bool:
    """Whether the actor sees a space that is in use; cached until a space or its clients change."""
    return cached_config(ctx, _for_audience, _has_spaces)


def _for_audience(actor: Actor) -> Actor:
    """The part of *actor* that the scope of spaces reads, so that equal readers share the answer."""
    places = {key: Membership(key, key, "", "", frozenset()) for key in sorted(actor.memberships)}
    return replace(
        *(actor,), user_id=None, staff_id=None, name="", department_ids=frozenset(), memberships=places, access=()
    )


def _has_spaces(ctx: Context) -> bool:
    rows = scope(ctx.actor, CommunitySpace).where(CommunitySpace.active).limit(1)
    return ctx.session.scalar(select(rows.exists())) or False


def named_organizations(ctx: Context, row: CommunitySpace) -> Sequence[Organization]:
    """The organizations that a space names, of those that the actor sees, by name."""
    named = scope(ctx.actor, CommunitySpaceOrganization).where(CommunitySpaceOrganization.space_id == row.id)
    wanted = named.with_only_columns(CommunitySpaceOrganization.organization_id)
    rows = scope(ctx.actor, Organization).where(Organization.id.in_(wanted)).order_by(Organization.name)
    return ctx.session.scalars(rows.limit(MOST_NAMED)).all()


def named_ids(ctx: Context, row: CommunitySpace) -> frozenset[uuid.UUID]:
    """The ids of the organizations that a space names. The system asks."""
    named = scope(ctx.actor, CommunitySpaceOrganization).where(CommunitySpaceOrganization.space_id == row.id)
    return frozenset(ctx.session.scalars(named.with_only_columns(CommunitySpaceOrganization.organization_id)))


def organization_choices(ctx: Context) -> Sequence[Organization]:
    """The active clients that the actor may name, by name."""
    rows = scope(ctx.actor, Organization).where(Organization.active)
    return ctx.session.scalars(rows.order_by(Organization.name, Organization.id).limit(MOST_NAMED)).all()


def watched_spaces(ctx: Context) -> frozenset[uuid.UUID]:
    """The ids of the spaces that the actor watches on the desk."""
    rows = scope(ctx.actor, CommunityWatch).with_only_columns(CommunityWatch.space_id)
    return frozenset(ctx.session.scalars(rows.limit(MOST_SPACES)))
