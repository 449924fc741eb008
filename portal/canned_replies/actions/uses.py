"""What happens when a draft with canned replies is sent: it is warned once of what is still open, the macro is done
through the actions of cases, and the uses are counted."""

from collections.abc import Mapping, Sequence

from flask_babel import gettext as _
from sqlalchemy.dialects.postgresql import insert

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.canned_replies.engine.placeholders import still_missing
from portal.canned_replies.models import CannedReply, CannedReplyUse
from portal.canned_replies.queries.case_facts import CaseFacts, read_facts
from portal.canned_replies.queries.replies import replies_of
from portal.canned_replies.rules import MOST_USED_AT_ONCE
from portal.cases.actions import desk
from portal.cases.models import Case
from portal.identity.models import User
from portal.kernel import ids
from portal.kernel.actor import Id
from portal.kernel.confirmation import SendAnyway
from portal.kernel.context import Context
from portal.kernel.errors import Refused

# The fields of a draft: the ids of what it uses, the one whose macro is done, and what its writer was warned of.
REPLIES, MACRO, WARNED = "with_replies", "with_macro", "with_warned"


def use_replies(
    ctx: Context, case: Case, body: str, answers: Mapping[str, str], anyway: SendAnyway | None = None
) -> None:
    """Do what the canned replies of a draft bring with them, before the text *body* is sent on *case*.

    Raises Refused once for a placeholder that nothing is known for and that *body* still has; and what the actions of
    the macro raise, so that nothing is sent where it cannot be done.
    """
    replies = replies_of(ctx, used_ids(answers))
    if not replies:
        return
    check_placeholders(read_facts(ctx, case, case.contact_user), replies, body, answers.get(WARNED, ""))
    chosen = ids.parse_id(answers.get(MACRO))
    for reply in replies:
        if reply.id == chosen:
            _do_macro(ctx, case, reply, anyway)
    count_uses(ctx, replies)


def use_in_chat(ctx: Context, case: Case, reader: User, body: str, answers: Mapping[str, str]) -> None:
    """As `use_replies` for a line of a chat with *reader*, which has no macro."""
    replies = replies_of(ctx, used_ids(answers))
    if replies:
        check_placeholders(read_facts(ctx, case, reader), replies, body, answers.get(WARNED, ""))
        count_uses(ctx, replies)


def used_ids(answers: Mapping[str, str]) -> list[Id]:
    """The ids of the replies that a draft uses, as its form names them."""
    found = (ids.parse_id(value) for value in answers.get(REPLIES, "").split(",")[:MOST_USED_AT_ONCE])
    return [one for one in found if one is not None]


def check_placeholders(facts: CaseFacts, replies: Sequence[CannedReply], body: str, warned: str) -> None:
    """Raise Refused for placeholders of *replies* that nothing is known for and that *body* still has, unless its
    writer was *warned* of them (their names, separated by commas)."""
    names = [name for reply in replies for name in facts.missing_in(reply)]
    left = [name for name in still_missing(body, list(dict.fromkeys(names))) if name not in warned.split(",")]
    if left:
        shown = ", ".join(f"{{{name}}}" for name in left)
        raise Refused(
            _("Nothing is known for %(names)s. Fill it in, or send again to send the text as it is.", names=shown),
            "body",
        )


def count_uses(ctx: Context, replies: Sequence[CannedReply]) -> None:
    """Count one use of each of *replies* by the actor."""
    require(ctx.actor, Permission.CASE_ANSWER)
    # Always in the same order, so that two drafts of one person cannot wait for each other.
    for reply_id in sorted(reply.id for reply in replies):
        use = insert(CannedReplyUse).values(
            id=ids.new_id(),
            provider_id=ctx.provider_id,
            reply_id=reply_id,
            user_id=ctx.actor.user_id,
            uses=1,
            last_used_at=ctx.now,
        )
        more = {"uses": CannedReplyUse.uses + 1, "last_used_at": ctx.now}
        ctx.session.execute(use.on_conflict_do_update(index_elements=["reply_id", "user_id"], set_=more))


def _do_macro(ctx: Context, case: Case, reply: CannedReply, anyway: SendAnyway | None) -> None:
    """Set severity and owner as *reply* says. The status is a field of the composer, as is taking a case that nobody
    owns."""
    macro = reply.macro
    if macro.severity is not None and macro.severity != case.severity:
        desk.redefine_severity(ctx, case, severity=macro.severity, reason=macro.severity_reason, anyway=anyway)
    if macro.takes and case.owner_id not in (None, ctx.actor.staff_id):
        desk.take(ctx, case)
