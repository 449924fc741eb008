"""Wall a: one function per model returns what an actor may see. Lists, loads, counts, search and hints start from
it."""

from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import Select, false

from portal.kernel.actor import Actor, CacheKey
from portal.kernel.cache import Cache
from portal.kernel.context import Context
from portal.kernel.errors import NotFound

M = TypeVar("M")
Scope = Callable[[Actor], "Select[Any]"]
_scopes: dict[type, Scope] = {}
# Results of scopes. A page uses about ten of them, and building one costs as much as PostgreSQL needs for the
# statement. A scope reads nothing but the actor, so equal actors get the same (immutable) result.
_answers: Cache[tuple[CacheKey, type], "Select[Any]"] = Cache(max_entries=2_000)


def register_scope(model: type, visible: Scope) -> None:
    """Make *visible* the scope of *model*: it returns the rows that an actor may see. It must read nothing but the
    actor, because its result is cached."""
    _scopes[model] = visible
    _answers.clear()


def registered_scopes() -> dict[type, Scope]:
    """All scopes, for the tests that walk them."""
    return dict(_scopes)


def scope(actor: Actor, model: type[M]) -> "Select[M]":
    """The rows of *model* that *actor* may see. A model without a scope is a defect, never "everything"."""
    return _answers.load((actor.cache_key, model), lambda: _scopes[model](actor.as_in_key()))


def select_nothing(statement: "Select[Any]") -> "Select[Any]":
    """*statement* with a condition that no row satisfies."""
    return statement.where(false())


def load(ctx: Context, model: type[M], *where: Any, lock: bool = False, fresh: bool = False, options: Any = ()) -> M:
    """The one visible row that satisfies *where*; NotFound for missing and foreign alike.

    *lock* takes FOR UPDATE. *fresh* (and *lock*) read the row again, even if this unit of work has read it before.
    """
    statement = scope(ctx.actor, model).where(*where).options(*options)
    if lock:
        statement = statement.with_for_update(of=model)
    if lock or fresh:
        statement = statement.execution_options(populate_existing=True)
    found: M | None = ctx.session.scalars(statement).unique().one_or_none()
    if found is None:
        raise NotFound
    return found
