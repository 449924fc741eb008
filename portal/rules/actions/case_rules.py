"""Writes on rules. They need `provider:configure`."""

from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func

from portal.approvals.queries.people import organization_named
from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.authz.scopes import scope
from portal.cases.queries import request_types
from portal.cases.queries.severity_levels import severity_levels
from portal.cases.queries.staff import possible_owners
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.errors import NotFound, Refused
from portal.kernel.events import record
from portal.kernel.ids import new_id
from portal.rules.engine.case_rules import TIMED, Trigger
from portal.rules.engine.moments import STATUSES
from portal.rules.models import CaseRule
from portal.rules.queries.case_rules import environment_named
from portal.rules.rules import MOST_RULES
from portal.tenants.queries.accounts import account_by_key
from portal.tenants.queries.departments import active_departments


@dataclass(frozen=True, slots=True)
class CaseRuleFacts:
    """A rule as it was written. *client*: the key of an account or the name of an organization; '' for everybody;
    *environment*: a name in that account."""

    name: str
    trigger: Trigger
    active: bool = True
    position: int = 1
    hours: int = 0
    client: str = ""
    environment: str = ""
    environment_kind: str = ""
    request_type_id: Id | None = None
    department_id: Id | None = None
    severity: int | None = None
    tier: int | None = None
    channel: str = ""
    status: str = ""
    subject_words: str = ""
    text_words: str = ""
    domain: str = ""
    unowned: bool = False
    set_department_id: Id | None = None
    set_tier: int | None = None
    set_owner_id: Id | None = None
    set_severity: int | None = None
    reason: str = ""
    follower_id: Id | None = None
    note: str = ""


# What is stored as it was written.
_PLAIN = (
    *("name", "active", "position", "environment_kind", "request_type_id", "department_id", "severity", "tier"),
    *("channel", "subject_words", "text_words", "unowned", "set_department_id", "set_tier", "set_owner_id"),
    *("set_severity", "reason", "follower_id", "note"),
)
_EFFECTS = ("set_department_id", "set_tier", "set_owner_id", "set_severity", "follower_id", "note")


def add_rule(ctx: Context, facts: CaseRuleFacts) -> CaseRule:
    """Add a rule; records `case_rule.added`. Raises Refused with the field for what cannot be taken."""
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    count = ctx.session.scalar(scope(ctx.actor, CaseRule).with_only_columns(func.count()).order_by(None))
    if (count or 0) >= MOST_RULES:
        raise Refused(_("There are as many rules as there can be. Change one of them"))
    row = CaseRule(provider_id=ctx.provider_id, active_since=ctx.now, version=1, **check_rule(ctx, facts))
    ctx.session.add(row)
    ctx.session.flush()
    record(ctx, "case_rule.added", row, rule=row.name)
    return row


def draft_rule(ctx: Context, facts: CaseRuleFacts) -> CaseRule:
    """The rule as it was written, stored nowhere, for a trial. Raises Refused as `add_rule`."""
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    return CaseRule(id=new_id(), provider_id=ctx.provider_id, active_since=ctx.now, **check_rule(ctx, facts))


def change_rule(ctx: Context, row: CaseRule, facts: CaseRuleFacts) -> None:
    """Change a rule; records `case_rule.changed`. From now on it runs as it says; what it did stays. A time rule begins
    anew: it leaves alone what was due before."""
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    columns = check_rule(ctx, facts)
    changed = sorted(name for name, value in columns.items() if getattr(row, name) != value)
    if not changed:
        return
    for name in changed:
        setattr(row, name, columns[name])
    if set(changed) - {"name", "position", "note", "reason"}:
        row.active_since = ctx.now
    row.version += 1
    ctx.session.flush()
    record(ctx, "case_rule.changed", row, rule=row.name, changed=changed)


def switch_rule(ctx: Context, row: CaseRule, *, active: bool) -> None:
    """Take a rule into use or out of it; records `case_rule.changed`."""
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    if row.active == active:
        return
    row.active, row.active_since = active, ctx.now
    row.version += 1
    ctx.session.flush()
    record(ctx, "case_rule.changed", row, rule=row.name, changed=["active"])


def delete_rule(ctx: Context, row: CaseRule) -> None:
    """Delete a rule; records `case_rule.deleted`. Cases and the log keep what it did."""
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    record(ctx, "case_rule.deleted", row, rule=row.name)
    ctx.session.delete(row)
    ctx.session.flush()


def check_rule(ctx: Context, facts: CaseRuleFacts) -> dict[str, Any]:
    """The columns of a rule as it was written. Raises Refused with the field for what cannot be taken; changes
    nothing."""
    _check_choices(ctx, facts)
    timed = facts.trigger in TIMED
    if timed and not facts.hours:
        raise Refused(_("Write after how many hours"), "hours")
    if facts.trigger is Trigger.IN_STATUS and facts.status not in STATUSES:
        raise Refused(_("Choose the status in which the case stays"), "status")
    if not any(getattr(facts, name) for name in _EFFECTS):
        raise Refused(_("Choose at least one thing that the rule does"), "set_department")
    if facts.set_severity and not facts.reason.strip():
        raise Refused(_("Write why; the customer reads it"), "reason")
    organization_id, account_id = _place(ctx, facts.client)
    return {
        **{name: getattr(facts, name) for name in _PLAIN},
        "trigger": facts.trigger.value,
        "hours": facts.hours if timed else 0,
        "status": facts.status,
        "domain": _domain(facts.domain),
        "organization_id": organization_id,
        "account_id": account_id,
        "environment_id": _environment(ctx, account_id, facts.environment),
    }


def _check_choices(ctx: Context, facts: CaseRuleFacts) -> None:
    """Raise Refused for a choice that is not offered (any more)."""
    departments = {row.id for row in active_departments(ctx)}
    owners = {staff_id for staff_id, _name in possible_owners(ctx)}
    ranks = {row.rank for row in severity_levels(ctx)}
    types = {row.id for row in request_types(ctx)}
    for field, value, offered in (
        ("department", facts.department_id, departments),
        ("set_department", facts.set_department_id, departments),
        ("set_owner", facts.set_owner_id and str(facts.set_owner_id), owners),
        ("follower", facts.follower_id and str(facts.follower_id), owners),
        ("severity", facts.severity, ranks),
        ("set_severity", facts.set_severity, ranks),
        ("request_type", facts.request_type_id, types),
    ):
        if value and value not in offered:
            raise Refused(_("Choose one of the options"), field)


def _place(ctx: Context, client: str) -> tuple[Id | None, Id | None]:
    """(organization, account) of what was written."""
    if not client:
        return None, None
    try:
        account = account_by_key(ctx, client.upper())
    except NotFound:
        found = organization_named(ctx, client)
        if found is None:
            raise Refused(_("No client has this name, and no account this key"), "client") from None
        return found.id, None
    return account.organization_id, account.id


def _environment(ctx: Context, account_id: Id | None, name: str) -> Id | None:
    if not name:
        return None
    if account_id is None:
        raise Refused(_("Name the account of the environment as the client, by its key"), "environment")
    found = environment_named(ctx, account_id, name)
    if found is None:
        raise Refused(_("The account has no environment with this name"), "environment")
    return found.id


def _domain(written: str) -> str:
    """The domain of what was written: with or without the sign before it."""
    domain = written.rpartition("@")[2].strip().casefold()
    if domain and ("." not in domain or " " in domain or "/" in domain):
        raise Refused(_("Write a domain, for example example.com"), "domain")
    return domain
