"""Creating and configuring a provider."""

import re
from typing import cast

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.identity import actions as identity
from portal.kernel import actor, text
from portal.kernel.context import Context
from portal.kernel.errors import Conflict, Refused
from portal.kernel.events import record
from portal.kernel.ids import new_id
from portal.kernel.system_context import act_as
from portal.tenants.actions import staff
from portal.tenants.models import Host, Provider, StaffMember
from portal.tenants.queries.providers import hosts

HOST = re.compile(r"(?=.{1,253}\Z)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*")


def clean_host(host: str) -> str:
    """*host* in lower case. Raises Refused unless it is a bare host name (or IPv4 address)."""
    host = host.strip().lower()
    if not HOST.fullmatch(host):
        raise Refused(_("A host is a name such as support.example.com, without scheme, port or path."), "host")
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
        raise Conflict(_("%(host)s already belongs to a provider.", host=host))
    name = text.clean_line(name)[:200]
    if not name:
        raise Refused(_("A provider needs a name."), "name")
    provider_id = new_id()
    act_as(ctx, actor.system(provider_id))
    ctx.provider = provider = _insert_provider(
        ctx, Provider(id=provider_id, name=name, locale=locale, zone=zone, created_at=ctx.now), slug, host
    )
    ctx.session.add(Host(host=host, provider_id=provider_id, is_primary=True))
    record(ctx, "provider.created", provider, host=host)
    return provider


def _insert_provider(ctx: Context, provider: Provider, slug: str, host: str) -> Provider:
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
    raise Conflict(_("The short name %(name)s is taken by another provider.", name=slug or short))


def add_host(ctx: Context, host: str) -> None:
    """Let *host* lead to this provider too."""
    host = clean_host(host)
    if ctx.session.scalar(select(Host.host).where(Host.host == host)):
        raise Conflict(_("%(host)s already belongs to a provider.", host=host))
    enabled = all(row.enabled for row in hosts(ctx))
    ctx.session.add(Host(host=host, provider_id=ctx.provider_id, enabled=enabled))
    ctx.session.flush()


def set_enabled(ctx: Context, *, enabled: bool) -> bool:
    """Open or close this provider's pages; False if they were so already. Records `provider.changed`.

    Nothing is deleted, and what is due goes on being done. Only the operator's command line calls it.
    """
    rows = [row for row in hosts(ctx) if row.enabled != enabled]
    for row in rows:
        row.enabled = enabled
    if rows:
        record(ctx, "provider.changed", ctx.provider, changed={"enabled": [not enabled, enabled]})
    return bool(rows)


def first_admin(ctx: Context, email: str, name: str = "") -> StaffMember:
    """The administrator of an empty provider, invited by mail."""
    person = identity.add_person(ctx, name=name or email.partition("@")[0].capitalize(), email=email)
    member = staff.add_staff(ctx, person, role="admin", all_accounts=True)
    identity.invite(ctx, person)
    return member


def change_provider(ctx: Context, provider: Provider, **values: object) -> None:
    """Change name, language, zone, contact ways and case life settings; records `provider.changed` with old and new.

    *factor_roles* are the roles that need a second factor.
    """
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    if "factor_roles" in values:
        # The days in which a role can put off a second factor count from the moment at which it was chosen.
        since, roles = provider.factor_roles, cast("list[str]", values["factor_roles"])
        values["factor_roles"] = {role: since.get(role) or ctx.now.isoformat() for role in sorted(roles)}
    changed = {k: [getattr(provider, k), v] for k, v in values.items() if getattr(provider, k) != v}
    for key, value in values.items():
        setattr(provider, key, value)
    if changed:
        provider.version += 1
        record(ctx, "provider.changed", provider, changed=changed)
