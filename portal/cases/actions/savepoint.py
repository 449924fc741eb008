"""An action in a savepoint."""

from collections.abc import Callable

from portal.kernel.context import Context


def run_in_savepoint(ctx: Context, act: Callable[[], object]) -> None:
    """Do *act*; if it raises, nothing of it remains in this unit of work, so that the form can be shown again."""
    with ctx.session.begin_nested():
        act()
