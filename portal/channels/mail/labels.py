"""Words for fates and reasons of mails that arrived."""

from collections.abc import Callable
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from portal.channels.mail.actions.mailbox_tests import TEST_MINUTES
from portal.channels.mail.models import InboundMail
from portal.kernel.actor import Actor

FATE_LABELS = {
    "case": _l("New case"),
    "comment": _l("Reply"),
    "quarantine": _l("Quarantine"),
    "auto_reply": _l("Automatic answer"),
    "bounce": _l("Returned email"),
    "feedback_report": _l("Complaint of a mail server"),
    "duplicate": _l("Duplicate"),
    "own": _l("Our own email"),
    "rejected": _l("Refused"),
}

REASONS: dict[str, Callable[[], str]] = {
    "new_case": lambda: _("It is from a contact and belongs to no case, so it opened one."),
    "message_id": lambda: _("It answers an email of this case."),
    "reply_address": lambda: _("It came to the reply address that this person has for the case."),
    "subject": lambda: _("Its subject names the case, and its sender is a person of the case."),
    "auto_reply": lambda: _("A program wrote it. It is kept, not answered, and changes no case."),
    "list": lambda: _("It came through a mailing list. Nothing was answered."),
    "own": lambda: _("We sent it ourselves."),
    "duplicate": lambda: _("The same email arrived before."),
    "too_large": lambda: _("It is larger than 25 MB. Nothing of it was read."),
    "bounce": lambda: _("A server could not deliver an email of ours."),
    "bounce_unknown": lambda: _("A server returned an email that we do not know."),
    "feedback_report": lambda: _("A mail server reports that its reader marked an email of ours as unwanted."),
    "no_sender": lambda: _("It names no sender."),
    "several_senders": lambda: _("It names several senders, so nobody can say whose words these are."),
    "unknown_sender": lambda: _("Nobody here has this address. The sender got no answer."),
    "unauthenticated": lambda: _("It is not certain that the named sender wrote it. Nobody got an answer."),
    "staff_unauthenticated": lambda: _(
        "Its sender is said to be a person of support, and no trusted server confirms it."
    ),
    "staff_new": lambda: _("It is from a person of support and belongs to no case. Open the case for its contact."),
    "staff_forward": lambda: _("A person of support forwarded it. Choose for whom the case is to be opened."),
    "ended": lambda: _("The access of this person has ended."),
    "no_access": lambda: _("The sender may not see the case that the email belongs to."),
    "may_not_reply": lambda: _("The sender sees the case and may not write to it."),
    "via_other": lambda: _("It came to the reply address of another person of the case."),
    "no_account": lambda: _("The sender may open cases in no account."),
    "which_account": lambda: _("The sender belongs to several organizations, and the email names none."),
    "suspended": lambda: _("The account of the sender is suspended."),
    "no_type": lambda: _("No kind of case can be opened by email for this account."),
    "no_mailbox": lambda: _("It came to no address that is one of the mailboxes."),
    "mailbox_off": lambda: _("The mailbox is off."),
    "too_many": lambda: _("This address has sent more emails in an hour than are accepted."),
    "refused": lambda: _("The case did not accept it."),
    "may_not": lambda: _("The sender may not do that in this case."),
    "failed": lambda: _("It could not be processed. The original is kept."),
    "set_aside": lambda: _("Reading it failed again and again, so it was set aside unread. The original is kept."),
    "self_test": lambda: _("It is the test email of a mailbox."),
}


def fate_label(fate: str) -> Any:
    """The word for a fate."""
    return FATE_LABELS.get(fate, fate)


def reason_sentence(reason: str) -> str:
    """The sentence for a reason."""
    found = REASONS.get(reason)
    return found() if found else reason


def mail_sentence(row: InboundMail, reader: Actor) -> str:
    """Why *row* has its fate, with the words of the case that refused it.

    Those words were written for the sender and may name another client: somebody else reads them only where they look
    after all accounts.
    """
    may_read = reader.is_system or reader.all_accounts or reader.user_id == row.user_id
    refusal = str(row.facts.get("refusal") or "") if may_read else ""
    return f"{reason_sentence(row.reason)} {refusal}".strip()


VERDICTS: dict[str, Callable[[], str]] = {
    "dmarc_pass": lambda: _("Our mail server confirms the sender's domain (DMARC)."),
    "dkim_pass": lambda: _("Our mail server confirms the signature of the sender's domain (DKIM)."),
    "spf_pass": lambda: _("Our mail server confirms the server that sent it (SPF)."),
    "same_directory": lambda: _("Microsoft 365 confirms that its sender signed in to the mailbox's own directory."),
    "failed": lambda: _("A mail server says that it is not from the sender's domain."),
    "unchecked": lambda: _("No mail server that we trust has checked the sender."),
    "several_senders": lambda: _("It names several senders."),
    "no_sender": lambda: _("It names no sender."),
}


