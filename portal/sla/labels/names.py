"""What the codes of promises are called: clocks, reasons, lines of a case's history."""

from typing import Any

from flask_babel import gettext as _

from portal.kernel.events import Event


def kind_label(kind: str) -> str:
    """The name of a clock."""
    return {
        "first_response": _("First reply"),
        "next_response": _("Next reply"),
        "next_update": _("Next update"),
        "resolution": _("Resolution"),
    }.get(kind, kind)


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
