"""Writing, ending and deleting canned replies. Shared ones need a permission; one's own everybody writes who answers
cases. Events are recorded for shared ones: an own one concerns nobody else."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from flask_babel import gettext as _

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.canned_replies.engine.macros import STATUSES, Macro
from portal.canned_replies.models import CannedReply
from portal.canned_replies.queries.replies import count_replies, reply_uses
from portal.canned_replies.rules import MOST_OWN, MOST_SHARED
from portal.cases.queries.severity_levels import severity_levels
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.errors import Conflict, Refused
from portal.kernel.events import record
from portal.kernel.text import fold
from portal.tenants.queries.departments import active_departments


@dataclass(frozen=True, slots=True)
class ReplyContent:
    """What somebody writes into a canned reply. *texts* by language, empty ones are left out."""

    title: str
    texts: Mapping[str, str]
    department_id: Id | None = None
    macro: Macro = field(default_factory=Macro)


def add_reply(ctx: Context, content: ReplyContent, *, shared: bool) -> CannedReply:
    """Add a shared reply, or one of the actor's own; a shared one records `canned_reply.added`. Raises Refused for what
    is incomplete, and Conflict where there are too many."""
    _require(ctx, shared=shared)
    texts = _check(ctx, content, None)
    most = MOST_SHARED if shared else MOST_OWN
    if count_replies(ctx, shared=shared) >= most:
        raise Conflict(_("There are %(most)d already. Delete one that nobody uses first.", most=most))
    reply = CannedReply(provider_id=ctx.provider_id, owner_id=None if shared else ctx.actor.user_id, active=True)
    _fill(ctx, reply, content, texts)
    ctx.session.add(reply)
    ctx.session.flush()
    if shared:
        record(ctx, "canned_reply.added", reply, title=reply.title)
    return reply


def change_reply(ctx: Context, reply: CannedReply, content: ReplyContent) -> None:
    """Change *reply*; a shared one records `canned_reply.changed`. Raises Refused for what is incomplete."""
    _require(ctx, shared=reply.is_shared)
    texts = _check(ctx, content, reply)
    before = reply.title
    _fill(ctx, reply, content, texts)
    reply.version += 1
    ctx.session.flush()
    if reply.is_shared:
        record(ctx, "canned_reply.changed", reply, title=reply.title, before=before)


def end_reply(ctx: Context, reply: CannedReply) -> None:
    """Offer *reply* no more; a shared one records `canned_reply.ended`. Conflict where it is ended already."""
    _set_active(ctx, reply, active=False)


def resume_reply(ctx: Context, reply: CannedReply) -> None:
    """Offer an ended *reply* again; a shared one records `canned_reply.resumed`. Conflict where it is offered."""
    _set_active(ctx, reply, active=True)


def delete_reply(ctx: Context, reply: CannedReply) -> None:
    """Delete *reply*; a shared one records `canned_reply.deleted`. Conflict for a shared one that was used: its numbers
    stay, so it can only be ended."""
    _require(ctx, shared=reply.is_shared)
    if reply.is_shared and reply_uses(ctx, reply):
        raise Conflict(_("This reply was used. End it instead, and its numbers stay."))
    if reply.is_shared:
        record(ctx, "canned_reply.deleted", reply, title=reply.title)
    ctx.session.delete(reply)
    ctx.session.flush()


def _set_active(ctx: Context, reply: CannedReply, *, active: bool) -> None:
    _require(ctx, shared=reply.is_shared)
    if reply.active is active:
        raise Conflict(_("Somebody has done this already."))
    reply.active, reply.changed_at = active, ctx.now
    reply.version += 1
    ctx.session.flush()
    if reply.is_shared:
        record(ctx, "canned_reply.resumed" if active else "canned_reply.ended", reply, title=reply.title)


def _require(ctx: Context, *, shared: bool) -> None:
    require(ctx.actor, Permission.CANNED_REPLY_SHARE if shared else Permission.CASE_ANSWER)


def _check(ctx: Context, content: ReplyContent, reply: CannedReply | None) -> dict[str, str]:
    """The texts that are not empty, the provider's language first. Raises Refused with the field for what is
    missing."""
    own, macro = str(ctx.provider.locale), content.macro
    texts = {code: text.strip() for code, text in content.texts.items() if text.strip()}
    if not content.title.strip():
        raise Refused(_("Write a title"), "title")
    if own not in texts:
        raise Refused(_("Write the text"), f"text_{own}")
    kept = reply.department_id if reply is not None else None
    if content.department_id not in (None, kept, *(row.id for row in active_departments(ctx))):
        raise Refused(_("Choose one of the departments"), "department")
    if macro.status and macro.status not in STATUSES:
        raise Refused(_("Choose one of the statuses"), "status")
    if macro.status == "on_hold" and not macro.reason.strip():
        raise Refused(_("Write what the customer reads about the wait"), "hold_reason")
    if macro.status == "on_hold" and macro.days is None:
        raise Refused(_("Write after how many days the case comes back"), "hold_days")
    if macro.severity is not None and macro.severity not in [row.rank for row in severity_levels(ctx)]:
        raise Refused(_("Choose one of the severities"), "severity")
    if macro.severity is not None and not macro.severity_reason.strip():
        raise Refused(_("Write why; the customer reads it"), "severity_reason")
    return {code: texts[code] for code in sorted(texts, key=lambda code: (code != own, code))}


def _fill(ctx: Context, reply: CannedReply, content: ReplyContent, texts: dict[str, str]) -> None:
    """Store *content*. What belongs to a status or severity that is not set is kept for the day on which it is set."""
    macro = content.macro
    reply.title, reply.texts, reply.department_id = content.title.strip(), dict(texts), content.department_id
    reply.searched = fold("\n".join([reply.title, *texts.values()]))
    reply.status, reply.takes = macro.status, macro.takes
    reply.hold_reason, reply.hold_days = macro.reason.strip(), macro.days
    reply.how_to_check = macro.check.strip()
    reply.severity, reply.severity_reason = macro.severity, macro.severity_reason.strip()
    reply.changed_at = ctx.now
