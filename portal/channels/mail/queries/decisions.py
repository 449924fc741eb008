"""The decision about a mail: its fate, with the reason, from what it says and from what is known. It changes nothing.

`mail explain` shows a decision; `actions.intake` carries it out.
"""

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Select, bindparam, func

from portal.authz.access import can
from portal.authz.permissions import Permission
from portal.authz.scopes import scope
from portal.cases.models import Case, RequestType
from portal.cases.queries.default_accounts import default_account_id
from portal.cases.queries.detail import by_id
from portal.cases.queries.request_types import request_types
from portal.channels.mail.engine.authentication import UNNAMED, Verdict, check_authentication
from portal.channels.mail.engine.forwards import find_original_sender
from portal.channels.mail.engine.message import InboundMessage, MailAddress, MessageClass
from portal.channels.mail.models import GOOGLE, MICROSOFT, MICROSOFT_APP, InboundMail, Mailbox
from portal.channels.mail.queries.account_choices import accounts_of, named_account
from portal.channels.mail.queries.acting import acting_as
from portal.channels.mail.queries.copies import Copies, find_copies
from portal.channels.mail.queries.mailboxes import find_connection, find_mailbox, list_mailboxes
from portal.channels.mail.queries.matching import CaseMatch, is_named, match_case, sent_mail
from portal.channels.mail.queries.senders import account_sent_from
from portal.channels.mail.queries.test_mails import find_test_id
from portal.channels.mail.rules import IntakeRules, MailDelivery, bare_address
from portal.identity.models import User
from portal.identity.queries import current_user_id, user_by_email
from portal.kernel.actor import Actor, Id, Side
from portal.kernel.context import Context
from portal.kernel.errors import NotFound
from portal.kernel.ids import parse_id
from portal.kernel.statement_cache import cached_select
from portal.tenants.models import Account
from portal.tenants.queries import actors
from portal.tenants.queries.contacts import member_by_email

