"""Names of background jobs, of mail states and kinds, and reasons why they failed; what becomes of imported rows."""

from flask_babel import gettext as _
from flask_babel import ngettext

from portal.admin.forms.import_file import column_name
from portal.tenants.queries.import_plan.objects import Fate, ImportPlan, RowFate


def failure_reason(last_error: str | None) -> str:
    """Why something failed, for people; the technical line is shown beneath it."""
    error = last_error or ""
    kind = error.partition(":")[0]
    if "Timeout" in kind:
        return _("It took too long and was stopped.")
    if kind in ("OperationalError", "InterfaceError"):
        return _("The database was not available.")
    if kind in ("ConnectionRefusedError", "ConnectionError", "gaierror", "SMTPServerDisconnected", "OSError"):
        return _("The mail server could not be reached.")
    if error[:1] == "5":
        return _("The mail server permanently refused this email.")
    if error[:1] == "4":
        return _("The mail server refused this email for now.")
    if kind in ("ValueError", "UnicodeError", "not an address"):
        return _("Emails cannot be sent to this address.")
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
    }.get(name, name)


def mail_state_label(state: str) -> str:
    """The state of a mail."""
    return {
        "queued": _("Waiting"),
        "sent": _("Sent"),
        "dead": _("Not delivered"),
        "withdrawn": _("Withdrawn"),
    }.get(state, state)


def mail_kind_label(kind: str) -> str:
    """The label of a kind of mail."""
    return {
        "opened": _("Receipt of a new case"),
        "opened_for_you": _("Case opened for somebody"),
        "answered": _("Reply from support"),
        "asked": _("Question from support"),
        "resolved": _("Solution"),
        "closing_soon": _("Closes within 24 hours"),
        "closed": _("Closed, with survey"),
        "low_score": _("Low survey answer"),
        "call_asked": _("Customer wants a call"),
        "comment": _("Somebody on the customer's side wrote"),
        "status": _("Status or severity changed"),
        "added": _("Given access to a case"),
        "staff_news": _("Updates for staff"),
        "alarm": _("A promise is running out"),
        "alarm_digest": _("Promises on several cases"),
        "invitation": _("Invitation"),
        "password_reset": _("New password requested"),
        "password_set": _("Password was set"),
        "email_change": _("Link that confirms a new address"),
        "email_change_notice": _("Address is to change"),
        "sight_gained": _("Somebody can now see more cases"),
        "mailbox_paused": _("A mailbox cannot be read"),
    }.get(kind, kind)


def fate_label(fate: str, *, done: bool) -> str:
    """What becomes of a row, or with *done* what became of it."""
    now = {
        "made": _("New"),
        "changed": _("Changed"),
        "unchanged": _("Unchanged"),
        "refused": _("Refused"),
    }
    planned = {"made": _("Will be made"), "changed": _("Will be changed")}
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


def summarize(plan: ImportPlan, *, dry_run: bool) -> str:
    """The totals of a plan on one line, for the terminal."""
    counts = ", ".join(f"{plan.count(fate)} {fate.value}" for fate in Fate)
    rows = ngettext("%(num)d row", "%(num)d rows", len(plan.fates))
    end = _("Nothing was written: this was a dry run.") if dry_run else ""
    return f"{rows}: {counts}. {end}".strip()
