"""Kept and broken promises in SQL, as `engine.results` defines them; a property test compares both."""

import datetime as dt
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_

from portal.sla.models import SlaClock


def is_overdue(moment: Any) -> ColumnElement[bool]:
    """Whether a clock that has not stopped is a broken promise at *moment*: it runs, or is paused, past its target."""
    return and_(SlaClock.stopped_at.is_(None), SlaClock.due_at <= moment)


def is_broken(moment: Any) -> ColumnElement[bool]:
    """Whether a clock is a broken promise at *moment* (not before it stopped): missed, or overdue."""
    return or_(SlaClock.outcome == "missed", is_overdue(moment))


def ended_between(since: dt.datetime, until: dt.datetime) -> ColumnElement[bool]:
    return and_(SlaClock.stopped_at >= since, SlaClock.stopped_at <= until)


def overdue_at_end(until: dt.datetime) -> ColumnElement[bool]:
    """Whether a clock is overdue at *until*, also if it stopped after that."""
    return or_(is_overdue(until), and_(SlaClock.stopped_at > until, SlaClock.due_at <= until))


def counts_in_period(since: dt.datetime, until: dt.datetime) -> ColumnElement[bool]:
    """Whether a clock counts, kept or broken, in the period (`engine.results.result_in_period`)."""
    return or_(and_(ended_between(since, until), SlaClock.outcome.in_(("met", "missed"))), overdue_at_end(until))


def broken_in_period(since: dt.datetime, until: dt.datetime) -> ColumnElement[bool]:
    """Whether a clock counts as broken in the period."""
    return or_(and_(ended_between(since, until), SlaClock.outcome == "missed"), overdue_at_end(until))


def kept_and_broken(since: dt.datetime, until: dt.datetime) -> tuple[ColumnElement[int], ColumnElement[int]]:
    """How many of the rows of a statement were kept, and how many broken, in the period."""
    kept = and_(ended_between(since, until), SlaClock.outcome == "met")
    return func.count().filter(kept), func.count().filter(broken_in_period(since, until))