# How the service that a mailbox signs in at names itself in Authentication-Results. Microsoft 365 writes no name, puts
# its header on top, and renames those of others.
_SERVERS_OF = {GOOGLE: ("mx.google.com",), MICROSOFT: (UNNAMED,), MICROSOFT_APP: (UNNAMED,)}


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of a mail. *reason* is a code; `labels.reason_sentence` has its sentence."""

    fate: str
    reason: str
    verdict: Verdict = field(default_factory=lambda: Verdict(False, "unchecked"))
    mailbox: Mailbox | None = None
    match: CaseMatch | None = None
    person: User | None = None
    actor: Actor | None = None
    account: Account | None = None
    request_type: RequestType | None = None
    # Addresses of the same organization that are put in copy, and others that somebody may let in.
    copies: Sequence[str] = ()
    proposed: Sequence[MailAddress] = ()
    facts: dict[str, Any] = field(default_factory=dict)
    # A person has confirmed the sender.
    released: bool = False

    @property
    def result_case_id(self) -> Id | None:
        """The case that the mail opened or joined, else the one that it names."""
        return parse_id(self.facts.get("case")) or (self.case.id if self.case else None)

    @property
    def case(self) -> Case | None:
        return self.match.case if self.match else None


def content_hash(message: InboundMessage) -> str:
    """The same for the same words and files of the same sender, whatever servers wrote into the headers."""
    digest = hashlib.sha256()
    for part in (message.sender.email, message.message_id, message.subject, message.body):
        digest.update(part.encode("utf-8", "replace") + b"\0")
    for file in message.files:
        digest.update(hashlib.sha256(file.content).digest())
    return digest.hexdigest()


def recipients_of(message: InboundMessage, delivery: MailDelivery) -> list[str]:
    """Every address that the mail went to, those of the envelope first."""
    headers = [*message.delivered_to, *message.to, *message.cc]
    return list(dict.fromkeys([*(one.strip().lower() for one in delivery.recipients), *(one.email for one in headers)]))


def decide(ctx: Context, message: InboundMessage, delivery: MailDelivery, rules: IntakeRules) -> Decision:
    """The fate of *message* at the provider of *ctx*, which acts as the system."""
    recipients = recipients_of(message, delivery)
    mailbox = find_mailbox(ctx, recipients) or _read_from(ctx, delivery)
    servers, directory = _trusted_servers(ctx, rules, delivery), _find_directory_domain(ctx, delivery)
    verdict = check_authentication(message, servers, directory)
    verdict = Verdict(True, "released") if rules.released else verdict
    start = Decision("quarantine", "", verdict, mailbox, released=rules.released)
    test_id = find_test_id(message)
    if test_id is not None:
        arrived_at = _read_from(ctx, delivery) or mailbox
        fate = "bounce" if message.message_class == MessageClass.BOUNCE else "own"
        return replace(start, fate=fate, reason="self_test", mailbox=arrived_at, facts={"test": str(test_id)})
    early = _without_sender(ctx, message, start, rules)
    if early is not None:
        return early
    match = match_case(ctx, message, recipients)
    start = replace(start, match=match)
    if message.message_class == MessageClass.AUTO_REPLY:
        return replace(start, fate="auto_reply", reason="auto_reply", facts={"by": message.class_reason})
    start = replace(start, person=_find_sender(ctx, message, match))
    if message.message_class == MessageClass.LIST and not rules.released:
        return replace(start, reason="list", facts={"by": message.class_reason})
    return _from_person(ctx, message, delivery, rules, start)


def _read_from(ctx: Context, delivery: MailDelivery) -> Mailbox | None:
    """The mailbox that the mail was read from: a blind copy, or an alias of the address, names no mailbox."""
    return next((box for box in list_mailboxes(ctx) if box.id == delivery.mailbox_id), None)


def _trusted_servers(ctx: Context, rules: IntakeRules, delivery: MailDelivery) -> list[str]:
    """The servers whose results are believed: those of the settings, those under the domains of the mailboxes, which
    their operator runs, and the service that a mailbox was read from."""
    box = _read_from(ctx, delivery)
    connection = find_connection(ctx, box) if box is not None else None
    service = _SERVERS_OF.get(connection.sign_in, ()) if connection is not None else ()
    return [*rules.trusted_servers, *(box.domain for box in list_mailboxes(ctx)), *service]


def _find_directory_domain(ctx: Context, delivery: MailDelivery) -> str:
    """The domain of the mailbox of Microsoft 365 that the mail was read from; '' where it came by another way."""
    box = _read_from(ctx, delivery)
    connection = find_connection(ctx, box) if box is not None else None
    return box.domain if box and connection and connection.sign_in in (MICROSOFT, MICROSOFT_APP) else ""


def _without_sender(ctx: Context, message: InboundMessage, start: Decision, rules: IntakeRules) -> Decision | None:
    """The decision where it does not depend on who sent it; None if it does."""
    if "too_large" in message.problems:
        return replace(start, fate="rejected", reason="too_large")
    if _is_own(ctx, message):
        return replace(start, fate="own", reason="own")
    if message.message_class == MessageClass.BOUNCE:
        found = sent_mail(ctx, message.bounced_ids)
        facts = {"bounced": list(message.bounced), "final": message.bounce_is_final, "ours": found is not None}
        case = _case_of(ctx, found.case_id) if found else None
        match = CaseMatch(case, "message_id", found.user_id) if found and case else None
        return replace(start, fate="bounce", reason="bounce" if found else "bounce_unknown", match=match, facts=facts)
    if message.message_class == MessageClass.FEEDBACK_REPORT:
        return replace(start, fate="feedback_report", reason="feedback_report")
    earlier = None if rules.released else _earlier_mail(ctx, message)
    if earlier is not None:
        return replace(start, fate="duplicate", reason="duplicate", facts={"earlier": str(earlier.id)})
    if "two_from" in message.problems or len(message.senders) > 1:
        return replace(start, reason="several_senders")
    return replace(start, reason="no_sender") if not message.sender.email else None


def _case_of(ctx: Context, case_id: Any) -> Case | None:
    try:
        return by_id(ctx, case_id)
    except NotFound:
        return None


def _is_own(ctx: Context, message: InboundMessage) -> bool:
    """Whether we wrote it: by our header, or from an address that is one of our mailboxes."""
    if message.header("x-parley-provider").strip() == ctx.provider.slug:
        return True
    boxes = {box.address for box in list_mailboxes(ctx)}
    return bare_address(message.sender.email) in boxes


def _earlier_mail(ctx: Context, message: InboundMessage) -> InboundMail | None:
    """The same mail, when it arrived before: at another mailbox, or a second time."""
    earlier: InboundMail | None = ctx.session.scalars(
        cached_select(ctx, _same_content), {"content_hash": content_hash(message)}
    ).one_or_none()
    return earlier


def _same_content(actor: Actor) -> Select[InboundMail]:
    rows = scope(actor, InboundMail).where(
        InboundMail.content_hash == bindparam("content_hash"), InboundMail.fate.not_in(["duplicate", "rejected"])
    )
    return rows.order_by(InboundMail.id).limit(1)


def _from_person(
    ctx: Context, message: InboundMessage, delivery: MailDelivery, rules: IntakeRules, start: Decision
) -> Decision:
    verdict, person, match = start.verdict, start.person, start.match
    via = _via(ctx, match, person)
    if person is None:
        return replace(start, reason="via_other" if via else "unknown_sender", facts=via)
    if person.ended_at is not None:
        return replace(start, reason="ended")
    if not verdict.trusted and not (verdict.reason == "unchecked" and rules.accept_unchecked):
        return replace(start, reason="unauthenticated", facts={"verdict": verdict.reason})
    if not rules.released and _count_recent(ctx, message.sender.email, ctx.now) >= rules.per_hour:
        return replace(start, reason="too_many", facts={"limit": rules.per_hour})
    staff = actors.staff_actors(ctx, [person]).get(person.id)
    if staff is not None:
        return _from_staff(ctx, message, delivery, replace(start, actor=staff))
    contact = actors.contact_actors(ctx, [person])[person.id]
    start = replace(start, actor=contact)
    if match is not None and (match.by != "subject" or is_named(match.case, person.id)):
        return _to_case(ctx, message, delivery, start, via)
    start = replace(start, match=None)
    accounts = accounts_of(ctx, contact)
    own = account_sent_from(ctx, start.mailbox, accounts) if len(accounts) > 1 else None
    default_id = default_account_id(ctx, person.id) if len(accounts) > 1 and own is None else None
    chosen = _choose_account(accounts, rules, recipients_of(message, delivery), own, default_id)
    if accounts and chosen is None:
        # Only whom a server confirms is asked: a mail in somebody else's name makes no mail to them.
        return replace(start, reason="which_account", facts={"asks": verdict.trusted and not rules.released})
    return _new_case(ctx, message, delivery, start, chosen)


def _find_sender(ctx: Context, message: InboundMessage, match: CaseMatch | None) -> User | None:
    """The person who holds the sender's address. In a case that names whoever claims it, that is who answers, unless
    the mail is bound to the holder."""
    holder = user_by_email(ctx, message.sender.email)
    if match is None or (holder is not None and match.bound_to == holder.id):
        return holder
    member = member_by_email(ctx, match.case.organization_id, message.sender.email)
    return member if member is not None and is_named(match.case, member.id) else holder


def _via(ctx: Context, match: CaseMatch | None, person: User | None) -> dict[str, Any]:
    """Whose address or mail somebody else used; empty if nobody's."""
    if match is None or match.bound_to is None:
        return {}
    if person is not None and current_user_id(ctx, match.bound_to) == person.id:
        return {}
    return {"via": str(match.bound_to)}


