"""Preconditions that later features set on the verbs of a case, and what they do together with a reply. `wiring` sets
them."""

from collections.abc import Callable, Mapping, Sequence

from portal.cases.models import Case
from portal.kernel.confirmation import SendAnyway
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


# Called before a reply of support with its text, in the same transaction. The mapping holds what the composer says in
# fields that the feature drew in it (a panel of the slot 'composer'), by name. Raises like the actions that it calls.
ReplyStep = Callable[[Context, Case, str, Mapping[str, str], SendAnyway | None], None]
_reply_steps: list[ReplyStep] = []


def set_reply_steps(steps: Sequence[ReplyStep]) -> None:
    """Set what later features do together with a reply, in this order."""
    _reply_steps[:] = steps


def take_reply_steps(
    ctx: Context, case: Case, body: str, answers: Mapping[str, str], anyway: SendAnyway | None = None
) -> None:
    """Take every step that later features add to a reply with the text *body*; the first refusal is raised."""
    for step in _reply_steps:
        step(ctx, case, body, answers, anyway)
