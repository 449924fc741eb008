"""Deleting what somebody made by mistake: only what nothing refers to; everything else is archived. Calendars and
policies are archived in any case: their versions are part of what was promised, and the database lets nobody delete
them."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import delete

from portal.admin.queries.deletions import count_references, rows_of_parts
from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.kernel.context import Context
from portal.kernel.database import Base
from portal.kernel.errors import Refused
from portal.kernel.events import record


@dataclass(frozen=True, slots=True)
class Deletable:
    """A kind of row: its name in events, and the tables whose rows belong to it and go with it."""

    kind: str
    parts: Sequence[str] = ()


ORGANIZATION = Deletable("organization")
ACCOUNT = Deletable(
    "account",
    (
        *("account_counters", "account_aliases", "account_services", "staff_accounts"),
        *("environments", "contact_access", "sla_assignments"),
    ),
)
ENVIRONMENT = Deletable("environment")
DEPARTMENT = Deletable("department", ("staff_departments",))
REQUEST_TYPE = Deletable("request_type")
MAILBOX = Deletable("mailbox", ("mailbox_connections", "mailbox_tests"))
RULE = Deletable("rule", ("sla_steps",))


def delete_unused(ctx: Context, kind: Deletable, row: Base, name: str) -> None:
    """Delete *row*, called *name*, with its parts; records `<kind>.deleted`. Raises Refused where something
    refers to it. *row* is locked; a reference that somebody adds at this moment fails at its key."""
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    if count_references(ctx, row, kind.parts):
        raise Refused(_("%(name)s is still in use.", name=name))
    record(ctx, f"{kind.kind}.deleted", row, name=name)
    ctx.session.flush()
    for table, owned in rows_of_parts(row, kind.parts):
        ctx.session.execute(delete(table).where(owned))
    ctx.session.expunge(row)
