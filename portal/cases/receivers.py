"""Whom a public message of support reaches. A later feature, which sends the mails, answers (`Feature.receivers`)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from portal.cases.models import Case
from portal.kernel.context import Context


@dataclass(frozen=True, slots=True)
class Receiver:
    """A person of the customer's side who is notified of an event: by mail, or only on the portal."""

    name: str
    mailed: bool


Finder = Callable[[Context, Case, str], Sequence[Receiver]]
_finder: Finder | None = None


def set_receiver_finder(finder: Finder | None) -> None:
    """Let *finder* say whom an event would reach: context, case, name of the event."""
    global _finder
    _finder = finder


def find_receivers(ctx: Context, case: Case, event_name: str) -> Sequence[Receiver]:
    """The people of the customer's side who are notified of an event of the actor in *case*, by the rules of
    delivery."""
    return _finder(ctx, case, event_name) if _finder is not None else []
