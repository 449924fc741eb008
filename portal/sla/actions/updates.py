"""The promised update (N6): prepared, sent, or "no news yet"."""

import datetime as dt
import uuid
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from flask_babel import force_locale, get_locale
from flask_babel import gettext as _
from sqlalchemy import update

from portal.cases.actions import conversation
from portal.cases.models import Case, Message
from portal.cases.queries.interface import status_label
from portal.kernel.confirmation import SendAnyway
from portal.kernel.context import Context
from portal.kernel.errors import Refused
from portal.kernel.events import Event
from portal.kernel.system_context import as_system
from portal.sla import clock_store
from portal.sla.clock_store import CaseClocks
from portal.sla.engine.calendar import known_zones
from portal.sla.engine.clocks import NO_NEWS_LIMIT
from portal.sla.engine.policy import ClockKind
from portal.sla.models import CaseSlaState
from portal.sla.rule_versions import RuleVersions


def send_no_news(
    ctx: Context,
    case: Case,
    *,
    body: str,
    staged: Sequence[uuid.UUID] = (),
    idempotency_key: str | None = None,
    expected_version: int | None = None,
    anyway: SendAnyway | None = None,
) -> Message:
    """Post a public message that there is nothing new and when the next update comes; records `case.answered`
    (no_news). It counts as the promised update at most twice in a row: the third time the clock runs on."""
    if not body.strip():
        raise Refused(_("Write when the next update comes"), "body")
    return conversation.answer(
        ctx,
        case,
        body=body,
        staged=staged,
        idempotency_key=idempotency_key,
        expected_version=expected_version,
        no_news=True,
        anyway=anyway,
    )


def suggest_update(ctx: Context, case: Case) -> tuple[str, int]:
    """A suggested text of the update in the contact's language, and the number of updates without news in a row."""
    with as_system(ctx) as inner:
        case_clocks = clock_store.load_case_clocks(inner, [case.id]).get(case.id)
        if case_clocks is None:
            return "", 0
        person = case.contact_user
        with force_locale(person.locale or ctx.provider.locale or "en"):
            text = draft_text(inner, case, case_clocks, person.zone or ctx.provider.zone)
    return text, case_clocks.fold_state.no_news


def send_update(
    ctx: Context,
    case: Case,
    *,
    body: str,
    no_news: bool,
    idempotency_key: str | None = None,
    expected_version: int | None = None,
    anyway: SendAnyway | None = None,
) -> Message:
    """Post the promised update; records `case.answered`. Refused for a third "no news yet" in a row."""
    if not no_news:
        return conversation.answer(
            ctx, case, body=body, idempotency_key=idempotency_key, expected_version=expected_version, anyway=anyway
        )
    if suggest_update(ctx, case)[1] >= NO_NEWS_LIMIT:
        raise Refused(_("“No news yet” was sent %(n)d times in a row. Write what is new.", n=NO_NEWS_LIMIT), "no_news")
    return send_no_news(
        ctx, case, body=body, idempotency_key=idempotency_key, expected_version=expected_version, anyway=anyway
    )


def clear_draft(ctx: Context, event: Event) -> None:
    """Reaction to public messages of support: delete the prepared update."""
    ctx.session.execute(
        update(CaseSlaState)
        .where(CaseSlaState.case_id == event.case_id, CaseSlaState.draft != "")
        .values(draft="")
        .execution_options(synchronize_session=False)
    )


def prepare_draft(ctx: Context, case: Case, case_clocks: CaseClocks) -> str:
    """Write the draft of the next update from public facts alone (state, owner, hold reason, next date), in the
    contact's language, and store it with the case until the next public message."""
    person = case.contact_user
    with force_locale(person.locale or ctx.provider.locale or "en"):
        text = draft_text(ctx, case, case_clocks, person.zone or ctx.provider.zone)
    ctx.session.execute(
        update(CaseSlaState)
        .where(CaseSlaState.case_id == case.id)
        .values(draft=text)
        .execution_options(synchronize_session=False)
    )
    return text


def draft_text(ctx: Context, case: Case, case_clocks: CaseClocks, zone: str) -> str:
    """The sentences, in the current language."""
    owner = case.owner.user.name if case.owner is not None else ""
    lines = [
        _("%(name)s is working on your case.", name=owner) if owner else _("We are working on your case."),
        _("It is “%(state)s” now.", state=status_label(ctx, case, "contact")),
    ]
    if case.hold_reason:
        lines.append(_("We are waiting for: %(reason)s", reason=case.hold_reason))
    following = next_update_due(ctx, case_clocks)
    if following is not None:
        lines.append(_("We will write again by %(time)s.", time=_format_time(following, zone)))
    return "\n".join(lines)


def next_update_due(ctx: Context, case_clocks: CaseClocks) -> dt.datetime | None:
    """When the next update would be due after one given now; None without a promised interval."""
    fold_state, rules = case_clocks.fold_state, RuleVersions(ctx)
    if fold_state.policy is None or fold_state.calendar is None:
        return None
    target = rules.policy(fold_state.policy).promise(fold_state.severity).target(ClockKind.NEXT_UPDATE)
    return target.due(rules.calendar(fold_state.calendar), ctx.now) if target is not None else None


def _format_time(when: dt.datetime, zone: str) -> str:
    there = when.astimezone(ZoneInfo(zone if zone in known_zones() else "UTC"))
    return f"{format_datetime(there, 'd MMM y, HH:mm', locale=get_locale())} ({there.tzname() or zone})"
