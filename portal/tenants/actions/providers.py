"""Making and configuring a provider."""

import re
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.identity import actions as identity
from portal.kernel import actor, text
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.database import Tenancy, bind
from portal.kernel.errors import Conflict, Refused
from portal.kernel.events import record
from portal.kernel.ids import new_id
from portal.tenants.actions import staff
from portal.tenants.models import AccountService, Department, Host, Provider, Service, StaffMember

HOST = re.compile(r"(?=.{1,253}\Z)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*")


def clean_host(host: str) -> str:
    """*host* in lower case. Raises Refused unless it is a bare host name (or IPv4 address)."""
    host = host.strip().lower()
    if not HOST.fullmatch(host):
        raise Refused("A host is a name such as support.example.com, without scheme, port or path.", "host")
    return host


def create_provider(
    ctx: Context, *, name: str, host: str, locale: str = "en", zone: str = "UTC", slug: str = ""
) -> Provider:
    """A new provider reached at *host*; binds *ctx* to it as the system; records `provider.created`.

    Raises Conflict if the host or slug is taken. Only the command line and the demo call it: there is no actor above
    providers.
    """
    host = clean_host(host)
    if ctx.session.scalar(select(Host.host).where(Host.host == host)):
        raise Conflict(f"{host} already belongs to a provider.")
    name = text.clean_line(name)[:200]
    if not name:
        raise Refused("A provider needs a name.", "name")
    provider_id = new_id()
    ctx.actor = actor.system(provider_id)
    bind(ctx.session, Tenancy.of(ctx.actor))
    ctx.provider = provider = _stored(
        ctx, Provider(id=provider_id, name=name, locale=locale, zone=zone, created_at=ctx.now), slug, host
    )
    ctx.session.add(Host(host=host, provider_id=provider_id, is_primary=True))
    record(ctx, "provider.created", provider, host=host)
    return provider


def _stored(ctx: Context, provider: Provider, slug: str, host: str) -> Provider:
    """*provider* under *slug*, else the first part of *host*, else the whole of it: other providers are not visible."""
    short = text.slugify(host.partition(".")[0])
    for candidate in [slug] if slug else [short, text.slugify(host), str(provider.id)]:
        provider.slug = candidate[:60]
        try:
            with ctx.session.begin_nested():
                ctx.session.add(provider)
                ctx.session.flush()
            return provider
        except IntegrityError:
            continue
    raise Conflict(f"The short name {slug or short} is taken by another provider.")


def add_host(ctx: Context, host: str) -> None:
    """Let *host* lead to this provider too."""
    host = clean_host(host)
    if ctx.session.scalar(select(Host.host).where(Host.host == host)):
        raise Conflict(f"{host} already belongs to a provider.")
    ctx.session.add(Host(host=host, provider_id=ctx.provider_id))
    ctx.session.flush()


def first_admin(ctx: Context, email: str, name: str = "") -> StaffMember:
    """The administrator of an empty provider, invited by mail."""
    person = identity.add_person(ctx, name=name or email.partition("@")[0].capitalize(), email=email)
    member = staff.add_staff(ctx, person, role="admin", all_accounts=True)
    identity.invite(ctx, person)
    return member


def change_provider(ctx: Context, provider: Provider, **values: object) -> None:
    """Change name, language, zone, contact ways and case life settings; records `provider.changed` with old and new."""
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    changed = {k: [getattr(provider, k), v] for k, v in values.items() if getattr(provider, k) != v}
    for key, value in values.items():
        setattr(provider, key, value)
    if changed:
        provider.version += 1
        record(ctx, "provider.changed", provider, changed=changed)


def add_department(ctx: Context, *, key: str = "", name: str) -> Department:
    """A part of support; its key is made from the name where none is given; records `department.added`.

    Raises Refused for a name that another one has.
    """
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    _check_free(ctx, Department, name)
    row = Department(provider_id=ctx.provider_id, key=key or _free_key(ctx, Department, name), name=name)
    ctx.session.add(row)
    ctx.session.flush()
    record(ctx, "department.added", row, name=name)
    return row


def change_department(ctx: Context, department: Department, *, name: str, active: bool) -> None:
    """Rename or archive a department; cases keep it; records `department.changed`."""
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    _check_free(ctx, Department, name, department.id)
    facts: dict[str, list[Any]] = {"name": [department.name, name], "active": [department.active, active]}
    department.name, department.active = name, active
    ctx.session.flush()
    record(ctx, "department.changed", department, changed={k: v for k, v in facts.items() if v[0] != v[1]})


def add_service(ctx: Context, *, key: str = "", name: str) -> Service:
    """Something accounts can buy; its key is made from the name where none is given; records `service.added`.

    Raises Refused for a name that another one has.
    """
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    _check_free(ctx, Service, name)
    row = Service(provider_id=ctx.provider_id, key=key or _free_key(ctx, Service, name), name=name)
    ctx.session.add(row)
    ctx.session.flush()
    record(ctx, "service.added", row, name=name)
    return row


def change_service(ctx: Context, service: Service, *, name: str) -> None:
    """Rename a service; records `service.changed`."""
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    _check_free(ctx, Service, name, service.id)
    changed = {"name": [service.name, name]} if service.name != name else {}
    service.name = name
    record(ctx, "service.changed", service, changed=changed)


def remove_service(ctx: Context, service: Service) -> None:
    """Delete a service that no account has bought; records `service.removed`. Raises Conflict while one has.

    A request type that requires it is the caller's business to check: `cases` stands above this feature.
    """
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    if ctx.session.scalar(select(AccountService.id).where(AccountService.service_id == service.id).limit(1)):
        raise Conflict(_("%(name)s is still bought by accounts. Take it off there first.", name=service.name))
    record(ctx, "service.removed", service, name=service.name)
    ctx.session.delete(service)
    ctx.session.flush()


def _check_free(ctx: Context, model: type[Department] | type[Service], name: str, own: Id | None = None) -> None:
    same = select(model.id).where(
        model.provider_id == ctx.provider_id, func.lower(model.name) == name.lower(), model.id != (own or new_id())
    )
    if ctx.session.scalar(same.limit(1)):
        raise Refused(_("%(name)s is already on the list", name=name), "name")


def _free_key(ctx: Context, model: type[Department] | type[Service], name: str) -> str:
    base = text.slugify(name)[:30].strip("-") or "item"
    taken = set(
        ctx.session.scalars(select(model.key).where(model.provider_id == ctx.provider_id, model.key.startswith(base)))
    )
    key, n = base, 2
    while key in taken:
        key, n = f"{base}-{n}", n + 1
    return key
