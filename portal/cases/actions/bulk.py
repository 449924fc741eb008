"""One verb on many cases. Each case has a savepoint, so that a refusal does not undo the others."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from flask_babel import gettext as _

from portal.cases.models import Case
from portal.cases.queries.detail import by_key
from portal.kernel.confirmation import ReasonNeeded
from portal.kernel.context import Context
from portal.kernel.errors import Forbidden, NotFound, PortalError

BULK_LIMIT = 100


@dataclass(slots=True)
class BulkOutcome:
    """The keys of changed cases, and the keys of refused ones with the reason. *marks*: what a reason is needed for
    (`kernel.confirmation`), each once."""

    changed: list[str] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)
    marks: list[str] = field(default_factory=list)


def apply_to_each(ctx: Context, keys: Iterable[str], act: Callable[[Case], object]) -> BulkOutcome:
    """Call *act* on the cases with *keys* (at most BULK_LIMIT), each in a savepoint, locked in the order of
    their keys.
    """
    outcome = BulkOutcome()
    for key in sorted(set(keys))[:BULK_LIMIT]:
        try:
            with ctx.session.begin_nested():
                act(by_key(ctx, key, lock=True))
        except PortalError as problem:
            outcome.refused.append((key, problem.message or _refusal_message(problem)))
            if isinstance(problem, ReasonNeeded):
                outcome.marks += [mark for mark in problem.marks if mark not in outcome.marks]
        else:
            outcome.changed.append(key)
    return outcome


def _refusal_message(problem: PortalError) -> str:
    if isinstance(problem, NotFound):
        return _("There is no such case.")
    if isinstance(problem, Forbidden):
        return _("You cannot change it.")
    return _("That is not possible.")
