"""Names and keys of departments and services: unique at the provider."""

from flask_babel import gettext as _
from sqlalchemy import func, select

from portal.kernel import text
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.errors import Refused
from portal.kernel.ids import new_id
from portal.tenants.models import Department, Service


def check_free_name(ctx: Context, model: type[Department] | type[Service], name: str, own: Id | None = None) -> None:
    """Raise Refused if another row of *model* than *own* has *name*, whatever the letter case."""
    same = select(model.id).where(
        model.provider_id == ctx.provider_id, func.lower(model.name) == name.lower(), model.id != (own or new_id())
    )
    if ctx.session.scalar(same.limit(1)):
        raise Refused(_("%(name)s is already on the list", name=name), "name")


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
