"""Words of approvals: steps, conditions, lines of the history and of the timeline."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from babel.numbers import format_decimal
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal.approvals.engine.facts import NAMES, differences, shown
from portal.approvals.rules import EVERYBODY, INSIDE, MANAGER, ApprovalEnd, ApprovalState
from portal.cases.queries.interface import request_fields
from portal.kernel.events import Event

ROLE_NAMES = {
    MANAGER: _l("The manager of the person the case is for"),
    "organization_admin": _l("Administrators of the client"),
    "coordinator": _l("Coordinators"),
    "member": _l("Members"),
    EVERYBODY: _l("Everybody with access to the account"),
}
FACT_NAMES = {
    "subject": _l("Subject"),
    "request_type": _l("Request type"),
    "environment": _l("Environment"),
    "severity": _l("Severity"),
}
# The names that a chip shows; the page of the request shows all.
NAMES_SHOWN = 2


def name_list(names: Sequence[str]) -> str:
    """*names* in one line: some of many."""
    shown = ", ".join(names[:NAMES_SHOWN])
    if len(names) > NAMES_SHOWN:
        return _("%(names)s and %(n)d more", names=shown, n=len(names) - NAMES_SHOWN)
    return shown


def waits_label(row: Any) -> str:
    """Whom an open request waits for, in a few words."""
    names = waiting_names(row)
    return _("Waits for the yes of: %(names)s", names=name_list(names)) if names else _("Nobody is left to say yes")


def waiting_names(row: Any) -> list[str]:
    """The names of the approvers whom *row* waits for: of a seat its approver, or else the deputy."""
    if row.state != ApprovalState.ASKED or row.step >= len(row.steps):
        return []
    waiting = {str(one) for one in row.waiting_ids}
    found = []
    for seat in row.steps[row.step]["seats"]:
        if seat["id"] in waiting:
            found.append(str(seat["name"]))
        elif seat.get("deputy") in waiting:
            found.append(str(seat["deputy_name"]))
    return list(dict.fromkeys(found))


def mode_sentence(step: Mapping[str, Any]) -> str:
    """How many of the people of *step* must say yes."""
    if len(step["seats"]) == 1:
        return ""
    if step["mode"] == "all":
        return _("Everybody named must say yes.")
    if step["mode"] == "count":
        return ngettext("%(num)d of them must say yes.", "%(num)d of them must say yes.", step["needed"])
    return _("One of them says yes or no.")


def state_word(row: Any) -> str:
    """What became of *row*, in a word or two."""
    return {
        ApprovalState.ASKED: _("Waiting"),
        ApprovalState.APPROVED: _("Approved"),
        ApprovalState.REFUSED: _("Refused"),
        ApprovalState.EXPIRED: _("Nobody answered in time"),
        ApprovalState.WITHDRAWN: _("Withdrawn"),
    }[ApprovalState(row.state)]


def end_sentence(row: Any) -> str:
    """Why *row* was withdrawn; '' for other ends."""
    if row.state != ApprovalState.WITHDRAWN:
        return ""
    return {
        ApprovalEnd.CHANGED: _("The case changed, so it was asked again."),
        ApprovalEnd.NOT_NEEDED: _("The case changed and needs no yes any more."),
        ApprovalEnd.ENDED: _("The case ended before anybody answered."),
    }.get(ApprovalEnd(row.end_reason), "")


def clock_sentence(*, pauses: bool, side: str = "contact") -> str:
    """What the promises do while a case waits for a yes."""
    if not pauses:
        return _("What is promised runs on meanwhile.")
    if side == "staff":
        return _("The promises of an update and of a solution rest meanwhile. A first reply is due as ever.")
    return _("Our promises of an update and of a solution rest meanwhile. You get a first reply as promised.")


def time_sentence(time: dt.timedelta | None) -> str:
    """How long a yes took in the median."""
    if time is None:
        return _("There are no figures yet on how long this takes.")
    minutes = max(1, round(time.total_seconds() / 60))
    hours = round(minutes / 60)
    if minutes < 90:
        return ngettext(
            "In the median an answer took %(num)d minute.", "In the median an answer took %(num)d minutes.", minutes
        )
    if hours < 48:
        return ngettext(
            "In the median an answer took %(num)d hour.", "In the median an answer took %(num)d hours.", hours
        )
    return ngettext(
        "In the median an answer took %(num)d day.", "In the median an answer took %(num)d days.", round(hours / 24)
    )


def fact_rows(facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(name, value) of what was asked about, as people read it."""
    names = [*(name for name in NAMES if name in facts), *sorted(facts.keys() - set(NAMES))]
    return [(_fact_name(name, facts), shown(facts[name]) or "–") for name in names]


