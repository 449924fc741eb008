"""What a provider configured, read once and kept by the process until somebody configures something.

Departments, severities and the like stand on every page and change once a month. `providers.stamp` is a new random
value after every change of a table that carries the trigger `stamp_provider` (see the migration "speed"), whoever made
it; every signed-in request reads its provider anyway, so what is kept is never older than the request.

What is kept are rows (tuples), never entities: nobody can change them, and they belong to no session.
"""

import uuid
from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, TypeVar

from sqlalchemy import event
from sqlalchemy.orm import Session

from portal.kernel.context import Context

T = TypeVar("T")
MOST_KEPT = 2_000
# The tables whose changes renew the version; the triggers of the database are held to this list (tested).
CONFIG_TABLES: set[str] = set()
_CHANGED = "configured_here"
_kept: "OrderedDict[tuple[uuid.UUID, uuid.UUID, Hashable], Any]" = OrderedDict()
_lock = Lock()


def register_config_tables(*tables: str) -> None:
    """A change of one of *tables* changes what the provider configured: models say so beside their policy."""
    CONFIG_TABLES.update(tables)


def cached_config(ctx: Context, name: Hashable, read: Callable[[], T]) -> T:
    """The answer of *read* since the provider was last configured. *name* says what it is and for whose eyes.

    *read* must give rows or other values that nobody can change, and must not depend on who asks beyond *name*.
    In a session that changed the configuration itself everything is read anew.
    """
    version = getattr(ctx.provider, "config_version", None)
    if version is None or ctx.session.info.get(_CHANGED):
        return read()
    key = (ctx.provider_id, version, name)
    with _lock:
        if key in _kept:
            _kept.move_to_end(key)
            found: T = _kept[key]
            return found
    answer = read()
    if not ctx.session.info.get(_CHANGED):  # reading may have flushed a change
        with _lock:
            _kept[key] = answer
            while len(_kept) > MOST_KEPT:
                _kept.popitem(last=False)
    return answer


@event.listens_for(Session, "after_flush")
def _notice(session: Session, _context: Any) -> None:
    """A session that configures knows it before the new version reaches its provider's row."""
    if session.info.get(_CHANGED):
        return
    for row in (*session.new, *session.dirty, *session.deleted):
        if getattr(row, "__tablename__", "") in CONFIG_TABLES:
            session.info[_CHANGED] = True
            return