def verdict_sentence(verdict: str) -> str:
    """What is known about the sender; '' for an unknown code."""
    found = VERDICTS.get(verdict)
    return found() if found else ""


PROBLEMS: dict[str, Callable[[], str]] = {
    "two_from": lambda: _("It has more than one line “From”."),
    "huge_headers": lambda: _("Its headers were too large; only their beginning was read."),
    "too_deep": lambda: _("Its parts were nested too deep; the inner ones were not read."),
    "malformed": lambda: _("It is not well-formed, so parts of it may be missing."),
    "many_attachments": lambda: _("It has too many files; those above the limit were not kept."),
    "bad_charset": lambda: _("It names a wrong character set, so some letters may be wrong."),
    "cut": lambda: _("Its text was too long and was cut; the original is whole."),
    "too_large": lambda: _("It is larger than 25 MB. Nothing of it was read."),
}


def problem_sentences(row: InboundMail) -> str:
    """What was odd about the mail, or left out when it was read."""
    return " ".join(PROBLEMS[code]() for code in row.facts.get("problems", []) if code in PROBLEMS)


def road_label(road: str) -> str:
    """The way on which a mail came."""
    names = {"lmtp": "LMTP", "smtp": "SMTP", "imap": "IMAP", "graph": "Microsoft Graph"}
    return names.get(road) or _("Command (pipe)")


def handled_label(how: str) -> str:
    """What somebody decided about a mail in quarantine; '' if nobody has."""
    labels = {
        "released": _("Taken in"),
        "attached": _("Attached to a case"),
        "discarded": _("Discarded"),
        "chosen": _("Account chosen"),
        "opened": _("Case opened for its contact"),
    }
    return labels.get(how, "")


FAILURES: dict[str, Callable[[], str]] = {
    "unknown_host": lambda: _("There is no server of this name. Check how it is spelled."),
    "internal_host": lambda: _(
        "The server is inside this installation's own network, which is not allowed. The operator can allow it."
    ),
    "unreachable": lambda: _("The server does not accept connections on this port. Check the server and the port."),
    "timeout": lambda: _("The server did not answer in time. Check the server and the port."),
    "certificate": lambda: _("The certificate of the server is not valid for its name, so nothing was sent to it."),
    "tls": lambda: _("No encrypted connection came about. Check the port and the kind of encryption."),
    "no_tls": lambda: _("The server offers no encryption on this port. Use the port for TLS."),
    "password": lambda: _("The server refused the user name or the password."),
    "no_sign_in": lambda: _("The server does not let anybody sign in on this port."),
    "consent": lambda: _("The permission to read this mailbox has ended. Give it again."),
    "no_consent": lambda: _("Nobody has given the permission to use this mailbox yet."),
    "code": lambda: _("The permission was used already, or it waited too long. Connect the mailbox again."),
    "client": lambda: _(
        "The service does not accept the application. Check its ID, its client secret and its permissions."
    ),
    "short": lambda: _("The service gave a permission that ends within an hour. Allow access while you are away."),
    "changed": lambda: _("This mailbox signs in another way now. Begin again on its page."),
    "access": lambda: _("The account that signed in may not use this mailbox."),
    "busy": lambda: _("The server is busy and asks to try again later."),
    "folder": lambda: _("The folder cannot be opened."),
    "dropped": lambda: _("The server ended the connection."),
    "protocol": lambda: _("The server gave an answer that cannot be understood."),
    "secret": lambda: _("The stored password cannot be read any more. Write it again."),
    "address": lambda: _("The stored address of the server cannot be read. Write the servers of the mailbox again."),
    "unexpected": lambda: _("Something went wrong on our side. The log of this installation says what."),
    "refused": lambda: _("The server did not accept the email."),
    "postponed": lambda: _("The server does not accept the email now."),
    "sender": lambda: _("The server lets nobody send from this address. Check the user and the rights of the mailbox."),
    "no_smtp_url": lambda: _("No server for sending is set up. Name one for this mailbox."),
    "bounced": lambda: _("The email was sent, and a server returned it as undeliverable."),
    "other_mailbox": lambda: _("The email was sent, and arrived in another mailbox."),
    "not_returned": lambda: ngettext(
        "The email was sent, and has not come back within %(num)d minute.",
        "The email was sent, and has not come back within %(num)d minutes.",
        TEST_MINUTES,
    ),
}


def failure_sentence(code: str) -> str:
    """Why a mailbox, or its test, failed."""
    found = FAILURES.get(code)
    return found() if found else code
