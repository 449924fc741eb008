"""Adding and changing organizations."""

from flask_babel import gettext as _
from sqlalchemy import func, select

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.kernel import text
from portal.kernel.context import Context
from portal.kernel.errors import Refused
from portal.kernel.events import record
from portal.tenants.actions.sight import announce_sight
from portal.tenants.models import (
    Organization,
)
from portal.tenants.preconditions import configures_blindly

# The settings that an organization changes itself.
SHARING_RULES = ("default_visibility", "admins_see_private", "requesters_see_shared", "managers_see")


def add_organization(ctx: Context, *, name: str, default_visibility: str = "private") -> Organization:
    """A new client company; its slug is made from the name; records `organization.added`.

    Raises Refused for a name that another client already has.
    """
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    _check_free_name(ctx, name)
    base = text.slugify(name) or "client"
    taken = set(
        ctx.session.scalars(
            select(Organization.slug).where(
                Organization.provider_id == ctx.provider_id, Organization.slug.startswith(base)
            )
        )
    )
    # "new" is the page that adds one.
    taken.add("new")
    slug, n = base, 2
    while slug in taken:
        slug, n = f"{base[:56]}-{n}", n + 1
    row = Organization(
        provider_id=ctx.provider_id, name=name, slug=slug, default_visibility=default_visibility, created_at=ctx.now
    )
    ctx.session.add(row)
    ctx.session.flush()
    record(ctx, "organization.added", row, name=name)
    return row


def change_organization(ctx: Context, organization: Organization, **values: object) -> None:
    """Change name or sharing rules; records `organization.changed` with old and new.

    The provider's administrators change all of it, the organization's own only the sharing rules.
    """
    if not ctx.actor.is_contact:
        require(ctx.actor, Permission.PROVIDER_CONFIGURE)
        if str(values.get("name", organization.name)).casefold() != organization.name.casefold():
            _check_free_name(ctx, str(values["name"]))
    else:
        require(ctx.actor, Permission.ORGANIZATION_RULES, organization)
        values = {k: v for k, v in values.items() if k in SHARING_RULES}
    factor_required = values.pop("factor_required", None)
    changed = {k: [getattr(organization, k), v] for k, v in values.items() if getattr(organization, k) != v}
    if factor_required is not None and factor_required != (organization.factor_required_at is not None):
        # The days in which a second factor can be put off count from here.
        changed["factor_required"] = [not factor_required, factor_required]
        organization.factor_required_at = ctx.now if factor_required else None
    for key, value in values.items():
        setattr(organization, key, value)
    if changed:
        organization.version += 1
        record(ctx, "organization.changed", organization, changed=changed)
        if configures_blindly(ctx) and set(changed) & set(SHARING_RULES):
            announce_sight(ctx, organization, about="rules", name=organization.name)


def _check_free_name(ctx: Context, name: str) -> None:
    same = select(Organization.id).where(
        Organization.provider_id == ctx.provider_id, func.lower(Organization.name) == name.lower()
    )
    if ctx.session.scalar(same.limit(1)):
        raise Refused(_("There is already an organization named %(name)s", name=name), "name")
