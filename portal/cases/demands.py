"""What later features demand before a verb: cases knows none of them, `wiring` installs theirs."""

from collections.abc import Callable, Mapping, Sequence

from portal.cases.models import Case
from portal.kernel.context import Context

# Raises Refused or Conflict, in words, if the verb may not begin now.
Demand = Callable[[Context, Case], None]
_demands: dict[str, tuple[Demand, ...]] = {}


def install(demands: Mapping[str, Sequence[Demand]]) -> None:
    """Let these be asked before the verbs that they are named for."""
    _demands.clear()
    _demands.update({verb: tuple(asked) for verb, asked in demands.items()})


def ask(ctx: Context, case: Case, verb: str) -> None:
    """Ask every demand on *verb*; the first refusal is raised."""
    for demand in _demands.get(verb, ()):
        demand(ctx, case)
