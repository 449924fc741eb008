"""What a provider has set up already, as facts of the database. One statement."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, or_, select

from portal.authz.scopes import scope
from portal.cases.models import Case, RequestType
from portal.channels.mail.models import Mailbox
from portal.kernel.actor import Actor, Id
from portal.kernel.context import Context
from portal.kernel.statement_cache import fetch_rows
from portal.kernel.system_context import as_system
from portal.sla.models import Assignment, CalendarVersion, SlaCalendar, SlaPolicy
from portal.tenants.models import Account, Contact, Department, Environment, StaffMember


@dataclass(frozen=True, slots=True)
class SetupFacts:
    """Which of the things that the first day needs exist."""

    zone: bool
    support_ways: bool
    calendar: bool
    holidays: bool
    policy: bool
    assignment: bool
    request_types: bool
    department: bool
    routing: bool
    team: bool
    account: bool
    environment: bool
    people: bool
    mailbox: bool
    case: bool
    answer: bool
    # The first request type whose cases go to no department.
    unrouted_type: Id | None = None


def setup_facts(ctx: Context) -> SetupFacts:
    """The facts of the whole provider, whoever asks: whether a case was answered, say, and never which."""
    provider = ctx.provider
    with as_system(ctx) as system:
        row = fetch_rows(system, _existing)[0]
    return SetupFacts(
        zone=provider.zone != "UTC",
        support_ways=bool(provider.support_phone or provider.support_email),
        **row._mapping,
    )


def _existing(actor: Actor) -> "Select[Any]":
    """One row: whether there is anything of each kind."""
    active_type = scope(actor, RequestType).where(RequestType.active)
    statements: dict[str, Select[Any]] = {
        "calendar": scope(actor, SlaCalendar).where(SlaCalendar.archived.is_(False)),
        "holidays": scope(actor, SlaCalendar)
        .join(CalendarVersion, SlaCalendar.version.of_type(CalendarVersion))
        .where(SlaCalendar.archived.is_(False), _has_holidays()),
        "policy": scope(actor, SlaPolicy).where(SlaPolicy.archived.is_(False)),
        "assignment": scope(actor, Assignment).where(Assignment.policy_id.is_not(None)),
        "request_types": active_type,
        "department": scope(actor, Department).where(Department.active),
        "routing": active_type.where(RequestType.department_id.is_not(None)),
        # The second one: the first is the owner.
        "team": scope(actor, StaffMember).where(StaffMember.active).offset(1),
        "account": scope(actor, Account),
        "environment": scope(actor, Environment).where(Environment.active),
        "people": scope(actor, Contact).where(Contact.active),
        "mailbox": scope(actor, Mailbox),
        "case": scope(actor, Case),
        "answer": scope(actor, Case).where(Case.first_answer_at.is_not(None)),
    }
    unrouted = active_type.where(RequestType.department_id.is_(None)).order_by(RequestType.position, RequestType.id)
    first = unrouted.with_only_columns(RequestType.id).limit(1).scalar_subquery().label("unrouted_type")
    asked: list[Any] = [first]
    asked += [statement.limit(1).exists().label(name) for name, statement in statements.items()]
    return select(*asked)


def _has_holidays() -> Any:
    content = CalendarVersion.content
    return or_(content["country"].astext != "", content["holidays"].astext != "[]")
