"""The choices that a new provider starts with."""

from sqlalchemy import select

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.cases import defaults
from portal.cases.actions.request_types import RequestTypeSettings, add_request_type
from portal.cases.actions.severity_levels import add_severity_level, lock_levels
from portal.cases.models import RequestType
from portal.kernel.context import Context


def create_default_choices(ctx: Context) -> None:
    """Create severity levels and one request type for a provider that has none."""
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    if not lock_levels(ctx):
        for name, description in defaults.SEVERITY_LEVELS:
            add_severity_level(ctx, name=str(name), description=str(description))
    if ctx.session.scalar(select(RequestType.id).where(RequestType.provider_id == ctx.provider_id).limit(1)) is None:
        kind = defaults.REQUEST_TYPE
        design = RequestTypeSettings(
            name=str(kind["name"]),
            description=str(kind["description"]),
            icon=kind["icon"],
            template=str(kind["template"]),
            default_rank=3,
        )
        add_request_type(ctx, design, key=kind["key"])
