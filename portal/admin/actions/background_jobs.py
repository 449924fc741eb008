"""Retrying deliveries that failed for good."""

from flask_babel import gettext as _

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.kernel import jobs
from portal.kernel.context import Context
from portal.kernel.errors import Conflict
from portal.kernel.events import record
from portal.kernel.outbox import Delivery


def retry_delivery(ctx: Context, delivery: Delivery) -> None:
    """Give a dead delivery its tries back; records `delivery.revived`. Conflict for one that is not dead."""
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    if delivery.state != "dead":
        raise Conflict(_("This job is already running or done."))
    jobs.revive_delivery(ctx, delivery.id)
    record(ctx, "delivery.revived", delivery, consumer=delivery.consumer)
