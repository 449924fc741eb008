"""Words about canned replies: placeholders with their meaning, values in the language of a text, and what sending one
sets."""

from collections.abc import Mapping
from typing import Any

from babel.dates import format_datetime
from flask_babel import force_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal.canned_replies.engine.macros import MacroPlan
from portal.canned_replies.engine.placeholders import PLACEHOLDERS
from portal.canned_replies.models import CannedReply
from portal.canned_replies.queries.case_facts import CaseFacts
from portal.cases.models import Case
from portal.cases.queries.interface import State, vocabulary
from portal.cases.queries.severity_levels import level_name
from portal.kernel.context import Context
from portal.knowledge.labels import language_name
from portal.web.language import parse_locale
from portal.web.times import load_zone, zone_abbreviation
from portal.web.urls import outside_url

MEANINGS: Mapping[str, Any] = {
    "contact first name": _l("First name of whoever has the problem"),
    "contact name": _l("Their whole name"),
    "case key": _l("Number of the case"),
    "case link": _l("Address of the case"),
    "subject": _l("Subject of the case"),
    "account": _l("Account of the customer"),
    "organization": _l("Company of the customer"),
    "environment": _l("Environment of the case"),
    "severity": _l("Severity of the case"),
    "next answer due": _l("By when the customer hears from you next, in their time zone"),
    "agent first name": _l("Your first name"),
    "agent name": _l("Your name"),
    "provider name": _l("Name of your company"),
}
# What the preview shows while no case is chosen.
EXAMPLES: Mapping[str, str] = {
    "contact first name": "Jan",
    "contact name": "Jan Nowak",
    "case key": "ACME-1042",
    "case link": "https://…/cases/ACME-1042",
    "account": "Acme",
    "organization": "Acme",
}


def placeholder_rows() -> list[tuple[str, str]]:
    """(placeholder as it is written, what it stands for)."""
    return [(f"{{{name}}}", str(MEANINGS[name])) for name in PLACEHOLDERS]


def values_in(facts: CaseFacts, language: str) -> dict[str, str]:
    """The values of all placeholders for a text in *language*."""
    due = ""
    if facts.due is not None:
        there = facts.due.astimezone(load_zone(facts.zone))
        with force_locale(language):
            moment = format_datetime(there, "d MMM y, HH:mm", locale=parse_locale(language))
            due = f"{moment} ({zone_abbreviation(there)})"
    link = outside_url(f"/cases/{facts.values['case key']}")
    return {**facts.values, "next answer due": due, "case link": link}


def example_values(ctx: Context) -> dict[str, str]:
    """Values for a preview without a case; what depends on one says what will stand there."""
    provider, name = ctx.provider, ctx.actor.name
    return {
        **{key: f"[{meaning}]" for key, meaning in MEANINGS.items()},
        **EXAMPLES,
        "agent name": name,
        "agent first name": (name.split() or [""])[0],
        "provider name": provider.called,
    }


def state_word(ctx: Context, state: str) -> str:
    """The provider's word for *state* on the desk."""
    return vocabulary.vocabulary(ctx, "staff").word(State(state))


def macro_lines(ctx: Context, reply: CannedReply) -> list[str]:
    """What sending *reply* sets, whatever the case."""
    macro = reply.macro
    plan = MacroPlan(macro.status, macro.severity, macro.takes)
    return plan_lines(ctx, reply, plan)


def plan_lines(ctx: Context, reply: CannedReply, plan: MacroPlan, owner: str = "") -> list[str]:
    """What follows from sending *reply*, one sentence each. *owner*: from whom the case is taken over."""
    lines = []
    if plan.status:
        lines.append(_("The case becomes “%(state)s”.", state=state_word(ctx, plan.status)))
    if plan.severity is not None:
        level = level_name(ctx, plan.severity)
        lines.append(_("The severity becomes “%(level)s”.", level=level))
        lines.append(_("The customer reads why: “%(reason)s”", reason=reply.severity_reason))
    if plan.takes_over:
        lines.append(_("You take the case over from %(name)s.", name=owner) if owner else _("You take the case over."))
    elif plan.takes:
        lines.append(_("You become the owner of the case."))
    return lines


def blocked_lines(ctx: Context, case: Case, reply: CannedReply, plan: MacroPlan) -> list[str]:
    """What *reply* would set and cannot, one sentence each."""
    now = vocabulary.vocabulary(ctx, "staff").of(case)
    lines = []
    if "status" in plan.blocked:
        wanted = state_word(ctx, reply.status)
        lines.append(_("The status stays: from “%(now)s” the case cannot become “%(state)s”.", now=now, state=wanted))
    if "severity" in plan.blocked:
        lines.append(_("The severity stays: it cannot be changed while the case is “%(now)s”.", now=now))
    if "owner" in plan.blocked:
        lines.append(_("The owner stays: the case cannot be taken while it is “%(now)s”.", now=now))
    return lines


def language_label(language: str, wished: str) -> str:
    """Which language a text is in, where it is not the reader's; '' where it is."""
    if language == wished:
        return ""
    return _("in %(language)s", language=language_name(language))
