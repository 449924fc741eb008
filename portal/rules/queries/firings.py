"""The log of what rules did, and the cases for which a time rule is due."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import contains_eager

from portal.authz.scopes import scope
from portal.cases.models import Case, Message
from portal.cases.queries.status_filter import UNRESOLVED_CASE, state_condition
from portal.kernel import retention
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.events import Event
from portal.kernel.paging import Page, fetch_page_of
from portal.rules.engine.case_rules import Trigger
from portal.rules.engine.moments import ENTERS
from portal.rules.models import CaseRule, CaseRuleFiring
from portal.rules.rules import BATCH, CATCH_UP_DAYS
from portal.tenants.models import Account

PAGE = 50


def firing_page(ctx: Context, rule_id: Id, number: int) -> Page[CaseRuleFiring]:
    """One page of the log of a rule, newest first, of cases that the reader sees."""
    rows = (
        scope(ctx.actor, CaseRuleFiring)
        .where(CaseRuleFiring.rule_id == rule_id, CaseRuleFiring.fits)
        .join(Case, Case.id == CaseRuleFiring.case_id)
        .join(Account, Account.id == Case.account_id)
        .options(contains_eager(CaseRuleFiring.case).contains_eager(Case.account))
        .order_by(CaseRuleFiring.id.desc())
    )
    return fetch_page_of(ctx.session, rows, number, PAGE)


def last_runs(ctx: Context) -> dict[Id, dt.datetime]:
    """When each rule ran last, by rule: of those in the log whose cases the reader sees."""
    rows = scope(ctx.actor, CaseRuleFiring).where(CaseRuleFiring.fits).group_by(CaseRuleFiring.rule_id)
    columns = (CaseRuleFiring.rule_id, func.max(CaseRuleFiring.fired_at))
    return {row[0]: row[1] for row in ctx.session.execute(rows.with_only_columns(*columns))}


def due_cases(ctx: Context, rule: CaseRule) -> Sequence[tuple[Id, dt.datetime]]:
    """(case, moment from which the time counts) for which a time rule is due and did not look yet: at most BATCH, those
    that wait longest first. Conditions that may change are read when the rule looks, which it does once."""
    moment = moment_of(rule)
    wait = dt.timedelta(hours=rule.hours)
    earliest = max(rule.active_since, ctx.now - dt.timedelta(days=CATCH_UP_DAYS)) - wait
    ran = select(CaseRuleFiring.id).where(
        CaseRuleFiring.case_id == Case.id, CaseRuleFiring.rule_id == rule.id, CaseRuleFiring.moment == moment
    )
    rows = scope(ctx.actor, Case).where(UNRESOLVED_CASE, moment > earliest, moment <= ctx.now - wait, ~ran.exists())
    # No moment is before the opening or after the last public change: what an index finds is looked at alone.
    rows = rows.where(Case.opened_at <= ctx.now - wait, Case.updated_at > earliest)
    for column, wanted in (
        (Case.organization_id, rule.organization_id),
        (Case.account_id, rule.account_id),
        (Case.request_type_id, rule.request_type_id),
    ):
        if wanted is not None:
            rows = rows.where(column == wanted)
    if rule.trigger == Trigger.IN_STATUS:
        rows = rows.where(state_condition(rule.status))
    found = ctx.session.execute(rows.with_only_columns(Case.id, moment).order_by(moment, Case.id).limit(BATCH))
    return [(row[0], row[1]) for row in found]


def is_still_due(ctx: Context, rule: CaseRule, case: Case, moment: dt.datetime) -> bool:
    """Whether *rule* still counts from *moment* in *case*: nobody wrote or changed the status since it was found."""
    if rule.trigger == Trigger.IN_STATUS and case.state != rule.status:
        return False
    rows = scope(ctx.actor, Case).where(Case.id == case.id).with_only_columns(moment_of(rule))
    found: dt.datetime | None = ctx.session.scalar(rows)
    return found == moment and moment + dt.timedelta(hours=rule.hours) <= ctx.now


def moment_of(rule: CaseRule) -> ColumnElement[Any]:
    """The moment from which the time of *rule* counts in a case."""
    if rule.trigger == Trigger.SINCE_OPENED or (rule.trigger == Trigger.IN_STATUS and rule.status == "new"):
        return Case.opened_at.expression
    if rule.trigger == Trigger.IN_STATUS:
        entered = select(func.max(Event.recorded_at)).where(
            Event.case_id == Case.id, Event.name.in_(ENTERS.get(rule.status, ()))
        )
        return entered.correlate(Case).scalar_subquery()
    side = "contact" if rule.trigger == Trigger.SINCE_CUSTOMER else "staff"
    spoke = select(func.max(Message.recorded_at)).where(
        Message.case_id == Case.id, Message.author_side == side, Message.kind != "note"
    )
    last = spoke.correlate(Case).scalar_subquery()
    return func.coalesce(last, Case.opened_at) if rule.trigger == Trigger.SINCE_CUSTOMER else last


def delete_old_firings(ctx: Context, before: dt.datetime, limit: int) -> int:
    """Delete what rules did before *before* from the log; the history of the cases keeps it."""
    return retention.delete_rows(ctx, CaseRuleFiring, limit, CaseRuleFiring.fired_at < before)
