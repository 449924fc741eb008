"""What rules read of cases."""

import datetime as dt
from collections.abc import Iterable, Sequence

from sqlalchemy.orm import contains_eager

from portal.approvals.queries.people import addresses_by_user
from portal.authz.scopes import scope
from portal.cases.models import Case, Message
from portal.identity.queries import primary_email
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.events import Event
from portal.rules.engine.case_rules import CaseRuleInUse, RuledCase
from portal.rules.rules import TRIAL_CASES
from portal.tenants.models import Account, Environment


def facts_of(ctx: Context, case: Case, rules: Sequence[CaseRuleInUse]) -> RuledCase:
    """The facts of *case* for *rules*. What is stored elsewhere is read only if one of them asks for it."""
    kind = domain = ""
    if case.environment_id is not None and any(one.conditions.environment_kind for one in rules):
        environment = ctx.session.get(Environment, case.environment_id)
        kind = environment.kind if environment is not None else ""
    if any(one.conditions.domain for one in rules):
        domain = domain_of(primary_email(ctx, case.contact_user_id))
    return build_facts(case, kind, domain)


def build_facts(case: Case, environment_kind: str, domain: str) -> RuledCase:
    """The facts of *case* as it is."""
    return RuledCase(
        organization_id=case.organization_id,
        account_id=case.account_id,
        request_type_id=case.request_type_id,
        environment_id=case.environment_id,
        environment_kind=environment_kind,
        department_id=case.department_id,
        owner_id=case.owner_id,
        severity=case.severity,
        tier=case.tier,
        channel=case.channel,
        status=case.state,
        subject=case.subject,
        text=case.description,
        domain=domain,
    )


def domain_of(email: str) -> str:
    """The domain of *email*, in small letters; '' without one."""
    return email.rpartition("@")[2].casefold() if "@" in email else ""


# -- trial ------------------------------------------------------------------------------------------------------------


def recent_cases(ctx: Context, since: dt.datetime, *, opened: bool) -> Sequence[Case]:
    """The cases that the reader sees and that changed (or were *opened*) since then, newest first, with their accounts:
    at most TRIAL_CASES and one more."""
    rows = scope(ctx.actor, Case).join(Account, Account.id == Case.account_id).options(contains_eager(Case.account))
    rows = rows.where(Case.updated_at >= since, Case.number.is_not(None))
    if opened:
        rows = rows.where(Case.opened_at >= since)
    return ctx.session.scalars(rows.order_by(Case.updated_at.desc(), Case.id.desc()).limit(TRIAL_CASES + 1)).all()


def environment_kinds(ctx: Context, cases: Iterable[Case]) -> dict[Id, str]:
    """The kinds of the environments of *cases*, by environment."""
    wanted = {case.environment_id for case in cases if case.environment_id}
    if not wanted:
        return {}
    rows = scope(ctx.actor, Environment).where(Environment.id.in_(wanted))
    return {row[0]: row[1] for row in ctx.session.execute(rows.with_only_columns(Environment.id, Environment.kind))}


def contact_domains(ctx: Context, cases: Iterable[Case]) -> dict[Id, str]:
    """The domains of the contacts of *cases*, by user."""
    addresses = addresses_by_user(ctx, {case.contact_user_id for case in cases})
    return {user_id: domain_of(email) for user_id, email in addresses.items()}


def public_words(ctx: Context, cases: Iterable[Case], side: str, since: dt.datetime) -> dict[Id, list[dt.datetime]]:
    """When *side* wrote in public in *cases* since then, in order, by case."""
    rows = (
        scope(ctx.actor, Message)
        .where(Message.case_id.in_([case.id for case in cases]), Message.author_side == side, Message.kind != "note")
        .where(Message.recorded_at >= since)
        .order_by(Message.recorded_at, Message.id)
        .limit(TRIAL_CASES * 20)
        .with_only_columns(Message.case_id, Message.recorded_at)
    )
    found: dict[Id, list[dt.datetime]] = {}
    for case_id, at in ctx.session.execute(rows):
        found.setdefault(case_id, []).append(at)
    return found


def events_of(ctx: Context, cases: Iterable[Case], names: Iterable[str]) -> dict[Id, list[Event]]:
    """The events of *cases* with one of *names*, in their order, by case."""
    rows = scope(ctx.actor, Event).where(
        Event.case_id.in_([case.id for case in cases]), Event.name.in_(sorted(set(names)))
    )
    found: dict[Id, list[Event]] = {}
    for event in ctx.session.scalars(rows.order_by(Event.id).limit(TRIAL_CASES * 40)):
        if event.case_id is not None:
            found.setdefault(event.case_id, []).append(event)
    return found
