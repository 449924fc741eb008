"""What is known of a case for the placeholders of a canned reply."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from portal.canned_replies.engine.placeholders import resolve
from portal.canned_replies.models import CannedReply
from portal.cases.models import Case
from portal.cases.queries.severity_levels import level_name
from portal.identity.models import User
from portal.kernel.context import Context
from portal.sla.queries.case_clocks import latest_clocks


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """The values of placeholders in no language, and by when the customer hears next, which is told in theirs. *zone*
    and *locale* are those of the reader, '' where unknown."""

    values: Mapping[str, str]
    due: dt.datetime | None
    zone: str
    locale: str

    def missing_in(self, reply: CannedReply) -> list[str]:
        """The placeholders of *reply*, in any language, that nothing is known for."""
        known = {**self.values, "case link": "known", "next answer due": "known" if self.due else ""}
        return list(dict.fromkeys(name for text in reply.texts.values() for name in resolve(text, known).missing))


def read_facts(ctx: Context, case: Case, reader: User) -> CaseFacts:
    """What is known of *case* for a text to *reader*, written by the actor."""
    provider = ctx.provider
    return CaseFacts(
        values={
            "contact first name": first_name(reader.name),
            "contact name": reader.name,
            "case key": case.key,
            "subject": case.subject,
            "account": case.account.name,
            "organization": case.organization.name,
            "environment": case.environment.name if case.environment else "",
            "severity": level_name(ctx, case.severity),
            "agent first name": first_name(ctx.actor.name),
            "agent name": ctx.actor.name,
            "provider name": provider.called,
        },
        due=_next_answer_due(ctx, case),
        zone=reader.zone or provider.zone,
        locale=reader.locale or "",
    )


def first_name(name: str) -> str:
    """The first word of *name*."""
    return (name.split() or [""])[0]


def _next_answer_due(ctx: Context, case: Case) -> dt.datetime | None:
    """By when the customer hears from support next, as their page says it: None where no time runs, where it has
    passed, or where customers are shown no times."""
    if ctx.provider.promises_shown != "dates" or not case.unresolved:
        return None
    running = [one.due for _row, one in latest_clocks(ctx, case) if one.kind != "resolution" and one.runs and one.due]
    nearest = min(running, default=None)
    return nearest if nearest is not None and nearest > ctx.now else None
