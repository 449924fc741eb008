"""Work as the system: contexts without a person, and parts of a person's work that need more than the person sees."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from portal.kernel import clock, uow
from portal.kernel.actor import Actor, Id, Side, system
from portal.kernel.context import Context
from portal.kernel.database import Tenancy, bind, bind_again, db, tenancy_of

_load_provider: Callable[[Context, Id], Any] | None = None


def register_provider_loader(load: Callable[[Context, Id], Any]) -> None:
    """Let *load* read the provider's row of a new system context; the kernel does not import the model."""
    global _load_provider
    _load_provider = load


def create_system_context(provider_id: Id, channel: str = "system") -> Context:
    """A context for work of the system at one provider. The session is bound to it."""
    context = Context(actor=system(provider_id), now=clock.now(), session=db.session, channel=channel)
    bind(db.session, Tenancy.of(context.actor))
    context.provider = _load_provider(context, provider_id) if _load_provider else None
    return context


@contextmanager
def system_work(provider_id: Id, channel: str = "system") -> Iterator[Context]:
    """A unit of work of the system at one provider: commit what the block does, or roll all of it back. The session
    ends with it."""
    try:
        with uow.unit_of_work(db.session):
            yield create_system_context(provider_id, channel)
    finally:
        db.session.remove()


@contextmanager
def as_system(ctx: Context, *, with_own_rows: bool = False) -> Iterator[Context]:
    """A context of the system in the unit of work of *ctx*. Afterwards the session is bound as before.

    Rows that were added inside are written before the session is bound again, because the person of *ctx* may not be
    allowed to write them. The session of a staff member is not bound to the system: the policies show staff the whole
    provider, except other people's own rows (`tenancy.by_owner`). *with_own_rows* binds it, so that those are read
    too.
    """
    if ctx.actor.is_system:
        yield ctx
        return
    inner = replace(ctx, actor=system(ctx.provider_id), channel="system", person=None, session_id=None)
    before = tenancy_of(ctx.session)
    rebinds = with_own_rows or before.side not in (Side.STAFF, Side.SYSTEM)
    if rebinds:
        bind(ctx.session, Tenancy.of(inner.actor))
    try:
        yield inner
        if rebinds:
            inner.session.flush()
    finally:
        bind_again(ctx.session, before)


def act_as(ctx: Context, actor: Actor) -> None:
    """Let *actor* do the rest of this work, also as the database sees it."""
    ctx.actor = actor
    bind(ctx.session, Tenancy.of(actor))
