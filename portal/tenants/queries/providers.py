"""Reads of the provider, its hosts, and which provider a host belongs to."""

from collections.abc import Sequence

from sqlalchemy import select

from portal.authz.scopes import load
from portal.kernel import clock
from portal.kernel.actor import Id, nobody
from portal.kernel.context import Context
from portal.kernel.database import db
from portal.tenants.models import Host, Provider


def hosts(ctx: Context) -> Sequence[Host]:
    """The names under which this provider is reached, the one for mails first."""
    statement = select(Host).where(Host.provider_id == ctx.provider_id).order_by(Host.is_primary.desc(), Host.host)
    return ctx.session.scalars(statement.limit(100)).all()


def own_provider(ctx: Context, *, lock: bool = False) -> Provider:
    """The provider's own row."""
    return load(ctx, Provider, Provider.id == ctx.provider_id, lock=lock)


def list_providers(ctx: Context) -> Sequence[tuple[Id, str]]:
    """Every provider of the installation with its first host; reads the exempt table only."""
    rows = select(Host.provider_id, Host.host).order_by(Host.provider_id, Host.is_primary.desc(), Host.host)
    found: dict[Id, str] = {}
    for provider_id, host in ctx.session.execute(rows):
        found.setdefault(provider_id, host)
    return list(found.items())


def every_provider_id() -> list[Id]:
    """The id of every provider of the installation, for work of the system; in a session that ends with it."""
    reader = Context(actor=nobody(), now=clock.now(), session=db.session, channel="system")
    try:
        return [provider_id for provider_id, _host in list_providers(reader)]
    finally:
        db.session.remove()


def provider_of_host(ctx: Context, host: str) -> Id | None:
    """The provider of *host*, disabled or not; reads the exempt table only."""
    return ctx.session.scalar(select(Host.provider_id).where(Host.host == host[:253]))


def served_provider_of_host(ctx: Context, host: str) -> Id | None:
    """The provider whose pages *host* shows: None for an unknown host, and while the provider is disabled."""
    return ctx.session.scalar(select(Host.provider_id).where(Host.host == host[:253], Host.enabled))


def provider(ctx: Context, provider_id: Id) -> Provider | None:
    """The tenant's own row; no statement if this session has read it."""
    return ctx.session.get(Provider, provider_id)


def primary_host(ctx: Context) -> str:
    """The host name that links in this provider's mails use."""
    statement = select(Host.host).where(Host.provider_id == ctx.provider_id).order_by(Host.is_primary.desc(), Host.host)
    return ctx.session.scalar(statement.limit(1)) or "localhost"
