"""A reply that waits to be sent, in tests, past the actions."""

import datetime as dt
import uuid
from typing import Any

from portal.cases.actions.delayed_replies import Reply, arguments_of
from portal.cases.actions.reply_with_status import NextStatus
from portal.cases.models import Case, CaseLocation, DelayedReply
from portal.kernel import ids
from portal.kernel.context import Context


def leave_delayed_reply(
    ctx: Context, case: Case, writer: Any, body: str = "Not sent yet", status: str = ""
) -> uuid.UUID:
    """A reply of *writer* to *case* that waits for a day; returns its id. *ctx* is the system's."""
    row = DelayedReply(
        id=ids.new_id(),
        **CaseLocation.of(case).columns(),
        user_id=writer.id,
        body=body,
        arguments=arguments_of(Reply(body, NextStatus(status))),
        path=f"/desk/cases/{case.id}/reply",
        fields={"body": [body]},
        idempotency_key=ids.new_id().hex,
        sends_at=ctx.now + dt.timedelta(days=1),
    )
    ctx.session.add(row)
    ctx.session.flush()
    return row.id
