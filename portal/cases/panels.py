"""What later features show on a case page: cases knows none of them, `wiring` installs theirs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from portal.cases.models import Case
from portal.kernel.context import Context


@dataclass(frozen=True, slots=True)
class Panel:
    """A piece of the page: where it stands ('top' of the conversation or 'aside'), its template and what it reads."""

    place: str
    template: str
    values: dict[str, Any]


Source = Callable[[Context, Case], Panel | None]
_sources: list[Source] = []


def install(sources: Sequence[Source]) -> None:
    """Let *sources* add panels to the case pages of both sides, in this order."""
    _sources[:] = sources


def panels_of(ctx: Context, case: Case) -> list[Panel]:
    """The panels of *case* for this reader."""
    return [panel for source in _sources if (panel := source(ctx, case)) is not None]