def _fact_name(name: str, facts: Mapping[str, Any]) -> str:
    """The name of a fact: of a field of a form its question."""
    if name in FACT_NAMES:
        return str(FACT_NAMES[name])
    fact = facts[name]
    label = fact[2] if isinstance(fact, list | tuple) and len(fact) > 2 else {}
    return request_fields.pick_text(label, str(get_locale() or "en")) or name


def difference_rows(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """(name, before, after) of what changed since somebody approved."""
    found = differences(before, after) if before else []
    return [(_fact_name(one.name, after), one.before or "–", one.after or "–") for one in found]


def amount_words(label: str, over: Any) -> str:
    """That the number of a field is over an amount."""
    return _("“%(field)s” over %(amount)s", field=label, amount=format_decimal(over, locale=get_locale()))


def condition_words(parts: Iterable[str]) -> str:
    """The conditions of a rule in one line."""
    return " · ".join(part for part in parts if part) or _("Every case")


# -- events -----------------------------------------------------------------------------------------------------------

# What the timeline shows: reminders and what only staff must know stay out of it.
PUBLIC_VERBS = ("asked", "continued", "answered", "approved", "refused", "expired", "withdrawn", "approver_added")


def timeline_line(event: Event, *, staff_side: bool) -> str:
    """The line of *event* in the timeline of a case; '' for those that it leaves out."""
    verb = event.name.removeprefix("approval.").removesuffix(INSIDE)
    if verb not in PUBLIC_VERBS and not (staff_side and verb == "stuck"):
        return ""
    return history_line(event)


def history_line(event: Event) -> str:
    """The line of *event* in the change log of a case."""
    verb = event.name.removeprefix("approval.").removesuffix(INSIDE)
    facts, who = event.facts, event.actor_name or _("Automatic")
    names = name_list(facts.get("names", ()))
    reason = f": {facts['reason']}" if facts.get("reason") else ""
    for_whom = f" ({_('for %(name)s', name=facts['seat_name'])})" if facts.get("seat_name") else ""
    lines: dict[str, Callable[[], str]] = {
        "asked": lambda: (
            (
                _("Asked again for a yes: %(names)s", names=names)
                if facts.get("again")
                else _("Asked for a yes: %(names)s", names=names)
            )
            if names
            else _("Needs a yes, and nobody is there to say it")
        ),
        "continued": lambda: _("Asked for a yes: %(names)s", names=names),
        "answered": lambda: (
            (_("%(who)s said yes", who=who) if facts.get("approves") else _("%(who)s said no", who=who))
            + for_whom
            + reason
        ),
        "approved": lambda: _("%(who)s approved", who=who) + for_whom + reason,
        "refused": lambda: _("%(who)s refused", who=who) + for_whom + reason,
        "expired": lambda: _("Nobody answered in time: the question for a yes ended"),
        "withdrawn": lambda: _withdrawn_line(facts, who) + reason,
        "reminded": lambda: _("Reminded of the question for a yes: %(names)s", names=names),
        "stuck": lambda: _("Nobody is left who may say yes"),
        "approver_added": lambda: _("Asked for a yes: %(names)s", names=names),
    }
    return lines[verb]()


def _withdrawn_line(facts: Mapping[str, Any], who: str) -> str:
    return {
        ApprovalEnd.CHANGED: _("The case changed: what was asked before does not count any more"),
        ApprovalEnd.NOT_NEEDED: _("The case changed and needs no yes any more"),
        ApprovalEnd.ENDED: _("The case ended: no yes is needed any more"),
    }.get(facts.get("end_reason", ""), _("%(who)s withdrew the question for a yes", who=who))
