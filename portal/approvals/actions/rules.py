"""Writes on rules. They need `provider:configure`."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import func

from portal.approvals.engine.steps import Mode
from portal.approvals.models import ApprovalRule
from portal.approvals.queries.people import find_approver, organization_named
from portal.approvals.rules import APPROVER_ROLES, MOST_AMOUNT, MOST_RULES, MOST_SEATS, MOST_STEPS
from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.authz.scopes import scope
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.errors import NotFound, Refused
from portal.kernel.events import record
from portal.kernel.ids import parse_id
from portal.kernel.text import clean_line
from portal.tenants.queries.accounts import account_by_key


@dataclass(frozen=True, slots=True)
class StepFacts:
    """One step as it was written: *people* one a line, an address or an address with that of a deputy after a slash."""

    mode: str
    needed: int
    roles: Sequence[str]
    people: str

    @property
    def is_empty(self) -> bool:
        return not self.roles and not self.people.strip()


@dataclass(frozen=True, slots=True)
class RuleFacts:
    """A rule as it was written. *client*: the key of an account or the name of an organization; '' for everybody."""

    name: str
    active: bool
    position: int
    client: str
    request_type_id: Id | None
    environment_kind: str
    severity: int | None
    steps: Sequence[StepFacts]
    due_hours: int | None
    remind_hours: int
    pauses: bool
    # The number of a form as `<request type id>:<key of the field>`, and the amount over which it needs the yes.
    amount_field: str = ""
    over: str = ""


def add_rule(ctx: Context, facts: RuleFacts) -> ApprovalRule:
    """Add a rule; records `approval_rule.added`. Raises Refused with the field for what cannot be taken."""
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    count = ctx.session.scalar(scope(ctx.actor, ApprovalRule).with_only_columns(func.count()).order_by(None))
    if (count or 0) >= MOST_RULES:
        raise Refused(_("There are as many rules as there can be. Change one of them"))
    row = ApprovalRule(provider_id=ctx.provider_id, version=0, **_columns(ctx, facts))
    ctx.session.add(row)
    row.version = 1
    ctx.session.flush()
    record(ctx, "approval_rule.added", row, rule=row.name)
    return row


def change_rule(ctx: Context, row: ApprovalRule, facts: RuleFacts) -> None:
    """Change a rule; records `approval_rule.changed`. What was asked before stays as it was asked."""
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    columns = _columns(ctx, facts)
    changed = sorted(name for name, value in columns.items() if getattr(row, name) != value)
    if not changed:
        return
    for name in changed:
        setattr(row, name, columns[name])
    row.version += 1
    ctx.session.flush()
    record(ctx, "approval_rule.changed", row, rule=row.name, changed=changed)


def _columns(ctx: Context, facts: RuleFacts) -> dict[str, Any]:
    organization_id, account_id = _place(ctx, facts.client)
    request_type_id, field_key, over = _amount(facts)
    return {
        "name": facts.name,
        "active": facts.active,
        "position": facts.position,
        "organization_id": organization_id,
        "account_id": account_id,
        "request_type_id": request_type_id,
        "environment_kind": facts.environment_kind,
        "severity": facts.severity,
        "field_key": field_key,
        "over": over,
        "steps": _steps(ctx, facts.steps, organization_id),
        "due_hours": facts.due_hours,
        "remind_hours": facts.remind_hours,
        "pauses": facts.pauses,
    }


def _amount(facts: RuleFacts) -> tuple[Id | None, str, Decimal | None]:
    """(request type, key of its field, amount) of what was written. The form of a request type belongs to it."""
    if not facts.amount_field:
        return facts.request_type_id, "", None
    type_id, _colon, key = facts.amount_field.partition(":")
    if facts.request_type_id is not None and str(facts.request_type_id) != type_id:
        raise Refused(_("This number is asked by the form of another request type"), "amount_field")
    try:
        over = Decimal(facts.over.replace(" ", "").replace(",", "."))
    except InvalidOperation:
        over = Decimal("NaN")
    if not over.is_finite() or abs(over) >= MOST_AMOUNT or over != round(over, 4):
        raise Refused(_("Write the amount as a number, for example 5000"), "over")
    return parse_id(type_id), key[:40], over


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


def _steps(ctx: Context, steps: Sequence[StepFacts], organization_id: Id | None) -> list[dict[str, Any]]:
    found = [_step(ctx, step, number, organization_id) for number, step in enumerate(steps, 1) if not step.is_empty]
    if not found:
        raise Refused(_("Say who must say yes: a role, or people by their email"), "people_1")
    return found[:MOST_STEPS]


def _step(ctx: Context, step: StepFacts, number: int, organization_id: Id | None) -> dict[str, Any]:
    field = f"people_{number}"
    lines = [line for line in step.people.splitlines() if line.strip()]
    if len(lines) > MOST_SEATS:
        raise Refused(ngettext("Name at most %(num)d person", "Name at most %(num)d people", MOST_SEATS), field)
    people = [_person(ctx, line, field, organization_id) for line in lines]
    approvers = {one["id"] for one in people}
    if len(approvers) < len(people):
        raise Refused(_("Name everybody once"), field)
    if any(one["deputy"] in approvers for one in people):
        raise Refused(_("A deputy must be somebody else than the people of the step"), field)
    mode = Mode(step.mode)
    if mode is Mode.COUNT and not step.roles and step.needed > len(people):
        raise Refused(_("Fewer people are named than must say yes"), f"needed_{number}")
    roles = [role for role in APPROVER_ROLES if role in step.roles]
    return {"mode": mode.value, "needed": step.needed if mode is Mode.COUNT else 1, "roles": roles, "people": people}


def _person(ctx: Context, line: str, field: str, organization_id: Id | None) -> dict[str, Any]:
    written, _slash, deputy = line.partition("/")
    return {
        "id": str(_user_id(ctx, written, field, organization_id)),
        "deputy": str(_user_id(ctx, deputy, field, organization_id)) if deputy.strip() else None,
    }


def _user_id(ctx: Context, written: str, field: str, organization_id: Id | None) -> Id:
    email = clean_line(written)[:320]
    found = find_approver(ctx, email, organization_id)
    if found is None:
        raise Refused(_("Nobody of the client has the address “%(email)s”", email=email[:80]), field)
    return found
