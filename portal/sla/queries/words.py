"""What the codes of promises are called: clocks, targets, reasons, lines of a case's history."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from portal.kernel.events import Event
from portal.sla.policy import Target


def kind_label(kind: str) -> str:
    """The name of a clock."""
    return {
        "first_response": _("First reply"),
        "next_response": _("Next reply"),
        "next_update": _("Next update"),
        "resolution": _("Resolution"),
    }.get(kind, kind)


def span_words(amount: int, unit: str) -> str:
    """ "4 hours", "1 business day"."""
    return {
        "minute": lambda: ngettext("%(num)d minute", "%(num)d minutes", amount),
        "hour": lambda: ngettext("%(num)d hour", "%(num)d hours", amount),
        "day": lambda: ngettext("%(num)d business day", "%(num)d business days", amount),
        "week": lambda: ngettext("%(num)d week", "%(num)d weeks", amount),
    }[unit]()


def target_words(target: Target | None, aim: Target | None = None) -> str:
    """What is promised, as customers read it: "1 hour in business hours, 4 hours outside"; '' for nothing. An *aim*
    of the same unit makes a range: "2–3 business days"."""
    if target is None:
        return ""
    if aim is not None and aim.unit == target.unit and aim.amount < target.amount:
        return f"{aim.amount}–{span_words(target.amount, target.unit)}"
    words = span_words(target.amount, target.unit)
    if target.outside is not None:
        return _("%(inside)s in business hours, %(outside)s outside", inside=words, outside=span_words(*target.outside))
    if target.always and target.unit in ("minute", "hour"):
        return _("%(span)s, 24/7", span=words)
    if target.unit in ("minute", "hour"):
        return _("%(span)s in business hours", span=words)
    return words


def rhythm_words(target: Target | None) -> str:
    """How often news come: "every 4 hours", "once a week"; '' for no rhythm."""
    if target is None:
        return ""
    if target.amount == 1:
        return {
            "minute": _("every minute"),
            "hour": _("every hour"),
            "day": _("once a business day"),
            "week": _("once a week"),
        }[target.unit]
    return _("every %(span)s", span=span_words(target.amount, target.unit))


def why_label(why: str) -> str:
    """Why a clock does not count."""
    return {
        "": _("Counted"),
        "waiting": _("Waiting for the customer"),
        "on_hold": _("On hold"),
        "resolved": _("Resolved, before it was taken up again"),
        "closed": _("Outside support hours"),
    }.get(why, why)


def reason_label(reason: str) -> str:
    """Why a promise was broken, in support's words."""
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


def reasons() -> list[tuple[str, str]]:
    """(code, words) of every reason, in the order of a form."""
    codes = ("load", "handover", "vendor", "customer", "complexity", "oversight", "wrong_severity", "other")
    return [(code, reason_label(code)) for code in codes]


def deed_label(did: Any) -> str:
    """What an escalation step did, in a few words."""
    words = {
        "notify": _("People alarmed"),
        "raise_tier": _("Tier raised"),
        "reassign": _("Given to somebody else"),
        "raise_severity": _("Severity raised"),
        "draft_update": _("Update prepared"),
    }.get(str(did.get("does")), "")
    return f"{words} ({did['skipped']})" if did.get("skipped") else words


# The events of this feature that a case's change log shows.
HISTORY = (
    "sla.policy_applied",
    "sla.step_fired",
    "sla.alarm",
    "sla.breach_explained",
    "sla.objected",
    "sla.objection_answered",
)


def history_line(event: Event) -> str:
    """What happened, in the change log of a case."""
    facts = event.facts
    clock = kind_label(str(facts.get("clock", "")))
    return {
        "sla.policy_applied": lambda: (
            _("Promises of the agreement applied") if facts.get("policy") else _("No promise holds any more")
        ),
        "sla.step_fired": lambda: _(
            "%(clock)s at %(n)s %%: %(deed)s", clock=clock, n=facts.get("percent", 100), deed=deed_label(facts)
        ),
        "sla.alarm": lambda: _("%(clock)s at %(n)s %%: people were told", clock=clock, n=facts.get("percent", 100)),
        "sla.breach_explained": lambda: _(
            "%(clock)s came late: %(why)s", clock=clock, why=reason_label(str(facts.get("reason", "")))
        ),
        "sla.objected": lambda: _("The customer objects to how time was counted: %(clock)s", clock=clock),
        "sla.objection_answered": lambda: _("Objection answered"),
    }[event.name]()
