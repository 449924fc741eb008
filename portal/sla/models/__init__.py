"""The tables of promises, by what they hold."""

from portal.sla.models.assignments import Assignment
from portal.sla.models.calendars import CalendarVersion, SlaCalendar
from portal.sla.models.clocks import BreachReason, CaseSlaState, PromiseShown, SlaClock
from portal.sla.models.disputes import Objection
from portal.sla.models.escalation import EscalationRule, EscalationStep, FiredStep
from portal.sla.models.policies import PolicyVersion, SlaPolicy
from portal.sla.models.runs import Run

__all__ = [
    "Assignment",
    "BreachReason",
    "CalendarVersion",
    "CaseSlaState",
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
