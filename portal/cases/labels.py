"""Labels of a case in the reader's language: markers, sentences, channels. The database stores codes.

The names of states are in `vocabulary`."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from portal.cases.models import Case
from portal.cases.receivers import Receiver
from portal.cases.rules import SeverityFloor
from portal.cases.vocabulary import severity_reason, vocabulary
from portal.kernel.actor import Side
from portal.kernel.context import Context

CHANNELS = {
    "portal": _l("portal"),
    "desk": _l("desk"),
    "mail": _l("email"),
    "email": _l("email, entered by staff"),
    "phone": _l("phone"),
    "chat": _l("chat"),
    "community": _l("community"),
    "walk-in": _l("in person"),
    "api": _l("API"),
    "system": _l("automatic"),
}
_KINDS = {"production": _l("Production"), "test": _l("Test"), "development": _l("Development")}
# The rules that admit somebody to a case.
_RULES = {
    "reporter": _l("opened the case"),
    "contact": _l("has the problem"),
    "affected": _l("affected too"),
    "participant": _l("in copy"),
    "reader": _l("it was shared with them by name"),
    "shared": _l("the case is shared in %(organization)s"),
    "organization": _l("support shared it with their organization"),
    "administrator": _l("administrator of %(organization)s"),
    "manager": _l("manager of somebody on the case"),
    "staff": _l("looks after the account"),
}


def markers(ctx: Context, case: Case, side: str) -> list[tuple[str, str]]:
    """The markers beside the status, as (key, label).

    They are: who spoke last, unless the status says it; whether it waits for a yes, or was refused; the number of
    reopenings; for staff the tier.
    """
    found: list[tuple[str, str]] = []
    if (spoken := vocabulary(ctx, side).marker(case)) is not None:
        found.append(spoken)
    if case.approval == "asked":
        found.append(("approval", _("Waits for a yes")))
    elif case.approval == "refused" and case.unresolved:
        found.append(("approval", _("Refused")))
    if case.reopened_count:
        found.append(("reopened", _("Reopened ×%(n)d", n=case.reopened_count)))
    if side == "staff" and case.tier > 1:
        found.append(("escalated", _("Tier %(n)d", n=case.tier)))
    return found


def visibility_label(case: Case) -> str:
    if case.is_private:
        return _("Private")
    return _("Shared with %(organization)s", organization=case.organization.name)


def channel_label(channel: str) -> str:
    return str(CHANNELS.get(channel, channel))


def kind_label(kind: str) -> str:
    return str(_KINDS.get(kind, kind))


def severity_note(case: Case) -> str:
    """Why the severity differs from the one that the customer chose; '' if it does not."""
    if case.severity_reason == "not_production":
        return _("Lowered one level: test and development environments are never an emergency")
    if case.severity_reason == "joined":
        return _("Raised, because it hits several people")
    if case.severity_reason == "important_person":
        return _("Raised, as agreed for this person")
    if case.severity_reason == "important_account":
        return _("Raised, as agreed for this account")
    return case.severity_reason


def rule_label(rule: str, organization: str) -> str:
    """The label of a rule that admits somebody to a case."""
    return str(_RULES.get(rule, rule)) % {"organization": organization}


def floor_label(floor: SeverityFloor, level: str, *, side: Side) -> str:
    """That cases are served with a severity of at least *level*, its name: for customers theirs, for staff those of the
    person or of the account."""
    if side is Side.CONTACT:
        return _("Your cases are treated as at least %(level)s.", level=level)
    if floor.reason == "important_person":
        return _("Cases of this person are treated as at least %(level)s.", level=level)
    return _("Cases of this account are treated as at least %(level)s.", level=level)


def outside_label(organization: str) -> str:
    """The mark of somebody who is no member of *organization*."""
    return _("outside %(organization)s", organization=organization)


# The line of an event of a later feature in the timeline of a case, '' for none. `wiring` sets them.
TimelineLine = Callable[..., str]
_timeline_lines: dict[str, TimelineLine] = {}


def set_timeline_lines(lines: Mapping[str, TimelineLine]) -> None:
    """Replace the lines of later features, by event name. Each gets the event, and `staff_side` by name."""
    _timeline_lines.clear()
    _timeline_lines.update(lines)


def assignment_reason(facts: Mapping[str, Any]) -> str:
    """Why a case was given to its owner by itself, from the facts of `case.assigned`; '' where a person chose."""
    match facts.get("way"):
        case "by_turn":
            return _("By turn in the department %(name)s", name=facts.get("by_department", ""))
        case "fewest_open":
            return _("Had the fewest open cases in the department %(name)s", name=facts.get("by_department", ""))
    return ""


def event_line(event: Any, names: dict[str, str], staff_side: bool) -> str:
    """The line of *event* in the timeline; '' for events that show as messages or not at all.

    *names* maps ids in facts (departments, staff) to names. A person's name is not inflected, so it is outside a
    sentence where a language would inflect it.
    """
    if event.name in _timeline_lines:
        return _timeline_lines[event.name](event, staff_side=staff_side)
    who = event.actor_name or _("Automatic")
    facts = event.facts
    match event.name:
        case "case.taken":
            return _("%(who)s took the case", who=who)
        case "case.assigned":
            line = _("Owner: %(name)s", name=names.get(facts["owner"][1]) or _("nobody"))
            why = assignment_reason(facts) if staff_side else ""
            return f"{line} · {why}" if why else line
        case "case.routed":
            return _("Department: %(name)s", name=names.get(facts["department"][1]) or _("none"))
        case "case.started":
            return _("%(who)s started work", who=who)
        case "case.held":
            return _("Paused: %(reason)s", reason=facts["reason"])
        case "case.woken":
            return _("Work continues")
        case "case.accepted":
            return _("%(who)s accepted the solution", who=who)
        case "case.reopened":
            return _("%(who)s reopened the case", who=who)
        case "case.closed":
            line = _("%(who)s closed the case", who=who)
            return f"{line}: {facts['reason']}" if facts.get("reason") else line
        case "case.auto_closed":
            return _("Closed automatically: nobody reported that something is still wrong")
        case "case.severity_changed":
            return _(
                "Severity: %(old)s → %(new)s",
                old=names.get(f"severity:{facts['severity'][0]}", ""),
                new=names.get(f"severity:{facts['severity'][1]}", ""),
            )
        case "case.joined":
            return _("%(who)s: it hits me too", who=who)
        case "case.confirmed":
            return _("%(who)s accepted the solution; others have not answered yet", who=who)
        case "case.workaround_pinned":
            return _("%(who)s pinned a workaround", who=who)
        case "case.workaround_unpinned":
            return _("%(who)s took the workaround off", who=who)
        case "case.escalated" if staff_side:
            moved = _("Tier %(old)d → %(new)d", old=facts["tier"][0], new=facts["tier"][1])
            return f"{moved} · {_('The owner stays: %(why)s', why=facts['kept'])}" if facts.get("kept") else moved
        case "case.edited" if "contact_names" in facts and len(facts["changed"]) == 1:
            old, new = facts["contact_names"]
            return _("Contact: %(old)s → %(new)s", old=old, new=new)
        case "case.edited":
            return _("%(who)s corrected the details", who=who)
        case "case.shared":
            return _("Shared with: %(name)s", name=facts.get("organization") or _("the organization"))
        case "case.made_private":
            return _("Made private")
        case "case.person_added":
            if facts.get("kind") == "reader":
                return _("Shared with: %(name)s", name=facts.get("name", ""))
            if staff_side and facts.get("outside"):
                return _("In copy, from outside: %(name)s", name=facts.get("name", ""))
            return _("In copy: %(name)s", name=facts.get("name", ""))
        case "case.person_removed":
            return _("No longer on the case: %(name)s", name=facts.get("name", "")) if facts.get("name") else ""
        case "case.contact_left" if staff_side:
            return _("No longer has access as the contact: %(name)s", name=facts["name"])
        case "case.mail_stopped" if staff_side:
            return _("An email from support was stopped; it waits in “Received email”")
        case "case.reply_stopped" if staff_side:
            return _("An email from %(name)s was not added; it waits in “Received email”", name=facts["name"])
        case "case.files_refused" if staff_side:
            return _("Files of an email were not kept: %(name)s", name=facts["name"])
        case "case.excluded" if staff_side:
            return _("Somebody was excluded from this case")
        case "case.tagged" if staff_side:
            return _("Tagged: %(names)s", names=", ".join(facts["tags"]))
        case "case.untagged" if staff_side:
            return _("Tag taken off: %(names)s", names=", ".join(facts["tags"]))
        case "case.merged":
            return _("Merged into %(key)s", key=facts.get("target", ""))
        case "case.split":
            line = _("A part of this case continues in %(key)s", key=facts["target"])
            return f"{line} · {moved_label(facts, staff_side)}"
        case "case.split_off":
            line = _("This was a part of %(key)s", key=facts["source"])
            return f"{line} · {moved_label(facts, staff_side)}"
        case "case.moved":
            return _("Moved to another account")
        case "case.reminded" if staff_side:
            return _("The customer was reminded of the question")
        case "case.resolve_proposed" if staff_side:
            return _("No answer for %(days)d days: the case can be resolved", days=facts["days"])
        case "case.closing_soon" if staff_side:
            return _("The customer was told that the case will close soon")
    return ""


def moved_label(facts: Mapping[str, Any], staff_side: bool) -> str:
    """How many messages were moved when a case was split; staff read how many internal notes, too."""
    messages, notes = facts["messages"], facts["notes"] if staff_side else 0
    words = [ngettext("%(num)d message", "%(num)d messages", messages)] if messages or not notes else []
    words += [ngettext("%(num)d internal note", "%(num)d internal notes", notes)] if notes else []
    return ", ".join(words)


def event_detail(event: Any) -> str:
    """The reason below a line of the timeline, if one was given."""
    if event.name == "case.joined":
        return " · ".join(word for word in (event.facts["environment"], event.facts["impact"]) if word)
    return severity_reason(event.facts) if event.name == "case.severity_changed" else ""


def hue(key: str) -> int:
    """The hue of an account's monogram, 1 to 6. The same key always has the same hue."""
    return sum(map(ord, key)) % 6 + 1


def environment_label(environment: Any) -> str:
    """The name of an environment, with its kind if it is not production."""
    if environment.kind == "production":
        return str(environment.name)
    return f"{environment.name} ({kind_label(environment.kind)})"


def sent_sentence(receivers: Sequence[Receiver], *, readable: bool) -> str:
    """Whom a public message goes to: only people who really get it are named. *readable*: somebody of the customer can
    read the case, whether they are told or not."""
    mailed = [one.name for one in receivers if one.mailed]
    if mailed:
        return _("Your reply was sent to %(name)s.", name=_name_list(mailed))
    if receivers:
        return _(
            "Your reply was added. %(name)s can read it on the portal and was not emailed.",
            name=_name_list([one.name for one in receivers]),
        )
    if readable:
        return _(
            "Your reply was added. Nobody is notified: everyone who can read the case muted it or cannot be reached."
        )
    return _(
        "Your reply was added, but nobody on the customer's side gets it: nobody there can read this case any more."
    )


def _name_list(names: Sequence[str]) -> str:
    shown = ", ".join(names[:3])
    return _("%(names)s and %(n)d more", names=shown, n=len(names) - 3) if len(names) > 3 else shown
