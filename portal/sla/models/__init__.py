"""The tables of promises, by what they hold."""

from portal.sla.models.assignments import Assignment, CalendarVersion, PolicyVersion, SlaCalendar, SlaPolicy
from portal.sla.models.clocks import BreachReason, CaseStanding, SlaClock
from portal.sla.models.disputes import Objection, PromiseShown
from portal.sla.models.escalation import EscalationRule, EscalationStep, FiredStep
from portal.sla.models.runs import Run

__all__ = [
    "Assignment",
    "BreachReason",
    "CalendarVersion",
    "CaseStanding",
    "EscalationRule",
    "EscalationStep",
    "FiredStep",
    "Objection",
    "PolicyVersion",
    "PromiseShown",
    "Run",
    "SlaCalendar",
    "SlaClock",
    "SlaPolicy",
]
