"""The change log of a case for staff: every event in words, with old and new values."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from portal.cases.labels import channel_label, event_line
from portal.cases.vocabulary import severity_reason
from portal.kernel.events import Event

# The line of an event of a later feature. `wiring` sets them.
HistoryLine = Callable[[Event], str]
_lines: dict[str, HistoryLine] = {}


def set_history_lines(lines: Mapping[str, HistoryLine]) -> None:
    """Replace the lines of later features, by event name."""
    _lines.clear()
    _lines.update(lines)


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the log: what happened, who did it, and each changed value as (name, old, new)."""

    event: Event
    what: str
    who: str
    channel: str
    values: tuple[tuple[str, str, str], ...] = ()


def changes(events: Iterable[Event], names: Mapping[str, str]) -> list[Change]:
    """The lines for *events*, without those whose line is ''. *names* maps ids and severities in their facts to
    names."""
    return [
        Change(
            event,
            what,
            event.actor_name or _("Automatic"),
            channel_label(event.channel),
            tuple(changed_values(event, names)),
        )
        for event in events
        if (what := describe(event, names))
    ]


def describe(event: Event, names: Mapping[str, str]) -> str:
    """What happened, in a few words. Every event has a line, also those that the timeline shows as messages; '' where
    a later feature says it in the line of another event."""
    if event.name in _lines:
        return _lines[event.name](event)
    said = {
        "case.submitted": _("Case opened"),
        "case.answered": _("Public reply"),
        "case.noted": _("Internal note"),
        "case.asked": _("Question to the customer"),
        "case.replied": _("Reply from the customer's side"),
        "case.resolved": _("Solution given"),
        "case.rejected": _("Solution rejected"),
        "case.escalated": _("Escalated"),
        "case.severity_changed": _("Severity changed"),
        "case.edited": _("Details corrected"),
        "case.joined": _("Somebody is affected too"),
        "case.confirmed": _("Solution accepted by one of several"),
        "case.workaround_pinned": _("Workaround pinned"),
        "case.workaround_unpinned": _("Workaround taken off"),
        "case.assigned": _("Owner changed"),
        "case.routed": _("Department changed"),
        "case.excluded": _("Somebody was excluded"),
        "case.readmitted": _("Exclusion lifted"),
        "case.muted": _("Muted"),
        "case.followed": _("Followed"),
        "case.unfollowed": _("Notifications as usual"),
        "case.taken": _("Taken"),
        "case.viewed_as_customer": _("Viewed as the customer"),
        "case.person_removed": _("Person removed"),
        "case.contact_left": _("The contact lost access"),
        "case.sent_anyway": _("Sent although it seemed to belong to another client"),
        "case.reminded": _("Reminded of the question"),
        "case.split": _("Split: a part goes on in a case of its own"),
        "case.split_off": _("Split off from another case"),
        "case.reply_not_sent": _("A reply was not sent, because the case changed meanwhile"),
        "case.resolve_proposed": _("No answer: can be resolved"),
        "case.closing_soon": _("Told that it will close soon"),
    }
    return said.get(event.name) or event_line(event, dict(names), True) or event.name


def changed_values(event: Event, names: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """(name, old, new) of every value that changed."""
    facts = event.facts
    found: list[tuple[str, str, str]] = []
    if _is_pair(facts.get("severity")):
        old, new = (names.get(f"severity:{rank}", str(rank)) for rank in facts["severity"])
        found.append((_("Severity"), old, new))
    if _is_pair(facts.get("tier")):
        found.append((_("Tier"), str(facts["tier"][0]), str(facts["tier"][1])))
    for key, label, none in (("owner", _("Owner"), _("nobody")), ("department", _("Department"), _("none"))):
        if _is_pair(facts.get(key)):
            old, new = (names.get(str(value), str(value)) or none for value in facts[key])
            found.append((label, old, new))
    changed = facts.get("changed")
    if isinstance(changed, Mapping):
        for column, pair in changed.items():
            if _is_pair(pair):
                old, new = (names.get(str(v), str(v)) or "–" for v in pair)
                found.append((_column_label(column), old, new))
    for label, old, new in facts.get("answers", ()):
        found.append((label, old, new or "–"))
    if (facts.get("reason") or facts.get("joined")) and event.name not in _lines:
        found.append((_("Reason"), "", severity_reason(facts)))
    if facts.get("name") and event.name != "case.person_added":
        found.append((_("Person"), "", str(facts["name"])))
    if event.name == "case.sent_anyway":
        found.append((_("What it seemed to belong to"), "", ", ".join(facts["texts"])))
    if facts.get("target"):
        found.append((_("Continued in"), "", str(facts["target"])))
    if event.name == "case.split_off":
        found.append((_("Continued from"), "", str(facts["source"])))
    return found


def _is_pair(value: Any) -> bool:
    return isinstance(value, list | tuple) and len(value) == 2


def _column_label(column: str) -> str:
    return {
        "subject": _("Subject"),
        "description": _("Description"),
        "request_type_id": _("Request type"),
        "contact_id": _("Contact"),
        "environment_id": _("Environment"),
        "department_id": _("Department"),
    }.get(column, column)
