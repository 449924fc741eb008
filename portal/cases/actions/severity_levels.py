"""Severity levels: names, descriptions and number of the ranks."""

from flask_babel import gettext as _
from sqlalchemy import or_, select

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.cases.models import Case, RequestType, SeverityAnswer, SeverityLevel
from portal.kernel.context import Context
from portal.kernel.errors import Conflict, Refused
from portal.kernel.events import record

MIN_LEVELS, MAX_LEVELS = 3, 4


def change_severity_levels(ctx: Context, words: dict[int, tuple[str, str]]) -> None:
    """Rename and describe the levels by rank; records `severity.changed`. Raises Refused for two levels of one name.

    Cases store the rank, so they show the new name at once.
    """
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    names = [name.casefold() for name, _description in words.values()]
    if len(set(names)) != len(names):
        raise Refused(_("Give each level a different name"))
    rows = lock_levels(ctx)
    changed = {}
    for row in rows:
        name, description = words.get(row.rank, (row.name, row.description))
        if (row.name, row.description) != (name, description):
            changed[str(row.rank)] = [row.name, name]
            row.name, row.description = name, description
    if changed:
        ctx.session.flush()
        record(ctx, "severity.changed", ctx.provider, changed=changed)


def add_severity_level(ctx: Context, *, name: str, description: str = "") -> SeverityLevel:
    """Add a level below the others; records `severity.added`. Raises Conflict if there are four."""
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    rows = lock_levels(ctx)
    if len(rows) >= MAX_LEVELS:
        raise Conflict(_("There are already four levels."))
    if name.casefold() in (row.name.casefold() for row in rows):
        raise Refused(_("Give each level a different name"), "name")
    rank = next(rank for rank in range(1, MAX_LEVELS + 1) if rank not in {row.rank for row in rows})
    row = SeverityLevel(provider_id=ctx.provider_id, key=str(rank), rank=rank, name=name, description=description)
    ctx.session.add(row)
    ctx.session.flush()
    record(ctx, "severity.added", row, rank=rank, name=name)
    return row


def remove_severity_level(ctx: Context) -> None:
    """Remove the lowest level; records `severity.removed`.

    Raises Conflict if only three are left, or if an answer, a case or a request type uses the level.
    """
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    rows = lock_levels(ctx)
    if len(rows) <= MIN_LEVELS:
        raise Conflict(_("There must be at least three levels."))
    lowest = rows[-1]
    meant = select(SeverityAnswer.name).where(
        SeverityAnswer.provider_id == ctx.provider_id, SeverityAnswer.rank == lowest.rank
    )
    if (answer := ctx.session.scalar(meant.limit(1))) is not None:
        raise Conflict(_("The answer “%(name)s” means this level. Change the question first.", name=answer))
    if severity_in_use(ctx, lowest.rank):
        raise Conflict(_("%(name)s is in use and cannot be removed. Cases keep their severity.", name=lowest.name))
    record(ctx, "severity.removed", lowest, rank=lowest.rank, name=lowest.name)
    ctx.session.delete(lowest)
    ctx.session.flush()


def severity_in_use(ctx: Context, rank: int) -> bool:
    """Whether a case ever had *rank*, or a request type has it as default."""
    case = select(Case.id).where(
        Case.provider_id == ctx.provider_id, or_(Case.severity == rank, Case.severity_asked == rank)
    )
    kind = select(RequestType.id).where(
        RequestType.provider_id == ctx.provider_id, RequestType.default_rank == rank, RequestType.active
    )
    return bool(ctx.session.scalar(case.limit(1)) or ctx.session.scalar(kind.limit(1)))


def lock_levels(ctx: Context) -> list[SeverityLevel]:
    statement = select(SeverityLevel).where(SeverityLevel.provider_id == ctx.provider_id).order_by(SeverityLevel.rank)
    return list(ctx.session.scalars(statement.with_for_update().execution_options(populate_existing=True)))
