"""Which case a mail belongs to, by the order of DESIGN 5: Message-IDs, the bound reply address, the key in the
subject. Nothing here says that the sender may write to it."""

import re
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from portal.authz.scopes import scope
from portal.cases.models import Case
from portal.cases.queries.detail import by_id, by_key
from portal.channels.mail.engine.message import InboundMessage
from portal.channels.mail.engine.quotes import fold_quotes, own_lines_of
from portal.channels.mail.models import InboundMail
from portal.channels.mail.queries.reply_addresses import read_reply_address
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.errors import NotFound
from portal.tenants.queries.providers import hosts

_ROOT = re.compile(r"case\.([0-9a-f]{32})@(\S+)")
_KEY = re.compile(r"[\[(#]\s*#?([A-Z][A-Z0-9]{1,9}-[0-9]{1,9})\s*[\])]?")
# A case that was merged into one that was merged: so many steps.
_REDIRECTS = 5


@dataclass(frozen=True, slots=True)
class SentMail:
    """A mail of ours about a case: to whom it went, and its plain text."""

    case_id: Id
    user_id: Id | None
    text: str = ""


# (context, Message-IDs) → the first that we sent; a later feature sends mails and registers itself.
SentMailFinder = Callable[[Context, Sequence[str]], SentMail | None]
_find_sent_mail: SentMailFinder | None = None


def register_sent_mail_finder(find: SentMailFinder | None) -> None:
    """Let *find* look up the mails that were sent."""
    global _find_sent_mail
    _find_sent_mail = find


def sent_mail(ctx: Context, message_ids: Sequence[str]) -> SentMail | None:
    """The first of *message_ids* that is a mail of ours about a case."""
    return _find_sent_mail(ctx, message_ids) if _find_sent_mail and message_ids else None


def fold_own_lines(ctx: Context, message: InboundMessage) -> InboundMessage:
    """*message* with its quotes folded again by the lines of the mail of ours that it answers: Outlook gives quoted
    lines no mark of their own."""
    answered = sent_mail(ctx, message.references) if message.quoted else None
    if answered is None or not answered.text:
        return message
    folded = fold_quotes(message.body, own_lines=own_lines_of(answered.text))
    return replace(message, reply=folded.reply, folded=folded.folded, guessed=folded.guessed)


@dataclass(frozen=True, slots=True)
class CaseMatch:
    """The case that a mail names. *by*: 'message_id', 'reply_address' or 'subject'; *bound_to*: the person whose
    address or mail was used, where it is known."""

    case: Case
    by: str
    bound_to: Id | None = None


def match_case(ctx: Context, message: InboundMessage, recipients: Iterable[str]) -> CaseMatch | None:
    """The case of *message*, read by the system. *recipients* are all addresses that it went to."""
    return _by_message_id(ctx, message) or _by_reply_address(ctx, recipients) or _by_subject(ctx, message.subject)


def _by_message_id(ctx: Context, message: InboundMessage) -> CaseMatch | None:
    references = list(message.references)
    if not references:
        return None
    found = sent_mail(ctx, references)
    if found is not None and (case := _case(ctx, found.case_id)):
        return CaseMatch(case, "message_id", found.user_id)
    own_hosts = {row.host for row in hosts(ctx)}
    for reference in references:
        root = _ROOT.fullmatch(reference)
        if root and root[2].lower() in own_hosts and (case := _case(ctx, uuid.UUID(root[1]))):
            return CaseMatch(case, "message_id")
    arrived = scope(ctx.actor, InboundMail).where(
        InboundMail.message_id.in_(references), InboundMail.fate.in_(["case", "comment"])
    )
    # Somebody else may have used the same Message-ID: the sender's own mail counts first, then the oldest.
    order = ((InboundMail.sender_email == message.sender.email).desc(), InboundMail.id)
    for case_id in ctx.session.scalars(arrived.with_only_columns(InboundMail.case_id).order_by(*order).limit(1)):
        if case_id and (case := _case(ctx, case_id)):
            return CaseMatch(case, "message_id")
    return None


def _by_reply_address(ctx: Context, recipients: Iterable[str]) -> CaseMatch | None:
    for address in recipients:
        bound = read_reply_address(ctx, address)
        if bound is None:
            continue
        try:
            return CaseMatch(_follow(ctx, by_key(ctx, bound.case_key)), "reply_address", bound.user_id)
        except NotFound:
            continue
    return None


def _by_subject(ctx: Context, subject: str) -> CaseMatch | None:
    for key in _KEY.findall(subject)[:3]:
        try:
            return CaseMatch(_follow(ctx, by_key(ctx, key)), "subject")
        except NotFound:
            continue
    return None


def _case(ctx: Context, case_id: Id) -> Case | None:
    try:
        return _follow(ctx, by_id(ctx, case_id))
    except NotFound:
        return None


def _follow(ctx: Context, case: Case) -> Case:
    """The case that *case* goes on in: mail to a merged or moved case lands in its target."""
    for _step in range(_REDIRECTS):
        target = case.merged_into_id or case.moved_to_id
        if target is None:
            break
        case = by_id(ctx, target)
    return case


def is_named(case: Case, user_id: Id) -> bool:
    """Whether *user_id* is a person of the case: its reporter, its contact, affected, or in copy."""
    if user_id == case.contact_user_id or (user_id == case.reported_by_id and case.reported_side == "contact"):
        return True
    return any(grant.user_id == user_id and grant.kind != "reader" for grant in case.grants)
