"""Names and keys of departments and services: unique at the provider."""

from typing import TypeVar

from flask_babel import gettext as _
from sqlalchemy import func, select

from portal.kernel import text
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.errors import Refused
from portal.kernel.ids import new_id
from portal.tenants.models import Department, Service

N = TypeVar("N", Department, Service)


def check_free_name(ctx: Context, model: type[Department] | type[Service], name: str, own: Id | None = None) -> None:
    """Raise Refused if another row of *model* than *own* has *name*, whatever the letter case."""
    same = select(model.id).where(
        model.provider_id == ctx.provider_id, func.lower(model.name) == name.lower(), model.id != (own or new_id())
    )
    if ctx.session.scalar(same.limit(1)):
        raise Refused(_("%(name)s is already on the list", name=name), "name")


def add_named_row(ctx: Context, model: type[N], *, key: str, name: str) -> N:
    """Store a row of *model*; its key is made from *name* where *key* is empty. Raises Refused for a name that another
    row has."""
    check_free_name(ctx, model, name)
    row = model(provider_id=ctx.provider_id, key=key or make_free_key(ctx, model, name), name=name)
    ctx.session.add(row)
    ctx.session.flush()
    return row


def make_free_key(ctx: Context, model: type[Department] | type[Service], name: str) -> str:
    """A key made from *name* that no row of *model* has at this provider."""
    base = text.slugify(name)[:30].strip("-") or "item"
    taken = set(
        ctx.session.scalars(select(model.key).where(model.provider_id == ctx.provider_id, model.key.startswith(base)))
    )
    key, n = base, 2
    while key in taken:
        key, n = f"{base}-{n}", n + 1
    return key
