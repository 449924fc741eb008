"""Making and configuring a provider."""

from sqlalchemy import select

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.identity import actions as identity
from portal.kernel import actor, text
from portal.kernel.context import Context
from portal.kernel.database import Tenancy, bind
from portal.kernel.errors import Conflict, Refused
from portal.kernel.events import record
from portal.kernel.ids import new_id
from portal.tenants.actions import staff
from portal.tenants.models import Department, Host, Provider, Service, StaffMember


def create_provider(
    ctx: Context, *, name: str, host: str, locale: str = "en", zone: str = "UTC", slug: str = ""
) -> Provider:
    """A new provider reached at *host*; binds *ctx* to it as the system; records `provider.created`.

    Raises Conflict if the host or slug is taken. Only the command line and the demo call it: there is no actor above
    providers.
    """
    host = host.strip().lower()
    if not host or len(host) > 253 or any(c.isspace() or c in "/:@" for c in host):
        raise Refused("A host is a name such as support.example.com, without scheme or port.", "host")
    if ctx.session.scalar(select(Host.host).where(Host.host == host)):
        raise Conflict(f"{host} already belongs to a provider.")
    provider_id = new_id()
    ctx.actor = actor.system(provider_id)
    bind(ctx.session, Tenancy.of(ctx.actor))
    provider = Provider(
        id=provider_id, slug=slug or text.slugify(host.partition(".")[0]) or str(provider_id)[:8],
        name=text.clean_line(name)[:200], locale=locale, zone=zone, created_at=ctx.now,
    )
    ctx.session.add(provider)
    ctx.session.flush()
    ctx.provider = provider
    ctx.session.add(Host(host=host, provider_id=provider_id, is_primary=True))
    record(ctx, "provider.created", provider, host=host)
    return provider


def add_host(ctx: Context, host: str) -> None:
    """Let *host* lead to this provider too."""
    ctx.session.add(Host(host=host.strip().lower(), provider_id=ctx.provider_id))
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


def add_department(ctx: Context, *, key: str, name: str) -> Department:
    """A part of support; records `department.added`."""
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    row = Department(provider_id=ctx.provider_id, key=key, name=name)
    ctx.session.add(row)
    ctx.session.flush()
    record(ctx, "department.added", row, name=name)
    return row


def add_service(ctx: Context, *, key: str, name: str) -> Service:
    """Something accounts can buy; records `service.added`."""
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    row = Service(provider_id=ctx.provider_id, key=key, name=name)
    ctx.session.add(row)
    ctx.session.flush()
    record(ctx, "service.added", row, name=name)
    return row
