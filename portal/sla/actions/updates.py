"""The promised update (N6): prepared, sent, or "no news yet"."""

import uuid
from collections.abc import Sequence

from flask_babel import gettext as _
from sqlalchemy import update

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.cases.actions import conversation
from portal.cases.models import Case, Message
from portal.kernel.context import Context
from portal.kernel.errors import NotFound, Refused
from portal.kernel.events import Event
from portal.sla import store
from portal.sla.actions.drafts import prepare_draft
from portal.sla.models import CaseStanding


def draft_update(ctx: Context, case: Case) -> str:
    """The next update prepared from public facts, kept with the case (its standing's `draft`). NotFound for a case
    without clocks. The case is locked by the caller."""
    require(ctx.actor, Permission.CASE_ANSWER, case)
    kept = store.read(ctx, [case.id]).get(case.id)
    if kept is None:
        raise NotFound
    return prepare_draft(ctx, case, kept)


def give_no_news(
    ctx: Context,
    case: Case,
    *,
    body: str,
    staged: Sequence[uuid.UUID] = (),
    once: str | None = None,
    seen: int | None = None,
) -> Message:
    """Tell the customer in public that there is nothing new and when they hear next; records `case.answered`
    (no_news). It counts as the promised update at most twice in a row: the third time the clock runs on."""
    if not body.strip():
        raise Refused(_("Write when the next news come"), "body")
    return conversation.answer(ctx, case, body=body, staged=staged, once=once, seen=seen, no_news=True)


def forget_draft(ctx: Context, event: Event) -> None:
    """Reaction to public words of support: the prepared update has served."""
    ctx.session.execute(
        update(CaseStanding)
        .where(CaseStanding.case_id == event.case_id, CaseStanding.draft != "")
        .values(draft="", draft_at=None)
        .execution_options(synchronize_session=False)
    )
