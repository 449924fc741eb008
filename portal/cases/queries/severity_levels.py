"""The severity levels of a provider."""

from collections.abc import Sequence
from typing import Any

from portal.authz.scopes import scope
from portal.cases.models import SeverityLevel
from portal.kernel.config_cache import cached_config, for_everybody
from portal.kernel.context import Context


def severity_levels(ctx: Context) -> Sequence[Any]:
    """The provider's severity levels, the worst first, as rows of columns."""
    return cached_config(ctx, for_everybody, _read_levels)


def _read_levels(ctx: Context) -> Sequence[Any]:
    rows = scope(ctx.actor, SeverityLevel).order_by(SeverityLevel.rank)
    return ctx.session.execute(rows.with_only_columns(*SeverityLevel.__table__.columns)).all()
