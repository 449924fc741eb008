"""Words of rules: when, which cases, what; lines of the log and of the history."""

from collections.abc import Iterable, Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from portal.kernel.events import Event
from portal.rules.engine.case_rules import Effect, Trigger

TRIGGERS = {
    Trigger.OPENED: _l("When a case is opened"),
    Trigger.CUSTOMER_REPLIED: _l("When the customer writes"),
    Trigger.STAFF_REPLIED: _l("When support writes to the customer"),
    Trigger.SINCE_OPENED: _l("Hours after a case was opened"),
    Trigger.SINCE_CUSTOMER: _l("Hours after the customer wrote last"),
    Trigger.SINCE_STAFF: _l("Hours after support wrote last"),
    Trigger.IN_STATUS: _l("Hours after a case entered a status"),
}


def trigger_words(trigger: str, hours: int, status: str = "") -> str:
    """When a rule looks at a case, as the beginning of a sentence. *status*: its name for the reader."""
    after = ngettext("%(num)d hour", "%(num)d hours", hours)
    return {
        Trigger.OPENED: lambda: _("When a case is opened"),
        Trigger.CUSTOMER_REPLIED: lambda: _("When the customer writes"),
        Trigger.STAFF_REPLIED: lambda: _("When support writes to the customer"),
        Trigger.SINCE_OPENED: lambda: _("When a case was opened %(time)s ago and is unresolved", time=after),
        Trigger.SINCE_CUSTOMER: lambda: _("When the customer wrote last %(time)s ago", time=after),
        Trigger.SINCE_STAFF: lambda: _("When support wrote last %(time)s ago", time=after),
        Trigger.IN_STATUS: lambda: _("When a case is “%(status)s” for %(time)s", status=status, time=after),
    }[Trigger(trigger)]()


def effect_words(effect: str, value: str) -> str:
    """What an effect does, in a few words."""
    return {
        Effect.DEPARTMENT: lambda: _("department: %(name)s", name=value),
        Effect.TIER: lambda: _("tier: %(name)s", name=value),
        Effect.OWNER: lambda: _("owner: %(name)s", name=value),
        Effect.SEVERITY: lambda: _("severity: %(name)s", name=value),
        Effect.FOLLOWER: lambda: _("follower: %(name)s", name=value),
        Effect.NOTE: lambda: _("an internal note"),
    }[Effect(effect)]()


def change_words(effect: str, before: str, after: str) -> str:
    """What an effect changes, from the value before it."""
    if Effect(effect) in (Effect.FOLLOWER, Effect.NOTE):
        return effect_words(effect, after)
    return f"{effect_words(effect, before or _('none'))} → {after}"


def entry_words(entry: Mapping[str, Any]) -> str:
    """One entry of the log: what was done, or why it was not."""
    if entry["outcome"] == "done":
        return change_words(entry["effect"], entry["before"], entry["after"])
    words = effect_words(entry["effect"], entry["after"])
    if entry["outcome"] == "same":
        return _("%(what)s: was so already", what=words)
    if entry["outcome"] == "decided":
        return _("%(what)s: the rule “%(rule)s” decided", what=words, rule=entry["why"])
    return _("%(what)s: not possible. %(why)s", what=words, why=entry["why"])


def join_words(parts: Iterable[str]) -> str:
    """*parts* in one line."""
    return " · ".join(part for part in parts if part)


def history_line(event: Event) -> str:
    """The line of `case_rule.fired` in the change log of a case."""
    did = join_words(entry_words(one) for one in event.facts.get("did", ()))
    return _("Rule “%(rule)s”: %(did)s", rule=event.facts.get("rule", ""), did=did)


def timeline_line(event: Event, *, staff_side: bool) -> str:
    """The line in the timeline: for staff only; customers see what changed, not by which rule."""
    return history_line(event) if staff_side else ""