def _count_recent(ctx: Context, email: str, now: dt.datetime) -> int:
    values = {"email": email, "since": now - dt.timedelta(hours=1)}
    return ctx.session.scalar(cached_select(ctx, _count_since), values) or 0


def _count_since(actor: Actor) -> Select[Any]:
    rows = scope(actor, InboundMail).where(
        InboundMail.sender_email == bindparam("email"), InboundMail.received_at > bindparam("since")
    )
    return rows.with_only_columns(func.count())


def _from_staff(ctx: Context, message: InboundMessage, delivery: MailDelivery, start: Decision) -> Decision:
    """An agent's mail is an agent's answer only if it is certain that it is theirs."""
    if not start.verdict.trusted:
        return replace(start, reason="staff_unauthenticated")
    if start.match is None:
        original = find_original_sender(message.body, message.files)
        facts = {"original_sender": [original.email, original.name]} if original else {}
        return replace(start, reason="staff_forward" if original or message.forwarded else "staff_new", facts=facts)
    return _to_case(ctx, message, delivery, start, {})


def _to_case(
    ctx: Context, message: InboundMessage, delivery: MailDelivery, start: Decision, via: dict[str, Any]
) -> Decision:
    """A reply, if the sender sees the case and may write to it."""
    assert start.match is not None and start.person is not None and start.actor is not None
    if (
        start.match.by == "reply_address"
        and via
        and not start.released
        and not is_named(start.match.case, start.person.id)
    ):
        return replace(start, reason="via_other", facts=via)
    permission = Permission.CASE_ANSWER if start.actor.side is Side.STAFF else Permission.CASE_REPLY
    with acting_as(ctx, start.actor, start.person) as inner:
        try:
            case = by_id(inner, start.match.case.id)
        except NotFound:
            return replace(start, reason="no_access", facts=via)
        if not can(start.actor, permission, case):
            return replace(start, reason="may_not_reply", facts=via)
    case = start.match.case
    may_add = can(start.actor, Permission.CASE_PEOPLE, case)
    found = find_copies(ctx, message, delivery.recipients, case.organization_id, case, may_add=may_add)
    return _with_copies(replace(start, fate="comment", reason=start.match.by), found)


