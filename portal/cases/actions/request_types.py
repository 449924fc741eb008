"""Request types: what people can choose when they open a case."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from flask_babel import gettext as _
from sqlalchemy import func, select

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.cases import form_fields
from portal.cases.actions.severity_levels import lock_levels
from portal.cases.models import RequestType
from portal.kernel import text
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.errors import Refused
from portal.kernel.events import record
from portal.tenants.models import Department, Service


@dataclass(frozen=True, slots=True)
class RequestTypeSettings:
    """Everything about a request type but its key and place in the list."""

    name: str
    description: str = ""
    icon: str = "question"
    template: str = ""
    asks_severity: bool = True
    default_rank: int = 3
    takes_files: bool = True
    # Modes of further fields by name (`form_fields`); those left out are optional.
    fields: Mapping[str, str] = field(default_factory=dict)
    department_id: Id | None = None
    requires_service_id: Id | None = None
    active: bool = True


def add_request_type(ctx: Context, design: RequestTypeSettings, *, key: str = "") -> RequestType:
    """A new kind of case at the end of the list; its key is made from the name where none is given; records
    `request_type.added`. Raises Refused for a name that another one has."""
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    _check(ctx, design)
    last = ctx.session.scalar(select(func.max(RequestType.position)).where(RequestType.provider_id == ctx.provider_id))
    row = RequestType(
        provider_id=ctx.provider_id,
        key=key or _free_key(ctx, design.name),
        position=(last or 0) + 1,
        **_columns(design),
    )
    ctx.session.add(row)
    ctx.session.flush()
    record(ctx, "request_type.added", row, name=row.name)
    return row


def change_request_type(ctx: Context, row: RequestType, design: RequestTypeSettings) -> None:
    """Change a kind of case; cases opened before keep what they have; records `request_type.changed`."""
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    _check(ctx, design, row.id)
    columns = _columns(design)
    changed = sorted(name for name, value in columns.items() if getattr(row, name) != value)
    for name, value in columns.items():
        setattr(row, name, value)
    if changed:
        row.version += 1
        ctx.session.flush()
        record(ctx, "request_type.changed", row, changed=changed)


def all_request_types(ctx: Context) -> list[RequestType]:
    """All kinds of case, archived ones too, in their order."""
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    statement = select(RequestType).where(RequestType.provider_id == ctx.provider_id)
    return list(ctx.session.scalars(statement.order_by(RequestType.position, RequestType.name, RequestType.id)))


def archive_request_type(ctx: Context, row: RequestType) -> None:
    """Take a kind of case off the list; cases keep it; records `request_type.changed`."""
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    row.active = False
    row.version += 1
    ctx.session.flush()
    record(ctx, "request_type.changed", row, changed=["active"])


def arrange_request_types(ctx: Context, rows: Sequence[RequestType]) -> None:
    """Put the kinds of case into the order of *rows*, others behind them."""
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    others = [row for row in all_request_types(ctx) if row not in rows]
    for position, row in enumerate([*rows, *others], start=1):
        row.position = position
    ctx.session.flush()


def move_request_type(ctx: Context, row: RequestType, *, up: bool) -> None:
    """Swap *row* with its neighbor in the list; records `request_type.moved`. At the end of the list: nothing."""
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    rows = list(
        ctx.session.scalars(
            select(RequestType)
            .where(RequestType.provider_id == ctx.provider_id)
            .order_by(RequestType.active.desc(), RequestType.position, RequestType.name, RequestType.id)
            .with_for_update()
        )
    )
    here = next(i for i, other in enumerate(rows) if other.id == row.id)
    there = here - 1 if up else here + 1
    if not 0 <= there < len(rows) or rows[there].active != row.active:
        return
    rows[here], rows[there] = rows[there], rows[here]
    for position, other in enumerate(rows, start=1):
        other.position = position
    ctx.session.flush()
    record(ctx, "request_type.moved", row, up=up)


def is_service_required(ctx: Context, service: Service) -> bool:
    """Whether a request type asks for *service*, so that it cannot be deleted."""
    statement = select(RequestType.id).where(RequestType.requires_service_id == service.id)
    return ctx.session.scalar(statement.limit(1)) is not None


def _columns(design: RequestTypeSettings) -> dict[str, object]:
    columns = {name: getattr(design, name) for name in RequestTypeSettings.__dataclass_fields__}
    return {**columns, "fields": form_fields.clean_modes(design.fields)}


def _check(ctx: Context, design: RequestTypeSettings, own: Id | None = None) -> None:
    """The name is free, the rank exists, department and service are this provider's."""
    same = select(RequestType.id).where(
        RequestType.provider_id == ctx.provider_id, func.lower(RequestType.name) == design.name.lower()
    )
    if own is not None:
        same = same.where(RequestType.id != own)
    if ctx.session.scalar(same.limit(1)):
        raise Refused(_("There is already a request type named %(name)s", name=design.name), "name")
    try:
        form_fields.clean_modes(design.fields)
    except (KeyError, ValueError) as wrong:
        raise Refused(form_fields.unknown_choice_message(str(wrong.args[0])), "fields") from None
    if design.default_rank not in {row.rank for row in lock_levels(ctx)}:
        raise Refused(_("Choose one of the severity levels"), "default_rank")
    for model, chosen, name in (
        (Department, design.department_id, "department"),
        (Service, design.requires_service_id, "service"),
    ):
        known = select(model.id).where(model.provider_id == ctx.provider_id, model.id == chosen)
        if chosen is not None and ctx.session.scalar(known) is None:
            raise Refused(_("Choose one of the answers shown"), name)


def _free_key(ctx: Context, name: str) -> str:
    base = text.slugify(name)[:30].strip("-") or "type"
    taken = set(
        ctx.session.scalars(
            select(RequestType.key).where(RequestType.provider_id == ctx.provider_id, RequestType.key.startswith(base))
        )
    )
    key, n = base, 2
    while key in taken:
        key, n = f"{base}-{n}", n + 1
    return key
