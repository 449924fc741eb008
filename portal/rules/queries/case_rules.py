"""The rules of a provider, and the names of what they name."""

from collections.abc import Iterable, Sequence
from typing import Any

from portal.authz.scopes import load, scope
from portal.identity.models import User
from portal.kernel.actor import Id
from portal.kernel.config_cache import cached_config, for_everybody
from portal.kernel.context import Context
from portal.kernel.system_context import as_system
from portal.kernel.text import clean_line
from portal.rules.engine.case_rules import CaseRuleInUse, Conditions, Effect, Trigger, Value
from portal.rules.models import CaseRule
from portal.rules.rules import MOST_PHRASES, MOST_RULES
from portal.tenants.models import Account, Department, Environment, Organization, StaffMember


def rules(ctx: Context) -> Sequence[CaseRule]:
    """All visible rules in the order in which they run, those in use first."""
    rows = scope(ctx.actor, CaseRule).order_by(CaseRule.active.desc(), CaseRule.position, CaseRule.id)
    return ctx.session.scalars(rows.limit(MOST_RULES)).all()


def rule(ctx: Context, rule_id: Id, *, lock: bool = False) -> CaseRule:
    """One visible rule; NotFound otherwise."""
    return load(ctx, CaseRule, CaseRule.id == rule_id, lock=lock)


def rules_of(ctx: Context, *triggers: Trigger) -> list[CaseRuleInUse]:
    """The rules in use with one of *triggers*, in their order; no statement while no rule changed."""
    return [to_rule_in_use(row) for row in cached_config(ctx, for_everybody, _read_active) if row.trigger in triggers]


def time_rules(ctx: Context) -> Sequence[CaseRule]:
    """The rules in use that wait for hours, in their order."""
    rows = scope(ctx.actor, CaseRule).where(CaseRule.active, CaseRule.hours > 0)
    return ctx.session.scalars(rows.order_by(CaseRule.position, CaseRule.id).limit(MOST_RULES)).all()


def _read_active(ctx: Context) -> Sequence[Any]:
    """The rows of the rules in use: they run for cases of every client, whoever writes."""
    with as_system(ctx) as inner:
        rows = scope(inner.actor, CaseRule).where(CaseRule.active).order_by(CaseRule.position, CaseRule.id)
        return inner.session.execute(rows.with_only_columns(*CaseRule.__table__.columns).limit(MOST_RULES)).all()


def to_rule_in_use(row: Any) -> CaseRuleInUse:
    """*row*, of the table or of the cache, as the engine takes it."""
    given: dict[Effect, Value | None] = {
        Effect.DEPARTMENT: row.set_department_id,
        Effect.TIER: row.set_tier,
        Effect.OWNER: row.set_owner_id,
        Effect.SEVERITY: row.set_severity,
        Effect.FOLLOWER: row.follower_id,
        Effect.NOTE: row.note or None,
    }
    conditions = Conditions(
        organization_id=row.organization_id,
        account_id=row.account_id,
        request_type_id=row.request_type_id,
        environment_id=row.environment_id,
        environment_kind=row.environment_kind,
        department_id=row.department_id,
        severity=row.severity,
        tier=row.tier,
        channel=row.channel,
        status=row.status,
        subject_words=phrases(row.subject_words),
        text_words=phrases(row.text_words),
        domain=row.domain,
        unowned=row.unowned,
    )
    effects = {effect: value for effect, value in given.items() if value is not None}
    return CaseRuleInUse(row.id, row.name, Trigger(row.trigger), row.hours, conditions, effects, row.reason)


def phrases(written: str) -> tuple[str, ...]:
    """The phrases of a condition, from what was written: separated by commas or lines, each once."""
    found = [clean_line(part) for part in written.replace("\n", ",").split(",")]
    return tuple(dict.fromkeys(one for one in found if one))[:MOST_PHRASES]


def names_of(ctx: Context, rows: Iterable[Any]) -> dict[Id, str]:
    """The names of the clients, accounts, environments, departments and staff members of *rows*, by id. Five statements
    at most, for any number of rules."""
    given = list(rows)
    columns: tuple[tuple[Any, Any, tuple[str, ...]], ...] = (
        (Organization, Organization.name, ("organization_id",)),
        (Account, Account.key, ("account_id",)),
        (Environment, Environment.name, ("environment_id",)),
        (Department, Department.name, ("department_id", "set_department_id")),
    )
    found: dict[Id, str] = {}
    for model, name, keys in columns:
        wanted = {value for row in given for key in keys if (value := getattr(row, key, None))}
        if wanted:
            named = scope(ctx.actor, model).where(model.id.in_(wanted)).with_only_columns(model.id, name)
            found |= {one[0]: one[1] for one in ctx.session.execute(named)}
    people = {value for row in given for key in ("set_owner_id", "follower_id") if (value := getattr(row, key, None))}
    return found | member_names(ctx, people)


def member_names(ctx: Context, staff_ids: Iterable[Id]) -> dict[Id, str]:
    """The names of staff members, also of those who left."""
    wanted = set(staff_ids)
    if not wanted:
        return {}
    members = scope(ctx.actor, StaffMember).where(StaffMember.id.in_(wanted))
    named = members.join(User, User.id == StaffMember.user_id).with_only_columns(StaffMember.id, User.name)
    return {row[0]: row[1] for row in ctx.session.execute(named)}


def department_names(ctx: Context, department_ids: Iterable[Id]) -> dict[Id, str]:
    """The names of departments, also of archived ones."""
    rows = scope(ctx.actor, Department).where(Department.id.in_(set(department_ids)))
    return {row[0]: row[1] for row in ctx.session.execute(rows.with_only_columns(Department.id, Department.name))}


def environment_named(ctx: Context, account_id: Id, name: str) -> Environment | None:
    """The environment of the account with that name, whatever its capitals; None without one."""
    rows = scope(ctx.actor, Environment).where(Environment.account_id == account_id).order_by(Environment.id).limit(500)
    return next((one for one in ctx.session.scalars(rows) if one.name.casefold() == name.casefold()), None)
