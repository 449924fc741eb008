"""What the house does while a customer acts: looking over all cases of a person, opening a task for staff."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from portal.kernel.actor import system
from portal.kernel.context import Context
from portal.kernel.database import Tenancy, bind, tenancy_of


@contextmanager
def as_house(ctx: Context) -> Iterator[Context]:
    """A context of the house itself, inside the same transaction; afterwards *ctx* has its own sight again."""
    before = tenancy_of(ctx.session)
    house = replace(ctx, actor=system(ctx.provider_id))
    bind(house.session, Tenancy.of(house.actor))
    try:
        yield house
        house.session.flush()
    finally:
        bind(ctx.session, before)
