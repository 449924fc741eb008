"""Preconditions that later features set on the verbs of a case. `wiring` sets them."""

from collections.abc import Callable, Mapping, Sequence

from portal.cases.models import Case
from portal.kernel.context import Context

# Raises Refused or Conflict with a message if the verb may not begin now. The mapping holds what the verb's form says
# in fields that the feature drew on it (a panel of the slot 'verb'), by name.
Precondition = Callable[[Context, Case, Mapping[str, str]], None]
_preconditions: dict[str, tuple[Precondition, ...]] = {}


def set_preconditions(by_verb: Mapping[str, Sequence[Precondition]]) -> None:
    """Replace the preconditions of all verbs."""
    _preconditions.clear()
    _preconditions.update({verb: tuple(conditions) for verb, conditions in by_verb.items()})


def check_preconditions(ctx: Context, case: Case, verb: str, answers: Mapping[str, str]) -> None:
    """Check every precondition of *verb* with the *answers* of its form; the first refusal is raised."""
    for precondition in _preconditions.get(verb, ()):
        precondition(ctx, case, answers)
