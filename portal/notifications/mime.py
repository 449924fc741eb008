"""The outgoing message of a stored mail: headers, two equal bodies, and the link, which is never stored."""

import re
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr

from flask import current_app

from portal.cases.queries.detail import by_id
from portal.channels.mail.queries import threads
from portal.kernel import tokens
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.header_folding import MAIL_POLICY
from portal.kernel.text import clean_line
from portal.notifications import mail_links
from portal.notifications.models import OutgoingMail
from portal.notifications.rules import STAFF_KINDS
from portal.tenants.queries.providers import primary_host

# The former placeholder of a mail's own link, for mails that were stored with it.
_FORMER_LINK = "link-of-this-mail"


def sender_address(ctx: Context) -> str:
    """The From address of this provider's mails."""
    return str(current_app.config["PARLEY"].mail_from).replace("{host}", primary_host(ctx))


def thread_root(ctx: Context, case_id: Id) -> str:
    """The Message-ID that all mails of a case refer to, so that mail programs show them together."""
    return f"<case.{case_id.hex}@{primary_host(ctx)}>"


def link_mark(token_id: Id | None) -> str:
    """The placeholder of a mail's own link until it is sent; '' without a link. It is made from the link's random id,
    so nobody can have typed it before.
    """
    return f"link-{token_id.hex}" if token_id is not None else ""


def code_mark(token_id: Id | None) -> str:
    """The placeholder of the code of a mail's own link, as `link_mark`."""
    return f"code-{token_id.hex}" if token_id is not None else ""


def fill_link(mail: OutgoingMail, body: str, token: str | None = None) -> str:
    """*body* with the mail's own links filled in; with *token* that word is used instead."""
    body = mail_links.fill_links(mail.id, mail.provider_id, body, token)
    if mail.subscriber_id is not None:
        body = mail_links.fill_links(mail.subscriber_id, mail.provider_id, body, token)
    if mail.token_id is None:
        return body
    code = tokens.derive_code(mail.token_id) if token is None else token
    body = body.replace(code_mark(mail.token_id), f"{code[:3]} {code[3:]}" if token is None else code)
    mark = link_mark(mail.token_id)
    place = mark if mark in mail.text or mark in mail.html else _FORMER_LINK
    return body.replace(place, tokens.derive_token(mail.token_id) if token is None else token)


def build_message(ctx: Context, mail: OutgoingMail, name: str, sender_name: str = "") -> EmailMessage:
    """The message of *mail* to *name*, from *sender_name* ('': the provider). Raises ValueError for an address that no
    mail can go to."""
    sender_name = sender_name or ctx.provider.called
    message = EmailMessage(policy=MAIL_POLICY)
    host = primary_host(ctx)
    message["From"] = _address(sender_name, mail.sender)
    message["To"] = _address(name, mail.recipient)
    message["Subject"] = clean_line(mail.subject)
    message["Date"] = format_datetime(ctx.now)
    message["Message-ID"] = mail.message_id
    if mail.case_id is not None:
        root, first = thread_root(ctx, mail.case_id), threads.first_message_id(ctx, mail.case_id)
        message["In-Reply-To"] = f"<{first}>" if first else root
        message["References"] = f"<{first}> {root}" if first else root
    answers_to = _answer_address(ctx, mail)
    if answers_to:
        message["Reply-To"] = _address(sender_name, answers_to)
    of_list = "cases" if mail.subscriber_id is None else "status"
    message["List-Id"] = f"<{of_list}.{re.sub(r'[^a-z0-9.-]', '', host.lower())}>"
    unsubscribe = mail_links.find_one_click(mail.subscriber_id or mail.id, mail.text)
    if unsubscribe:
        message["List-Unsubscribe"] = f"<{fill_link(mail, unsubscribe)}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message["Auto-Submitted"] = "auto-generated"
    message["X-Parley-Provider"] = ctx.provider.slug
    message.set_content(fill_link(mail, mail.text))
    message.add_alternative(fill_link(mail, mail.html), subtype="html")
    return message


def _answer_address(ctx: Context, mail: OutgoingMail) -> str:
    """Where the reader's answer goes: for a mail about a case to an address that is theirs alone, where mail is read;
    else to the provider's address; '' without one."""
    if mail.case_id is not None and mail.user_id is not None:
        key, to_staff = by_id(ctx, mail.case_id).key, mail.kind in STAFF_KINDS
        bound = threads.answer_address(ctx, key, mail.user_id, to_staff=to_staff)
        if bound:
            return bound
    return str(ctx.provider.support_email)


def _address(name: str, address: str) -> Address:
    """*address* with its domain in ASCII; *name* on one line."""
    local, _at, domain = parseaddr(address)[1].rpartition("@")
    if not local or not domain:
        raise ValueError(f"not an address: {address}")
    return Address(display_name=clean_line(name)[:100], username=local, domain=domain.encode("idna").decode("ascii"))
