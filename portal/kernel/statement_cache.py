"""Statements that are built once for each actor and cached. The scope of an actor is part of a list's statement, and
building, hashing and compiling the statement costs more than its execution in PostgreSQL. It changes only with the
actor: their accounts, roles, memberships and the rules of their organizations are part of the key, because they are all
that a scope may read.

The rest of the key is derived from the function that builds the statement (`call_key`). It is called with the actor and
with the arguments of the key, and with nothing else: a statement cannot depend on what is not in its key.
docs/decisions/0013-speed.md describes the risk.
"""

import sys
from collections.abc import Callable, Hashable, Sequence
from typing import Any, TypeVar, TypeVarTuple

from sqlalchemy import DateTime, Row, Select, bindparam

from portal.kernel.actor import Actor
from portal.kernel.cache import Cache
from portal.kernel.call_key import call_key
from portal.kernel.context import Context

# The moment of the work, for statements that are kept and depend on it; whatever reads them puts it in.
NOW = bindparam("now", None, DateTime(timezone=True))
S = TypeVar("S", bound=Any)
Ts = TypeVarTuple("Ts")
Text = tuple[str, dict[str, Any]]


def _text_size(_key: Hashable, ready: Text) -> int:
    text, parameters = ready
    return sys.getsizeof(text) + sys.getsizeof(parameters) + 100 * len(parameters)


# As text: SQLAlchemy finds a statement of a dozen scopes by a key that takes as long to hash as a page to draw.
# A text takes some 10 kB. Statement objects cannot be measured; they take some 40 kB each.
_texts: Cache[Hashable, Text] = Cache(max_bytes=30_000_000, size=_text_size)
_statements: Cache[Hashable, Select[Any]] = Cache(max_entries=1_500)


def cached_select(ctx: Context, build: Callable[[Actor, *Ts], "Select[S]"], *arguments: *Ts) -> "Select[S]":
    """The statement `build(actor, *arguments)`, for the session to execute as usual (entities too). *arguments* shape
    the statement. Values that differ from call to call are bound parameters, passed with the statement. Raises
    TypeError if *build* or *arguments* hold a value that cannot be part of a key (`call_key`).
    """
    key = (ctx.actor.cache_key, call_key(build, *arguments))
    return _statements.load(key, lambda: build(ctx.actor.as_in_key(), *arguments))


def fetch_rows(
    ctx: Context, build: Callable[[Actor, *Ts], Select[Any]], *arguments: *Ts, **values: Any
) -> Sequence[Row[Any]]:
    """The rows of the statement `build(actor, *arguments)`, as plain tuples; one statement.

    *arguments* shape the statement. Values that differ from call to call are bound parameters of the statement (built
    with the value None), given by name in *values*; NOW is always given. Raises TypeError if *build* or *arguments*
    hold a value that cannot be part of a key (`call_key`).
    """
    key = (ctx.actor.cache_key, call_key(build, *arguments))
    connection = ctx.session.connection()

    def compile_text() -> Text:
        statement = build(ctx.actor.as_in_key(), *arguments)
        compiled = statement.compile(dialect=connection.dialect, compile_kwargs={"render_postcompile": True})
        return str(compiled), dict(compiled.params)

    text, parameters = _texts.load(key, compile_text)
    # Rows that wait to be written belong to what is read, as in any other read of the session.
    ctx.session.flush()
    return connection.exec_driver_sql(text, {**parameters, NOW.key: ctx.now, **values}).all()
