"""Request types: adding, changing, ordering and archiving."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from flask_babel import gettext as _
from sqlalchemy import func, select

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.authz.roles import ContactRole
from portal.cases import form_fields
from portal.cases.actions.severity_levels import lock_levels
from portal.cases.models import RequestType
from portal.kernel import text
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.errors import Refused
from portal.kernel.events import record
from portal.tenants.models import Account, Department, Service


@dataclass(frozen=True, slots=True)
class RequestTypeSettings:
    """The settings of a request type, without its key and position."""

    name: str
    description: str = ""
    icon: str = "question"
    template: str = ""
    asks_severity: bool = True
    default_rank: int = 3
    takes_files: bool = True
    # Modes of further fields by name (`form_fields`). Other fields are optional.
    fields: Mapping[str, str] = field(default_factory=dict)
    # Roles of contacts, and ids of accounts, to whom the type is offered; without any: everybody.
    only_roles: Sequence[str] = ()
    only_accounts: Sequence[Id] = ()
    department_id: Id | None = None
    requires_service_id: Id | None = None
    active: bool = True


def add_request_type(ctx: Context, design: RequestTypeSettings, *, key: str = "") -> RequestType:
    """Add a request type at the end of the list; records `request_type.added`.

    The key is made from the name if none is given. Raises Refused if another type has the name.
    """
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
    """Change a request type; records `request_type.changed`. Existing cases keep their values."""
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
    """All request types in their order, archived ones too."""
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    statement = select(RequestType).where(RequestType.provider_id == ctx.provider_id)
    return list(ctx.session.scalars(statement.order_by(RequestType.position, RequestType.name, RequestType.id)))


def archive_request_type(ctx: Context, row: RequestType) -> None:
    """Archive a request type; records `request_type.changed`. Existing cases keep it."""
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    row.active = False
    row.version += 1
    ctx.session.flush()
    record(ctx, "request_type.changed", row, changed=["active"])


def arrange_request_types(ctx: Context, rows: Sequence[RequestType]) -> None:
    """Order the request types as *rows*; others follow."""
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    others = [row for row in all_request_types(ctx) if row not in rows]
    for position, row in enumerate([*rows, *others], start=1):
        row.position = position
    ctx.session.flush()


def move_request_type(ctx: Context, row: RequestType, *, up: bool) -> None:
    """Swap *row* with its neighbor; records `request_type.moved`. Does nothing at the end of the list."""
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    rows = list(
        ctx.session.scalars(
            select(RequestType)
            .where(RequestType.provider_id == ctx.provider_id)
            .order_by(RequestType.active.desc(), RequestType.position, RequestType.name, RequestType.id)
            .with_for_update()
            .execution_options(populate_existing=True)
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
    """Whether a request type requires *service*, so that it cannot be deleted."""
    statement = select(RequestType.id).where(RequestType.requires_service_id == service.id)
    return ctx.session.scalar(statement.limit(1)) is not None


def _columns(design: RequestTypeSettings) -> dict[str, object]:
    columns = {name: getattr(design, name) for name in RequestTypeSettings.__dataclass_fields__}
    return {
        **columns,
        "fields": form_fields.clean_modes(design.fields),
        "only_roles": sorted(set(design.only_roles)),
        "only_accounts": sorted({str(one) for one in design.only_accounts}),
    }


def _check(ctx: Context, design: RequestTypeSettings, own: Id | None = None) -> None:
    """Check that the name is free, the rank exists, and department and service belong to the provider."""
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
    if not set(design.only_roles) <= set(ContactRole):
        raise Refused(_("Choose one of the answers shown"), "only_roles")
    accounts = select(func.count()).where(Account.provider_id == ctx.provider_id, Account.id.in_(design.only_accounts))
    if design.only_accounts and ctx.session.scalar(accounts) != len(set(design.only_accounts)):
        raise Refused(_("Write the keys of accounts, separated by commas"), "only_accounts")
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
