"""Labels of the codes of promises: clocks, reasons, lines of a case's history."""

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from portal.kernel.events import Event
from portal.sla.engine.policy import ClockKind
from portal.sla.models.escalation import CUSTOMERS
from portal.web import times


def kind_label(kind: str) -> str:
    """The name of a clock."""
    return {
        "first_response": _("First reply"),
        "next_response": _("Next reply"),
        "next_update": _("Next update"),
        "resolution": _("Resolution"),
    }.get(kind, kind)


def breach_reason_label(reason: str) -> str:
    """The label of the reason of a broken promise, for support."""
    return {
        "load": _("Too much at once"),
        "handover": _("Lost in a hand-over"),
        "vendor": _("A vendor was late"),
        "customer": _("The customer could not be reached"),
        "complexity": _("Harder than expected"),
        "oversight": _("Overlooked"),
        "wrong_severity": _("The severity was wrong"),
        "other": _("Something else"),
    }.get(reason, reason)


def breach_reason_choices() -> list[tuple[str, str]]:
    """(code, words) of every reason, in the order of a form."""
    codes = ("load", "handover", "vendor", "customer", "complexity", "oversight", "wrong_severity", "other")
    return [(code, breach_reason_label(code)) for code in codes]


def effect_done_label(did: Any) -> str:
    """What an escalation step did, in a few words; not for `notify` (`alarm_line`)."""
    words = {
        "raise_tier": _("Tier raised"),
        "reassign": _("Assigned to somebody else"),
        "raise_severity": _("Severity raised"),
        "draft_update": _("Update prepared"),
    }.get(str(did.get("does")), "")
    return f"{words} ({did['skipped']})" if did.get("skipped") else words


# The most people who are named in one line.
NAMES_SHOWN = 3
# A step that fired later than this shows when it was due.
PROMPT = dt.timedelta(minutes=5)


def people_names(names: Sequence[str]) -> str:
    """ "Ada Novak, Lee Long and 4 more"."""
    shown = ", ".join(names[:NAMES_SHOWN])
    more = len(names) - NAMES_SHOWN
    if more > 0:
        return ngettext("%(names)s and %(num)d more", "%(names)s and %(num)d more", more, names=shown)
    return shown


def alarm_line(event: Event, clock: str) -> str:
    """One line for a step that notifies people: the promise, the people, and when."""
    facts = event.facts
    told = [*([recipient_label(CUSTOMERS)] if facts.get(CUSTOMERS) else ()), *facts.get("names", ())]
    values = {"clock": clock, "n": facts.get("percent", 100), "names": people_names(told)}
    reached = facts.get("reached")
    if reached and event.occurred_at - dt.datetime.fromisoformat(reached) > PROMPT:
        values["clock"] = _("%(clock)s (since %(when)s)", clock=clock, when=times.time_words(parse_time(reached)))
    if "names" not in facts:  # from before names were stored
        return _("%(clock)s at %(n)s %%: people were notified", **values)
    if not told:
        return _("%(clock)s at %(n)s %%: there was nobody to notify", **values)
    if facts.get("quiet_until"):
        when = times.time_words(parse_time(facts["quiet_until"]))
        return _("%(clock)s at %(n)s %%: %(names)s will be notified %(when)s", **values, when=when)
    if facts.get("with"):
        kind, percent = facts["with"]
        return _(
            "%(clock)s at %(n)s %%: %(names)s notified with “%(other)s at %(m)s %%”",
            **values,
            other=kind_label(kind),
            m=percent,
        )
    return _("%(clock)s at %(n)s %%: notified %(names)s", **values)


def parse_time(written: str) -> dt.datetime:
    return dt.datetime.fromisoformat(written)


# The events of this feature that a case's change log shows.
HISTORY = (
    "sla.policy_applied",
    "sla.step_fired",
    "sla.alarm",
    "sla.alarm_spared",
    "sla.breach_explained",
    "sla.objected",
    "sla.objection_answered",
)


