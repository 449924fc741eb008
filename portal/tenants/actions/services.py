"""Adding, changing and removing services."""

from flask_babel import gettext as _
from sqlalchemy import select

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.kernel.context import Context
from portal.kernel.errors import Conflict
from portal.kernel.events import record
from portal.tenants.actions.unique_names import add_named_row, check_free_name
from portal.tenants.models import AccountService, Service


def add_service(ctx: Context, *, key: str = "", name: str) -> Service:
    """Something accounts can buy; its key is made from the name where none is given; records `service.added`.

    Raises Refused for a name that another one has.
    """
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    row = add_named_row(ctx, Service, key=key, name=name)
    record(ctx, "service.added", row, name=name)
    return row


def change_service(ctx: Context, service: Service, *, name: str) -> None:
    """Rename a service; records `service.changed`."""
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    check_free_name(ctx, Service, name, service.id)
    changed = {"name": [service.name, name]} if service.name != name else {}
    service.name = name
    record(ctx, "service.changed", service, changed=changed)


def remove_service(ctx: Context, service: Service) -> None:
    """Delete a service that no account has bought; records `service.removed`. Raises Conflict while one has.

    The caller checks request types that require it, because `cases` is a later feature.
    """
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    if ctx.session.scalar(select(AccountService.id).where(AccountService.service_id == service.id).limit(1)):
        raise Conflict(_("Accounts still have %(name)s. Remove it from them first.", name=service.name))
    record(ctx, "service.removed", service, name=service.name)
    ctx.session.delete(service)
    ctx.session.flush()
