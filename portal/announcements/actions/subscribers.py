"""Getting the status page by email: an address asks, its owner confirms, and whoever wants no more ends it."""

from flask_babel import gettext as _
from sqlalchemy.dialects.postgresql import insert

from portal.announcements import queries
from portal.announcements.models import StatusSubscriber
from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.kernel import ids
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.errors import Refused
from portal.kernel.events import record
from portal.kernel.system_context import as_system

CHOICES = ("all", "outages")


def ask_subscription(ctx: Context, email: str, chosen: str, locale: str) -> None:
    """Let a mail ask *email* whether it wants what the status page says (`all`, or only `outages`). Nothing that was
    confirmed before changes, and known and unknown addresses are treated alike; records `status.subscription_asked`
    (fact: chosen)."""
    if chosen not in CHOICES:
        raise Refused(_("Choose one of the answers shown"), "chosen")
    statement = insert(StatusSubscriber).values(
        id=ids.new_id(),
        provider_id=ctx.provider_id,
        email=email,
        locale=locale,
        chosen=chosen,
        asked_at=ctx.now,
        confirmed_at=None,
    )
    asked_again = statement.on_conflict_do_update(
        index_elements=["provider_id", "email"], set_={"asked_at": statement.excluded.asked_at}
    )
    with as_system(ctx) as inner:
        row = inner.session.scalars(
            asked_again.returning(StatusSubscriber), execution_options={"populate_existing": True}
        ).one()
        record(inner, "status.subscription_asked", row, chosen=chosen)


def confirm_subscription(ctx: Context, subscriber_id: Id, chosen: str, locale: str) -> bool:
    """Mail *chosen* to an address from now on, in the language *locale*, as its owner says; records
    `status.subscribed`. False where nobody asks for it any more."""
    with as_system(ctx) as inner:
        row = queries.subscriber(inner, subscriber_id, lock=True)
        if row is None:
            return False
        if row.confirmed_at is None or row.chosen != chosen:
            row.chosen, row.locale = chosen, locale
            row.confirmed_at = row.confirmed_at or ctx.now
            record(inner, "status.subscribed", row, chosen=chosen)
    return True


def end_subscription(ctx: Context, subscriber_id: Id, why: str = "asked") -> None:
    """Forget an address, nothing where it is forgotten already; records `status.unsubscribed` (fact: why, `asked`,
    `returned` or `removed`)."""
    with as_system(ctx) as inner:
        row = queries.subscriber(inner, subscriber_id, lock=True)
        if row is not None:
            record(inner, "status.unsubscribed", row, why=why)
            inner.session.delete(row)
            inner.session.flush()


def remove_subscriber(ctx: Context, email: str) -> None:
    """Forget an address for its owner; records `status.unsubscribed`. Raises Refused for one that gets nothing."""
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    row = queries.subscriber_of(ctx, email)
    if row is None:
        raise Refused(_("This address does not get the status page by email."), "email")
    end_subscription(ctx, row.id, "removed")
