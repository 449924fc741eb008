"""Due work of snoozes."""

import uuid

from portal.kernel.context import Context
from portal.snoozes import actions


def wake(ctx: Context, snooze_id: uuid.UUID) -> None:
    """Wake one snooze whose time has come."""
    actions.wake_due(ctx, snooze_id)
