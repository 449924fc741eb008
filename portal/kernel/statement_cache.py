"""Statements that are built once for an actor and kept, ready to be sent.

What an actor may see goes into a list's statement through the scope, and building, hashing and compiling it each time
costs more than PostgreSQL needs to answer it. It changes only when the actor does: their accounts, roles, memberships
and the rules of their organizations are part of the key, because they are all that a scope may read.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from threading import Lock
from typing import Any, Generic, TypeVar

from sqlalchemy import DateTime, Row, Select, bindparam

from portal.kernel.context import Context

# The moment of the work, for statements that are kept and depend on it; whatever reads them puts it in.
NOW = bindparam("now", None, DateTime(timezone=True))
T = TypeVar("T")
S = TypeVar("S", bound=Any)


class BoundedCache(Generic[T]):
    """So many things by key, the least recently asked for dropped first; for all threads of a process."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._things: OrderedDict[Hashable, T] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable) -> T | None:
        with self._lock:
            found = self._things.get(key)
            if found is not None:
                self._things.move_to_end(key)
        return found

    def put(self, key: Hashable, thing: T) -> T:
        with self._lock:
            self._things[key] = thing
            while len(self._things) > self._most:
                self._things.popitem(last=False)
        return thing

    def clear(self) -> None:
        with self._lock:
            self._things.clear()


# As text: SQLAlchemy finds a statement of a dozen scopes by a key that takes as long to hash as a page to draw.
# A text takes some 10 kB, a statement some 40: with both full a process has grown by a hundred megabytes.
_ready: BoundedCache[tuple[str, dict[str, Any]]] = BoundedCache(3_000)
_statements: BoundedCache[Select[Any]] = BoundedCache(1_500)


def cached_select(ctx: Context, name: Hashable, build: Callable[[], "Select[S]"]) -> "Select[S]":
    """The statement that *build* makes for this actor, for the session to carry out as usual (entities and all).

    What differs from call to call are bound parameters, handed over with the statement; *build* must not look at
    anything but the actor. *name* says which statement it is.
    """
    key = (ctx.actor.cache_key, name)
    found = _statements.get(key)
    return found if found is not None else _statements.put(key, build())


def fetch_rows(ctx: Context, name: Hashable, build: Callable[[], Select[Any]], **values: Any) -> Sequence[Row[Any]]:
    """The rows of the statement that *build* makes for this actor, as plain tuples; one statement.

    *name* says which statement it is, with everything beside the actor that shapes it. What differs from call to call
    are bound parameters of the statement (with the value None, for the time being), given by name in *values*; NOW is
    given. *build* must not look at anything else.
    """
    key = (ctx.actor.cache_key, name)
    ready = _ready.get(key)
    connection = ctx.session.connection()
    if ready is None:
        compiled = build().compile(dialect=connection.dialect, compile_kwargs={"render_postcompile": True})
        ready = _ready.put(key, (str(compiled), dict(compiled.params)))
    # Rows that wait to be written belong to what is read, as in any other read of the session.
    ctx.session.flush()
    text, parameters = ready
    return connection.exec_driver_sql(text, {**parameters, NOW.key: ctx.now, **values}).all()
