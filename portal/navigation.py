"""Which menus lead where: one page for all surfaces."""

from portal.kernel.context import Context
from portal.web.shell import Shell


def furnish(ctx: Context, shell: Shell) -> None:
    """Put the menus of the current surface into *shell*."""
