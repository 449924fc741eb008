"""The cache of a provider's configuration: read once by a process, and read again after a change.

Departments, severities and similar rows are needed on every page and rarely change. `providers.stamp` is a new random
value after every change of a table that carries the trigger `stamp_provider` (see the migration "speed"), whoever made
it. Every signed-in request reads its provider's row anyway, so a cached value is never older than the request.

Cached values are rows (tuples), never entities: they are immutable and belong to no session. The key is derived from
the reading function, from its arguments (`call_key`), and from an actor that has only what determines the answer
(`for_everybody`, `for_side`, `for_accounts`). The function is called for that actor, so it cannot read with more rights
than the key contains.
"""

import uuid
from collections.abc import Callable, Hashable
from dataclasses import replace
from typing import Any, TypeVar, TypeVarTuple

from sqlalchemy import event
from sqlalchemy.orm import Session

from portal.kernel.actor import Access, Actor, CacheKey, nobody
from portal.kernel.cache import Cache, measure
from portal.kernel.call_key import call_key
from portal.kernel.context import Context

T = TypeVar("T")
Ts = TypeVarTuple("Ts")
Key = tuple[uuid.UUID, uuid.UUID, CacheKey, Hashable]
# The tables whose changes renew the version: those with the trigger (tested).
CONFIG_TABLES: set[str] = set()
_CHANGED = "configured_here"
_answers: Cache[Key, Any] = Cache(max_bytes=32_000_000, size=lambda _key, answer: measure(answer))


def register_config_tables(*tables: str) -> None:
    """Declare *tables* as configuration of a provider. Models call it beside their policy."""
    CONFIG_TABLES.update(tables)


def for_everybody(actor: Actor) -> Actor:
    """For answers that are the same for everybody at the provider."""
    return nobody(actor.provider_id)


def for_side(actor: Actor) -> Actor:
    """For answers that are the same for all staff, and the same for all contacts."""
    return Actor(actor.side, actor.provider_id)


def for_accounts(actor: Actor) -> Actor:
    """For answers that are the same for all actors of a side with the same accounts and environments, whatever their
    roles."""
    places = {replace(row, role="") for row in actor.access}
    return Actor(
        actor.side,
        actor.provider_id,
        all_accounts=actor.all_accounts,
        account_ids=actor.account_ids,
        access=tuple(sorted(places, key=_place)),
    )


def _place(row: Access) -> tuple[str, str]:
    return str(row.account_id), str(row.environment_id)


def cached_config(
    ctx: Context, audience: Callable[[Actor], Actor], read: Callable[[Context, *Ts], T], *arguments: *Ts
) -> T:
    """The result of `read(ctx, *arguments)` for the actor that *audience* returns, cached until the configuration
    changes.

    *read* must return rows or other immutable values. A session that changed the configuration reads everything again.
    Raises TypeError if *read* or *arguments* hold a value that cannot be part of a key (`call_key`).
    """
    actor = audience(ctx.actor)
    narrowed = Context(actor, ctx.now, ctx.session, provider=ctx.provider)
    version: uuid.UUID | None = getattr(ctx.provider, "config_version", None)
    read_key = call_key(read, *arguments)
    if version is None or ctx.session.info.get(_CHANGED):
        return read(narrowed, *arguments)
    key = (ctx.provider_id, version, actor.cache_key, read_key)
    found: T | None = _answers.get(key)
    if found is not None:
        return found
    answer = read(narrowed, *arguments)
    if not ctx.session.info.get(_CHANGED):  # reading may have flushed a change
        _answers.put(key, answer)
    return answer


@event.listens_for(Session, "after_flush")
def _notice(session: Session, _context: Any) -> None:
    """Mark a session that changes configuration before the provider's row has its new version."""
    if session.info.get(_CHANGED):
        return
    for row in (*session.new, *session.dirty, *session.deleted):
        if getattr(row, "__tablename__", "") in CONFIG_TABLES:
            session.info[_CHANGED] = True
            return
