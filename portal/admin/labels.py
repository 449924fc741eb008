"""Names of background jobs, of mail states and kinds, and reasons why they failed; what becomes of imported rows."""

from collections import Counter
from collections.abc import Sequence

from flask_babel import gettext as _
from flask_babel import ngettext

from portal.admin.forms.import_file import column_name
from portal.channels.mail.labels import FAILURES, failure_sentence
from portal.tenants.queries.import_plan.objects import Fate, RowFate


def failure_reason(last_error: str | None) -> str:
    """Why something failed, for people; the technical line is shown beneath it."""
    error = last_error or ""
    kind = error.partition(":")[0]
    # The server of a mailbox: a code of `channels.mail.labels`, and the server's words.
    code = error.partition(" ")[0]
    if "Timeout" in kind:
        return _("It took too long and was stopped.")
    if kind in ("OperationalError", "InterfaceError"):
        return _("The database was not available.")
    if kind in ("ConnectionRefusedError", "ConnectionError", "gaierror", "SMTPServerDisconnected", "OSError"):
        return _("The mail server could not be reached.")
    if error[:1] == "5" or code == "refused":
        return _("The mail server permanently refused this email.")
    if error[:1] == "4" or code == "postponed":
        return _("The mail server refused this email for now.")
    if kind in ("ValueError", "UnicodeError", "not an address"):
        return _("Emails cannot be sent to this address.")
    if code in FAILURES:
        return failure_sentence(code)
    return _("There is an error in Parley. Send the line below to whoever maintains it.") if error else ""


def task_label(name: str) -> str:
    """The label of a consumer or of a kind of due work."""
    return {
        "notifications.ring_bells": _("Notify people in the portal"),
        "notifications.write_mails": _("Write the emails"),
        "mail": _("Send an email"),
        "auto_close": _("Close a resolved case"),
        "closing_soon": _("Warn that a case closes"),
        "wake": _("Resume a paused case"),
        "remind": _("Remind of a question"),
        "propose": _("Propose to resolve a case without an answer"),
        "approval": _("Remind of a question for a yes, or end it"),
    }.get(name, name)


def mail_state_label(state: str) -> str:
    """The state of a mail."""
    return {
        "queued": _("Waiting"),
        "held": _("To be decided"),
        "sent": _("Sent"),
        "deferred": _("Delayed"),
        "bounced": _("Came back"),
        "dead": _("Not delivered"),
        "withdrawn": _("Withdrawn"),
    }.get(state, state)


def mail_kind_label(kind: str) -> str:
    """The label of a kind of mail."""
    return {
        "opened": _("Receipt of a new case"),
        "opened_for_you": _("Case opened for somebody"),
        "workaround": _("Workaround of a case"),
        "chat_ended": _("Chat that has ended"),
        "answered": _("Reply from support"),
        "asked": _("Question from support"),
        "reminder": _("Reminder of a question"),
        "resolved": _("Solution"),
        "closing_soon": _("Closes within 24 hours"),
        "closed": _("Closed, with survey"),
        "low_score": _("Low survey answer"),
        "talked": _("After a call, with survey"),
        "call_asked": _("Customer wants a call"),
        "comment": _("Somebody on the customer's side wrote"),
        "status": _("Status or severity changed"),
        "added": _("Given access to a case"),
        "staff_news": _("Updates for staff"),
        "late_promise": _("Late promise, to the customer"),
        "approval_asked": _("Question for a yes"),
        "approval_reminder": _("Reminder of a question for a yes"),
        "approval_decided": _("Approved or refused"),
        "approval_expired": _("Nobody said yes or no in time"),
        "alarm": _("A promise is running out"),
        "alarm_digest": _("Promises on several cases"),
        "daily_news": _("Email of the day"),
        "daily_staff_news": _("Email of the day"),
        "invitation": _("Invitation"),
        "password_reset": _("New password requested"),
        "password_set": _("Password was set"),
        "registration": _("Link that confirms a registration"),
        "sign_in_link": _("Link that signs in"),
        "sign_in_code": _("Link and code that sign in"),
        "new_device": _("Sign-in from a new device"),
        "factor_changed": _("Two-step sign-in changed"),
        "reply_stopped": _("Email that was not added to a case"),
        "files_refused": _("Files of an email that were not kept"),
        "which_account": _("Question which account an email is about"),
        "email_change": _("Link that confirms a new address"),
        "email_change_notice": _("Address is to change"),
        "registration_asked": _("Somebody asks for access"),
        "registration_waits": _("Somebody asks for access"),
        "let_in": _("Access was given"),
        "not_let_in": _("No access was given"),
        "announcement": _("An announcement"),
        "status_confirm": _("Link that confirms an address for the status page"),
        "status_news": _("News of the status page"),
        "community_news": _("News of a topic of the community"),
        "community_waits": _("Something in the community waits for support"),
        "announcement_due": _("An announcement waits for an update"),
        "sight_gained": _("Somebody can now see more cases"),
        "mailbox_paused": _("A mailbox cannot be read"),
        "sending_paused": _("Emails cannot be sent"),
    }.get(kind, kind)


def fate_label(fate: str, *, done: bool) -> str:
    """What becomes of a row, or with *done* what became of it."""
    now = {
        "made": _("Added"),
        "changed": _("Changed"),
        "unchanged": _("Unchanged"),
        "refused": _("Refused"),
        "left": _("Not imported"),
    }
    planned = {"made": _("Will be added"), "changed": _("Will be changed")}
    return now[fate] if done else planned.get(fate, now[fate])


def part_names(made: list[str], changed: list[str]) -> list[str]:
    """What a row makes, and which values of a person it changes, in words."""
    new = {
        "organization": _("new organization"),
        "account": _("new account"),
        "environment": _("new environment"),
        "person": _("new person"),
        "place": _("known person, new in this organization"),
        "staff_place": _("member of your staff, now also a person of this organization"),
    }
    changes = {"access": _("further access")}
    return [*(new[part] for part in made), *(changes.get(part) or column_name(part) for part in changed)]


def describe_row(result: RowFate) -> str:
    """A row and its fate on one line, for the terminal."""
    row = result.row
    who = row.email or row.environment or row.account_key or row.organization
    why = [f"{column_name(problem.column)}: {problem.sentence}" for problem in result.problems]
    details = "; ".join(why or part_names(result.made, result.changed))
    return "\t".join(filter(None, [str(row.number), result.fate.value, who, details]))


def summarize(fates: Sequence[RowFate], *, dry_run: bool) -> str:
    """The totals of *fates* on one line, for the terminal."""
    found = Counter(result.fate for result in fates)
    counts = ", ".join(f"{found[fate]} {fate.value}" for fate in Fate if fate is not Fate.LEFT)
    rows = ngettext("%(num)d row", "%(num)d rows", len(fates))
    end = _("Nothing was written: this was a dry run.") if dry_run else ""
    return f"{rows}: {counts}. {end}".strip()
