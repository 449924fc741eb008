"""Work that the house does because of what a person did: clocks are nobody's own, so no person's sight limits them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from portal.kernel.actor import Side, system
from portal.kernel.context import Context
from portal.kernel.database import Tenancy, bind, tenancy_of


@contextmanager
def house(ctx: Context) -> Iterator[Context]:
    """*ctx* as the house itself, inside the same unit of work; afterwards the session sees what it saw before.

    Staff see their whole provider in the database already, so only a customer's session is bound anew.
    """
    if ctx.actor.is_system:
        yield ctx
        return
    inner = replace(ctx, actor=system(ctx.provider_id), channel="system", person=None, session_id=None)
    before = tenancy_of(ctx.session)
    if before.side not in (Side.STAFF, Side.SYSTEM):
        bind(ctx.session, Tenancy.of(inner.actor))
    try:
        yield inner
    finally:
        bind(ctx.session, before)