def _with_copies(start: Decision, found: Copies) -> Decision:
    """*start* with the people whom the mail went to."""
    facts = {**start.facts, "copies_left_out": found.left_out} if found.left_out else start.facts
    return replace(start, copies=found.joining, proposed=found.proposed, facts=facts)


def _choose_account(
    accounts: Sequence[Account],
    rules: IntakeRules,
    recipients: Sequence[str],
    own: Account | None,
    default_id: Id | None,
) -> Account | None:
    """The account of a new case: the one that a person chose for it, whose key is in the address, whose mails come from
    the mailbox (*own*), or that its sender has made their default; of one organization the first. None where the sender
    must be asked."""
    if rules.account_id is not None:
        return next((account for account in accounts if account.id == rules.account_id), None)
    default = next((account for account in accounts if account.id == default_id), None)
    named = named_account(accounts, recipients) or own or default
    if named is not None or len({account.organization_id for account in accounts}) > 1:
        return named
    return next(iter(accounts), None)


def _new_case(
    ctx: Context, message: InboundMessage, delivery: MailDelivery, start: Decision, account: Account | None
) -> Decision:
    """A new case of a contact in *account*."""
    if start.mailbox is None:
        return replace(start, reason="no_mailbox")
    if start.mailbox.state != "on":
        return replace(start, reason="mailbox_off")
    if account is None or account.suspended:
        return replace(start, reason="suspended" if account else "no_account", account=account)
    type_ = find_request_type(ctx, start.mailbox, account)
    if type_ is None:
        return replace(start, reason="no_type", account=account)
    found = find_copies(ctx, message, delivery.recipients, account.organization_id)
    start = replace(start, fate="case", reason="new_case", account=account, request_type=type_)
    return _with_copies(start, found)


def find_request_type(ctx: Context, mailbox: Mailbox | None, account: Account) -> RequestType | None:
    """The mailbox's type, if the account may use it; else the first that asks for nothing special."""
    offered = request_types(ctx, [account.id])
    wanted = next((row for row in offered if mailbox is not None and row.id == mailbox.request_type_id), None)
    return wanted or next(iter(offered), None)
