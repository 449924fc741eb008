"""The promised update, prepared from what the customer may know anyway (N6): support reads it, changes it, sends it."""

import datetime as dt
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from flask_babel import force_locale, get_locale
from flask_babel import gettext as _
from sqlalchemy import update

from portal.cases.models import Case
from portal.cases.queries.interface import status_label
from portal.kernel.context import Context
from portal.sla.clock_store import Kept
from portal.sla.engine.calendar import zones
from portal.sla.engine.policy import Kind
from portal.sla.models import CaseStanding
from portal.sla.rule_versions import Books


def prepare_draft(ctx: Context, case: Case, kept: Kept) -> str:
    """Write the draft of the next update from public facts alone (state, owner, hold reason, next date), in the
    contact's language, and keep it with the case until news are given."""
    person = case.contact_user
    with force_locale(person.locale or ctx.provider.locale or "en"):
        text = draft_text(ctx, case, kept, person.zone or ctx.provider.zone)
    ctx.session.execute(
        update(CaseStanding)
        .where(CaseStanding.case_id == case.id)
        .values(draft=text, draft_at=ctx.now)
        .execution_options(synchronize_session=False)
    )
    return text


def draft_text(ctx: Context, case: Case, kept: Kept, zone: str) -> str:
    """The sentences, in the language that holds now."""
    owner = case.owner.user.name if case.owner is not None else ""
    lines = [
        _("%(name)s is working on your case.", name=owner) if owner else _("We are working on your case."),
        _("It is “%(state)s” now.", state=status_label(ctx, case, "contact")),
    ]
    if case.hold_reason:
        lines.append(_("We are waiting for: %(reason)s", reason=case.hold_reason))
    following = next_news(ctx, kept)
    if following is not None:
        lines.append(_("We write again by %(time)s.", time=_moment(following, zone)))
    return "\n".join(lines)


def next_news(ctx: Context, kept: Kept) -> dt.datetime | None:
    """When the news after these would be due if they were given now; None where no rhythm was promised."""
    standing, books = kept.standing, Books(ctx)
    if standing.policy is None or standing.calendar is None:
        return None
    target = books.policy(standing.policy).promise(standing.severity).target(Kind.NEXT_UPDATE)
    return target.due(books.calendar(standing.calendar), ctx.now) if target is not None else None


def _moment(when: dt.datetime, zone: str) -> str:
    there = when.astimezone(ZoneInfo(zone if zone in zones() else "UTC"))
    return f"{format_datetime(there, 'd MMM y, HH:mm', locale=get_locale())} ({there.tzname() or zone})"
