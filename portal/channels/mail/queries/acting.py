"""Reading and writing as the sender of a mail, in the unit of work of the system."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from portal.identity.models import User
from portal.kernel.actor import Actor
from portal.kernel.context import Context
from portal.kernel.database import Tenancy, bind, bind_again, tenancy_of


@contextmanager
def acting_as(ctx: Context, actor: Actor, person: User) -> Iterator[Context]:
    """The context of *actor*, with the database bound to them: a mail sees no more than its sender would.

    The database is bound to *ctx* again afterwards, also after an exception.
    """
    before = tenancy_of(ctx.session)
    bind(ctx.session, Tenancy.of(actor))
    try:
        yield replace(ctx, actor=actor, person=person, channel="mail", session_id=None, caches={})
        ctx.session.flush()
    finally:
        bind_again(ctx.session, before)
