"""What later features may use of cases: labels, visibility rules, panels."""

from collections.abc import Iterable, Mapping
from typing import Any

from portal.cases import form_fields, vocabulary
from portal.cases.audience import VisibilityFacts, admitting_rules
from portal.cases.engine import request_answers, request_field_rules, request_fields
from portal.cases.models import Case
from portal.cases.panels import Column, ComposerInsert, Draft, Panel, Verb, panels_at
from portal.cases.queries.answer_lines import AnswerLine, answer_lines
from portal.cases.queries.shown_people import shown_people
from portal.cases.receivers import Receiver, find_receivers
from portal.cases.rules import SeverityFloor, effective_severity, strictest_floor
from portal.cases.states import State, default_label
from portal.kernel.actor import Actor
from portal.kernel.context import Context

__all__ = [
    "AnswerLine",
    "Column",
    "ComposerInsert",
    "Draft",
    "Panel",
    "Receiver",
    "SeverityFloor",
    "State",
    "Verb",
    "VisibilityFacts",
    "admitting_rules",
    "answer_lines",
    "answer_texts",
    "default_label",
    "effective_severity",
    "find_receivers",
    "form_fields",
    "may_see",
    "panels_at",
    "request_answers",
    "request_field_rules",
    "request_fields",
    "shown_people",
    "status_label",
    "strictest_floor",
    "vocabulary",
]


def answer_texts(stored: Iterable[Mapping[str, Any]] | None) -> list[str]:
    """The words of a case's answers to the own fields of its type, by which search finds it."""
    return request_answers.search_texts(request_answers.load_answers(stored))


def may_see(actor: Actor, facts: VisibilityFacts) -> bool:
    """Whether any rule lets *actor* see a case with *facts* now."""
    return bool(admitting_rules(actor, facts))


def status_label(ctx: Context, case: Case, side: str) -> str:
    """The status word of *case* for one side ('contact' or 'staff')."""
    return vocabulary.vocabulary(ctx, side).of(case)
