"""Running rules on a case: once for an occasion, as the system, with an entry in the log of what was done and why not.

Nothing that a rule does is an occasion. Occasions are what people do (opening, writing: `reactions` ask who did it) and
time after that (`engine.moments`), and the unique row of the log lets a rule run once for each. So the number of runs
is at most the number of rules times that of occasions, whatever the rules say.
"""

import datetime as dt
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError

from portal.cases.models import Case, CaseLocation
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.errors import PortalError
from portal.kernel.events import record
from portal.kernel.ids import new_id
from portal.kernel.system_context import as_system
from portal.rules.actions.effects import apply_effect, name_value
from portal.rules.engine.case_rules import CaseRuleInUse, EffectOutcome, PlannedEffect, PlannedRule, plan
from portal.rules.models import CaseRuleFiring
from portal.rules.queries.case_facts import facts_of
from portal.rules.rules import EVENT

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Occasion:
    """Why rules look at a case: its key is unique in the case, *moment* the time from which it counts."""

    key: str
    moment: dt.datetime


def run_rules(ctx: Context, case: Case, rules: Sequence[CaseRuleInUse], occasion: Occasion) -> int:
    """Run those of *rules* that fit *case* on *occasion*; returns how many ran. Records `case_rule.fired` for each that
    did something, or could not. Never raises for what a rule cannot do: the log says it."""
    if not rules or not case.unresolved:
        return 0
    with as_system(ctx) as inner, force_locale(inner.provider.locale or "en"):
        fitting = plan(rules, facts_of(inner, case, rules))
        return sum([_run_rule(inner, case, planned, occasion) for planned in fitting])


def run_time_rule(ctx: Context, case: Case, rule: CaseRuleInUse, occasion: Occasion) -> int:
    """As `run_rules` for one time rule, which looks once: that a case did not fit is stored, too."""
    count = run_rules(ctx, case, [rule], occasion)
    if not count:
        _claim(ctx, case, rule, occasion, fits=False)
    return count


def _claim(ctx: Context, case: Case, rule: CaseRuleInUse, occasion: Occasion, *, fits: bool) -> Id | None:
    """Write the row of the log of *rule* for *occasion*, and return its id; None if there is one already."""
    row = insert(CaseRuleFiring).values(
        id=new_id(),
        **CaseLocation.of(case).columns(),
        rule_id=rule.id,
        rule_name=rule.name,
        trigger=rule.trigger.value,
        occasion=occasion.key,
        moment=occasion.moment,
        fired_at=ctx.now,
        fits=fits,
        did=[],
    )
    found: Id | None = ctx.session.scalar(row.on_conflict_do_nothing().returning(CaseRuleFiring.id))
    return found


def _run_rule(ctx: Context, case: Case, planned: PlannedRule, occasion: Occasion) -> bool:
    """Run one rule, unless it ran on this occasion already; returns whether it did."""
    rule = planned.rule
    firing_id = _claim(ctx, case, rule, occasion, fits=True)
    if firing_id is None:
        return False
    did = [_run_effect(ctx, case, rule, one) for one in planned.effects]
    ctx.session.execute(
        update(CaseRuleFiring)
        .where(CaseRuleFiring.id == firing_id)
        .values(did=did)
        .execution_options(synchronize_session=False)
    )
    told = [one for one in did if one["outcome"] in ("done", "failed")]
    if told:
        record(ctx, EVENT, case, case=case, rule=rule.name, trigger=rule.trigger.value, did=told)
    return True


def _run_effect(ctx: Context, case: Case, rule: CaseRuleInUse, one: PlannedEffect) -> dict[str, Any]:
    """Do one effect in a savepoint; returns its entry in the log."""
    entry = {
        "effect": one.effect.value,
        "outcome": one.outcome.value,
        "before": name_value(ctx, one.effect, one.before),
        "after": name_value(ctx, one.effect, one.after),
        "why": one.by,
    }
    if one.outcome is not EffectOutcome.DO:
        return entry
    try:
        with ctx.session.begin_nested():
            changed = apply_effect(ctx, case, rule, one)
    except PortalError as problem:
        return {**entry, "outcome": "failed", "why": problem.message or type(problem).__name__}
    except SQLAlchemyError:
        log.exception("an effect of a rule failed", extra={"rule": str(rule.id), "case": str(case.id)})
        return {**entry, "outcome": "failed", "why": _("It could not be stored")}
    return {**entry, "outcome": "done" if changed else "same"}
