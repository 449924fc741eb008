"""Writes on escalation rules: who is notified, what is raised, at which share of which clock."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import select

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.authz.scopes import load
from portal.kernel import ids, text
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.errors import Conflict, Refused
from portal.kernel.events import record
from portal.sla.actions.changes import clean_free_name
from portal.sla.engine.policy import RANKS, ClockKind
from portal.sla.models import EscalationRule, EscalationStep, SlaPolicy
from portal.sla.models.escalation import CUSTOMERS, EFFECTS
from portal.sla.rule_versions import clear_steps
from portal.tenants.models import StaffMember

# The groups that a step can notify, beside single members of staff by id.
RECIPIENT_GROUPS = ("owner", "lead", "account_manager", "department", "tier", CUSTOMERS)
STEPS_LIMIT = 30


@dataclass(frozen=True, slots=True)
class StepDesign:
    """One step as somebody designs it; `id` of a step that is there already, so that it does not fire a second time.

    See `EscalationStep` for what `whom`, `target` and `note` mean to each effect.
    """

    percent: int
    does: str
    whom: Sequence[str] = ()
    target: str = ""
    note: str = ""
    id: Id | None = None


def add_rule(
    ctx: Context,
    *,
    name: str,
    kinds: Sequence[str],
    severities: Sequence[int] = (),
    policy: SlaPolicy | None = None,
    steps: Sequence[StepDesign],
) -> EscalationRule:
    """A new rule for clocks of *kinds* and *severities* (none: all) of *policy* (None: of every policy).

    It holds for thresholds that clocks reach from now on. Records `rule.added`. Raises Refused with the field.
    """
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    row = EscalationRule(
        provider_id=ctx.provider_id,
        name=clean_free_name(ctx, EscalationRule, name),
        policy_id=policy.id if policy else None,
        kinds=_check_kinds(kinds),
        severities=_check_severities(severities),
        created_at=ctx.now,
    )
    ctx.session.add(row)
    ctx.session.flush()
    _set_steps(ctx, row, steps)
    record(ctx, "rule.added", row, name=row.name, steps=len(steps))
    clear_steps(ctx)
    return row


def change_rule(
    ctx: Context,
    row: EscalationRule,
    *,
    name: str,
    kinds: Sequence[str],
    severities: Sequence[int] = (),
    policy: SlaPolicy | None = None,
    steps: Sequence[StepDesign],
    active: bool = True,
    seen: int | None = None,
) -> None:
    """Change a rule and its steps; steps that fired do not fire again. Records `rule.changed`.

    Conflict if *seen* is no longer its version.
    """
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    row = load(ctx, EscalationRule, EscalationRule.id == row.id, lock=True)
    if seen is not None and seen != row.version:
        raise Conflict(_("Somebody changed %(name)s in the meantime. Look at it again.", name=row.name))
    before = {"name": row.name, "kinds": row.kinds, "severities": row.severities, "active": row.active}
    if name != row.name:
        row.name = clean_free_name(ctx, EscalationRule, name, row)
    row.kinds, row.severities, row.active = _check_kinds(kinds), _check_severities(severities), active
    row.policy_id = policy.id if policy else None
    row.version += 1
    _set_steps(ctx, row, steps)
    after = {"name": row.name, "kinds": row.kinds, "severities": row.severities, "active": row.active}
    changed = {key: [before[key], after[key]] for key in before if before[key] != after[key]}
    record(ctx, "rule.changed", row, changed=changed, steps=len(steps))
    clear_steps(ctx)


def forget_rule(ctx: Context, _row: EscalationRule) -> None:
    """Let this unit of work read the rules anew, after one was deleted."""
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    clear_steps(ctx)


def _set_steps(ctx: Context, row: EscalationRule, steps: Sequence[StepDesign]) -> None:
    if not steps:
        raise Refused(_("Give the rule at least one step"), "steps")
    if len(steps) > STEPS_LIMIT:
        raise Refused(_("A rule has at most %(n)d steps", n=STEPS_LIMIT), "steps")
    known = {s.id: s for s in ctx.session.scalars(select(EscalationStep).where(EscalationStep.rule_id == row.id))}
    kept = set()
    for position, design in enumerate(steps):
        _check_step(ctx, design)
        step = known.get(design.id) if design.id else None
        if step is None:
            step = EscalationStep(provider_id=ctx.provider_id, rule_id=row.id)
            ctx.session.add(step)
        step.position, step.percent, step.does = position, design.percent, design.does
        step.whom, step.target = list(map(str, design.whom)), design.target
        step.note, step.active = text.clean_line(design.note)[:2000], True
        ctx.session.flush()
        kept.add(step.id)
    for step in known.values():
        step.active = step.id in kept
    ctx.session.flush()


def _check_step(ctx: Context, design: StepDesign) -> None:
    if not 1 <= design.percent <= 500:
        raise Refused(_("A step happens at 1 to 500 % of the time"), "percent")
    if design.does not in EFFECTS:
        raise Refused(_("Choose what the step does"), "does")
    if design.does == "notify":
        if not design.whom:
            raise Refused(_("Choose who is notified"), "whom")
        people = [one for one in design.whom if one not in RECIPIENT_GROUPS]
        if any(not _is_staff(ctx, one) for one in people):
            raise Refused(_("Choose a member of your team"), "whom")
        if CUSTOMERS in design.whom and design.percent < 100:
            raise Refused(_("Notify the customer of broken promises only: at 100 % of the time or later"), "whom")
    if design.does == "raise_tier" and design.target not in ("", "0", "2", "3"):
        raise Refused(_("Choose the tier"), "target")
    if design.does == "reassign" and design.target != "lead" and not _is_staff(ctx, design.target):
        raise Refused(_("Choose a member of your team"), "target")


def _is_staff(ctx: Context, written: str) -> bool:
    staff_id = ids.parse_id(written)
    known = select(StaffMember.id).where(
        StaffMember.provider_id == ctx.provider_id, StaffMember.id == staff_id, StaffMember.active
    )
    return staff_id is not None and ctx.session.scalar(known) is not None


def _check_kinds(kinds: Sequence[str]) -> list[str]:
    if not kinds or set(kinds) - {kind.value for kind in ClockKind}:
        raise Refused(_("Choose the clocks that the rule applies to"), "kinds")
    return sorted(set(kinds))


def _check_severities(severities: Sequence[int]) -> list[int]:
    if set(severities) - set(RANKS):
        raise Refused(_("Choose one of the severities"), "severities")
    return sorted(set(severities))
