"""Request types that an actor may choose."""

from collections.abc import Collection, Iterable, Sequence

from sqlalchemy.orm import joinedload, undefer

from portal.authz.scopes import load, scope
from portal.cases.models import RequestType
from portal.kernel.actor import Actor, Id
from portal.kernel.config_cache import cached_config, for_side
from portal.kernel.context import Context
from portal.tenants.models import AccountService


def request_types(ctx: Context, account_ids: Iterable[Id] | None = None) -> Sequence[RequestType]:
    """Active request types in their order. *account_ids*: only those that one of the accounts may use."""
    rows = ctx.session.scalars(
        scope(ctx.actor, RequestType)
        .where(RequestType.active)
        .options(joinedload(RequestType.department))
        .order_by(RequestType.position, RequestType.name)
        .limit(200)
    ).all()
    if account_ids is None:
        return rows
    accounts = list(account_ids)
    rows = [row for row in rows if is_offered(ctx.actor, row, accounts)]
    if all(row.requires_service_id is None for row in rows):
        return rows
    bought = ctx.session.scalars(scope(ctx.actor, AccountService).where(AccountService.account_id.in_(accounts)))
    services = {row.service_id for row in bought}
    return [row for row in rows if row.requires_service_id is None or row.requires_service_id in services]


def is_offered(actor: Actor, row: RequestType, account_ids: Collection[Id]) -> bool:
    """Whether the type is for one of the accounts and, on the portal, for the role that *actor* has there."""
    wanted = {str(one) for one in account_ids}
    if row.only_accounts:
        wanted &= set(row.only_accounts)
    if not row.only_roles or not actor.is_contact:
        return bool(wanted) or not row.only_accounts
    return any(str(access.account_id) in wanted and access.role in row.only_roles for access in actor.access)


def request_type_names(ctx: Context, account_ids: Iterable[Id]) -> Sequence[tuple[Id, str]]:
    """(id, name) of the active request types in their order, for the filter of a list: to contacts those that they may
    choose in one of the accounts. At most two statements."""
    if ctx.actor.is_contact:
        return [(row.id, row.name) for row in request_types(ctx, account_ids)]
    return cached_config(ctx, for_side, _read_request_type_names)


def _read_request_type_names(ctx: Context) -> Sequence[tuple[Id, str]]:
    return tuple((row.id, row.name) for row in request_types(ctx))


def request_type(ctx: Context, key: str) -> RequestType:
    """The active request type *key*; raises NotFound otherwise."""
    options = [joinedload(RequestType.department), undefer(RequestType.own_fields)]
    return load(ctx, RequestType, RequestType.key == key[:40], RequestType.active, options=options)


def request_type_by_id(ctx: Context, type_id: Id, *, lock: bool = False) -> RequestType:
    """The request type with this id, active or not, with its own fields; raises NotFound otherwise."""
    return load(ctx, RequestType, RequestType.id == type_id, options=[undefer(RequestType.own_fields)], lock=lock)
