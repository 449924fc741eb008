"""The promised update (N6): prepared, sent, or "no news yet"."""

import uuid
from collections.abc import Sequence

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import update

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.cases.actions import conversation
from portal.cases.models import Case, Message
from portal.kernel.context import Context
from portal.kernel.errors import NotFound, Refused
from portal.kernel.events import Event
from portal.sla import clock_store
from portal.sla.actions.drafts import draft_text, prepare_draft
from portal.sla.engine.clocks import NO_NEWS_LIMIT
from portal.sla.house import house
from portal.sla.models import CaseStanding


def draft_update(ctx: Context, case: Case) -> str:
    """The next update prepared from public facts, kept with the case (its standing's `draft`). NotFound for a case
    without clocks. The case is locked by the caller."""
    require(ctx.actor, Permission.CASE_ANSWER, case)
    kept = clock_store.read(ctx, [case.id]).get(case.id)
    if kept is None:
        raise NotFound
    return prepare_draft(ctx, case, kept)


def give_no_news(
    ctx: Context,
    case: Case,
    *,
    body: str,
    staged: Sequence[uuid.UUID] = (),
    idempotency_key: str | None = None,
    expected_version: int | None = None,
) -> Message:
    """Tell the customer in public that there is nothing new and when they hear next; records `case.answered`
    (no_news). It counts as the promised update at most twice in a row: the third time the clock runs on."""
    if not body.strip():
        raise Refused(_("Write when the next news come"), "body")
    return conversation.answer(
        ctx,
        case,
        body=body,
        staged=staged,
        idempotency_key=idempotency_key,
        expected_version=expected_version,
        no_news=True,
    )


def suggested(ctx: Context, case: Case) -> tuple[str, int]:
    """What the update could say, in the contact's language, and how many times in a row there was no news."""
    with house(ctx) as inner:
        kept = clock_store.read(inner, [case.id]).get(case.id)
        if kept is None:
            return "", 0
        person = case.contact_user
        with force_locale(person.locale or ctx.provider.locale or "en"):
            text = draft_text(inner, case, kept, person.zone or ctx.provider.zone)
    return text, kept.standing.no_news


def log_update(
    ctx: Context,
    case: Case,
    *,
    body: str,
    no_news: bool,
    idempotency_key: str | None = None,
    expected_version: int | None = None,
) -> Message:
    """Tell the customer where the case stands; records `case.answered`. Refused for a third "no news yet" in a row:
    it would be no update any more."""
    if not no_news:
        return conversation.answer(
            ctx, case, body=body, idempotency_key=idempotency_key, expected_version=expected_version
        )
    if suggested(ctx, case)[1] >= NO_NEWS_LIMIT:
        raise Refused(_("“No news yet” was said %(n)d times in a row. Write what is new.", n=NO_NEWS_LIMIT), "no_news")
    return give_no_news(ctx, case, body=body, idempotency_key=idempotency_key, expected_version=expected_version)


def forget_draft(ctx: Context, event: Event) -> None:
    """Reaction to public words of support: the prepared update has served."""
    ctx.session.execute(
        update(CaseStanding)
        .where(CaseStanding.case_id == event.case_id, CaseStanding.draft != "")
        .values(draft="", draft_at=None)
        .execution_options(synchronize_session=False)
    )