def history_line(event: Event) -> str:
    """What happened, in the change log of a case. '' for what another line contains: the line of a step names the
    people and the time."""
    facts = event.facts
    clock = kind_label(str(facts.get("clock", "")))
    lines: dict[str, Callable[[], str]] = {
        "sla.policy_applied": lambda: (
            _("Promises of the agreement applied") if facts.get("policy") else _("No promise applies any more")
        ),
        "sla.step_fired": lambda: (
            alarm_line(event, clock)
            if facts.get("does") == "notify"
            else _(
                "%(clock)s at %(n)s %%: %(deed)s",
                clock=clock,
                n=facts.get("percent", 100),
                deed=effect_done_label(facts),
            )
        ),
        "sla.alarm": lambda: "",
        "sla.alarm_spared": lambda: _(
            "%(clock)s at %(n)s %%: nobody had to be notified any more", clock=clock, n=facts.get("percent", 100)
        ),
        "sla.breach_explained": lambda: _(
            "%(clock)s was late: %(why)s", clock=clock, why=breach_reason_label(str(facts.get("reason", "")))
        ),
        "sla.objected": lambda: _("The customer objects to how time was counted: %(clock)s", clock=clock),
        "sla.objection_answered": lambda: _("Objection answered"),
    }
    return lines[event.name]()


def kind_name(kind: str) -> str:
    """The name of a clock inside a line: small letters."""
    return {
        ClockKind.FIRST_RESPONSE: _("first reply"),
        ClockKind.NEXT_RESPONSE: _("next reply"),
        ClockKind.NEXT_UPDATE: _("next update"),
        ClockKind.RESOLUTION: _("resolution"),
    }[ClockKind(kind)]


def kind_description(kind: str) -> str:
    """The promise of a clock as a sentence for readers of a receipt."""
    return {
        ClockKind.FIRST_RESPONSE: _("From opening the case to the first public answer. It never pauses."),
        ClockKind.NEXT_RESPONSE: _(
            "From a message that waits for an answer to the next public answer. It never pauses."
        ),
        ClockKind.NEXT_UPDATE: _(
            "From one public message of support to the next. It pauses while support waits for an answer."
        ),
        ClockKind.RESOLUTION: _("From opening the case to a solution. It pauses while support waits for somebody."),
    }[ClockKind(kind)]


def pause_label(why: str) -> str:
    """The reason why a clock is paused, for staff."""
    return {
        "waiting": _("waiting for the customer"),
        "on_hold": _("waiting for somebody else"),
        "resolved": _("waiting for acceptance"),
        "approval": _("waiting for a yes of the client"),
    }.get(why, why)


def source_label(source: str, *, organization: str = "", account: str = "") -> str:
    """The source of an effective value."""
    return {
        "account": _("agreed with this account"),
        "organization": _("agreed with %(name)s", name=organization) if organization else _("from the organization"),
        "provider": _("agreed for everybody"),
        "policy": _("the policy's own"),
    }.get(source, "")


def pause_reason_label(why: str) -> str:
    """The reason why a segment did not count, for both sides."""
    return {
        "waiting": _("support waited for your answer"),
        "on_hold": _("support waited for somebody else"),
        "resolved": _("a solution waited to be accepted"),
        "approval": _("the case waited for a yes on your side"),
    }.get(why, why)


def effect_label(does: str) -> str:
    """The effect of a step in words."""
    return {
        "notify": _("Notify"),
        "raise_tier": _("Hand over to the next tier"),
        "reassign": _("Give to"),
        "raise_severity": _("Raise the severity"),
        "draft_update": _("Prepare an update for the owner"),
    }[does]


def recipient_label(group: str) -> str:
    """The recipients of a step in words."""
    return {
        "owner": _("the owner"),
        "lead": _("the leads"),
        "account_manager": _("the account manager"),
        "department": _("the department"),
        "tier": _("the tier"),
        CUSTOMERS: _("the customer"),
    }[group]


def target_name(name: str) -> str:
    """The label of one target on the form."""
    return {
        "first_response": _("First reply"),
        "next_response": _("Next reply"),
        "next_update": _("Next update"),
        "aim": _("Resolution, aim"),
        "resolution": _("Resolution, promise"),
    }[name]


def night_alarm_label(when: str) -> str:
    """The label of alarms outside support hours."""
    return {
        "auto": _("for promises that count day and night"),
        "always": _("for all promises"),
        "never": _("never: they wait until support opens"),
    }[when]


def lane_labels() -> dict[str, str]:
    return {
        "breached": _("Late"),
        "hurry": _("Under 30 min"),
        "ahead": _("Under 2 h"),
        "updates": _("Updates due"),
        "tier1": _("Tier 1"),
        "tier2": _("Tier 2"),
        "tier3": _("Tier 3"),
        "vendor": _("Waiting for others"),
    }
