"""An action in a savepoint."""

from collections.abc import Callable

from portal.kernel.context import Context


def run_in_savepoint(ctx: Context, act: Callable[[], object]) -> None:
    """Call *act* in a savepoint. If it raises, its changes are rolled back and the unit of work goes on."""
    with ctx.session.begin_nested():
        act()
