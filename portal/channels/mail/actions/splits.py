"""Received mails whose messages moved to another case."""

from sqlalchemy import func, select

from portal.channels.mail.models import InboundMail
from portal.kernel.context import Context
from portal.kernel.events import Event
from portal.kernel.ids import parse_id
from portal.kernel.system_context import as_system


def follow_split(ctx: Context, event: Event) -> None:
    """React to `case.split`: a mail that became a moved message belongs to the new case, so that its original is found
    there and answers to it arrive there."""
    positions = event.facts["positions"]
    place = {"case": event.facts["target_id"], "key": event.facts["target"]}
    with as_system(ctx) as inner:
        at = func.coalesce(InboundMail.facts["message"].astext, "0")
        rows = select(InboundMail).where(
            InboundMail.case_id == event.case_id, InboundMail.fate == "comment", at.in_(positions)
        )
        for mail in inner.session.scalars(rows):
            mail.case_id = parse_id(event.facts["target_id"])
            mail.facts = {**mail.facts, **place, "message": positions[str(mail.facts["message"])]}
        inner.session.flush()
