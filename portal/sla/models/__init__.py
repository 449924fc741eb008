"""The tables of promises, by what they hold."""

from portal.sla.models.clock import BreachReason, CaseStanding, SlaClock
from portal.sla.models.escalation import EscalationRule, EscalationStep, FiredStep
from portal.sla.models.plan import Assignment, CalendarVersion, PolicyVersion, SlaCalendar, SlaPolicy
from portal.sla.models.record import Objection, PromiseShown
from portal.sla.models.run import Run

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
