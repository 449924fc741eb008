"""What clients do with cases: one resource a module."""

from portal.cases.routes.portal import (
    attachments,
    case,
    cases,
    closing,
    conversation,
    details,
    exclusions,
    home,
    opening,
    people,
    reopening,
    resolution,
    sharing,
    subscription,
    tick,
)

__all__ = [
    "attachments",
    "case",
    "cases",
    "closing",
    "conversation",
    "details",
    "exclusions",
    "home",
    "opening",
    "people",
    "reopening",
    "resolution",
    "sharing",
    "subscription",
    "tick",
]
