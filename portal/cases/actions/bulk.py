"""One verb on many cases, and taking it back. Each case has a savepoint, so that a refusal does not undo the others."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from flask_babel import gettext as _

from portal.cases.actions import desk
from portal.cases.actions.tags import add_tags, remove_tags
from portal.cases.models import Case
from portal.cases.queries.detail import by_id, by_key
from portal.kernel.actor import Id
from portal.kernel.confirmation import ReasonNeeded
from portal.kernel.context import Context
from portal.kernel.errors import Conflict, Forbidden, NotFound, PortalError
from portal.kernel.events import Event
from portal.kernel.ids import parse_id

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


def take_back(ctx: Context, run: Mapping[Id, Sequence[Event]]) -> BulkOutcome:
    """Give the cases back what the actor changed in them by one press (`queries.bulk_runs.events_of_run`): owner,
    department and tags, by the same verbs and events.

    A case whose owner or department somebody changed since is left alone, and named with the reason. A case that was
    new stays open.
    """
    outcome = BulkOutcome()
    for case_id in sorted(run):
        key = ""
        try:
            with ctx.session.begin_nested():
                case = by_id(ctx, case_id, lock=True)
                key = case.key
                for event in reversed(run[case_id]):
                    _take_back_event(ctx, case, event)
        except PortalError as problem:
            if key:  # one that the actor may not load any more has no name
                outcome.refused.append((key, problem.message or _refusal_message(problem)))
        else:
            outcome.changed.append(key)
    return outcome


def _take_back_event(ctx: Context, case: Case, event: Event) -> None:
    match event.name:
        case "case.assigned" | "case.taken":
            before, after = (parse_id(one) for one in event.facts["owner"])
            if case.owner_id != after:
                raise Conflict(_("It has another owner by now."))
            desk.assign(ctx, case, owner_id=before, department_id=case.department_id)
        case "case.routed":
            before, after = (parse_id(one) for one in event.facts["department"])
            if case.department_id != after:
                raise Conflict(_("It has another department by now."))
            desk.assign(ctx, case, owner_id=case.owner_id, department_id=before)
        case "case.tagged":
            remove_tags(ctx, case, ", ".join(event.facts["tags"]))
        case "case.untagged":
            add_tags(ctx, case, ", ".join(event.facts["tags"]))


def _refusal_message(problem: PortalError) -> str:
    if isinstance(problem, NotFound):
        return _("There is no such case.")
    if isinstance(problem, Forbidden):
        return _("You cannot change it.")
    return _("That is not possible.")
