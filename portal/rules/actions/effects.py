"""The effects of rules on one case: each is the verb that people use, done by the system."""

import uuid
from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import gettext as _

from portal.cases.actions import conversation, desk
from portal.cases.models import Case
from portal.cases.queries.severity_levels import level_name
from portal.kernel.context import Context
from portal.rules.engine.case_rules import CaseRuleInUse, Effect, PlannedEffect, Value
from portal.rules.queries.case_rules import department_names, member_names

Apply = Callable[[Context, Case, CaseRuleInUse, Any], bool]


def _set_department(ctx: Context, case: Case, _rule: CaseRuleInUse, value: Any) -> bool:
    desk.assign(ctx, case, owner_id=case.owner_id, department_id=value)
    return True


def _set_owner(ctx: Context, case: Case, _rule: CaseRuleInUse, value: Any) -> bool:
    desk.assign(ctx, case, owner_id=value, department_id=case.department_id)
    return True


def _set_tier(ctx: Context, case: Case, rule: CaseRuleInUse, value: Any) -> bool:
    # A rule changes nothing beside what it says: the owner keeps the case.
    why = _("A rule set the tier: %(rule)s", rule=rule.name)
    desk.escalate(ctx, case, tier=value, note=why, keep_owner=why)
    return True


def _set_severity(ctx: Context, case: Case, rule: CaseRuleInUse, value: Any) -> bool:
    desk.redefine_severity(ctx, case, severity=value, reason=rule.reason)
    return True


def _add_follower(ctx: Context, case: Case, _rule: CaseRuleInUse, value: Any) -> bool:
    return desk.add_follower(ctx, case, value)


def _add_note(ctx: Context, case: Case, rule: CaseRuleInUse, value: Any) -> bool:
    signed = _("Note of the rule: %(rule)s", rule=rule.name)
    conversation.note(ctx, case, body=f"{value}\n\n{signed}")
    return True


_APPLY: Mapping[Effect, Apply] = {
    Effect.DEPARTMENT: _set_department,
    Effect.TIER: _set_tier,
    Effect.OWNER: _set_owner,
    Effect.SEVERITY: _set_severity,
    Effect.FOLLOWER: _add_follower,
    Effect.NOTE: _add_note,
}


def apply_effect(ctx: Context, case: Case, rule: CaseRuleInUse, one: PlannedEffect) -> bool:
    """Do one effect of *rule* to *case* as the system; returns whether anything changed. Records what the verb records;
    raises what the verb raises where the case does not allow it."""
    return _APPLY[one.effect](ctx, case, rule, one.after)


def name_value(ctx: Context, effect: Effect, value: Value | None) -> str:
    """*value* of *effect* as people read it; '' for none."""
    if value is None or effect is Effect.NOTE:
        return ""
    if effect is Effect.SEVERITY and isinstance(value, int):
        return level_name(ctx, value)
    if not isinstance(value, uuid.UUID):
        return str(value)
    names = department_names(ctx, [value]) if effect is Effect.DEPARTMENT else member_names(ctx, [value])
    return names.get(value, "")
