"""Opening a case through any channel: form, desk, later mail, chat, phone and API."""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, and_, exists, func, or_, select, update
from sqlalchemy.orm.attributes import set_committed_value

from portal.attachments import actions as attachments
from portal.authz.access import can, require
from portal.authz.permissions import Permission
from portal.cases.actions import people, request_fields
from portal.cases.actions.other_clients import check_other_clients
from portal.cases.actions.severity_question import interpret_answer
from portal.cases.idempotency import SAME_WORDS, words_of
from portal.cases.models import Case, RequestType
from portal.cases.queries.request_types import is_offered
from portal.cases.rules import effective_severity, strictest_floor
from portal.kernel.actor import Id
from portal.kernel.config_cache import cached_config, for_everybody
from portal.kernel.confirmation import SendAnyway
from portal.kernel.context import Context
from portal.kernel.errors import Forbidden, Refused
from portal.kernel.events import record
from portal.tenants.actions import contacts as contact_actions
from portal.tenants.models import (
    Account,
    AccountCounter,
    AccountService,
    Contact,
    ContactAccess,
    Department,
    Environment,
    Organization,
)


@dataclass(frozen=True, slots=True)
class Opening:
    """The content of a new case. `contact_id` None means the actor; `person_*` names somebody who is not a
    contact yet.
    """

    subject: str
    description: str
    contact_id: Id | None = None
    environment_id: Id | None = None
    # A level, or the key of an answer on the provider's impact scale.
    severity: int | None = None
    impact: str = ""
    phone: str = ""
    email: str = ""
    cc: Sequence[str] = ()
    visibility: str = ""
    department_id: Id | None = None
    notify: bool = True
    staged: Sequence[uuid.UUID] = ()
    person_name: str = ""
    person_email: str = ""
    idempotency_key: str | None = None
    # What was folded of the mail that opens it.
    quoted: str = ""
    # When the form and the panels beside it were shown to the opener.
    form_shown_at: dt.datetime | None = None
    # What was typed into the type's own fields, by key; None: the case comes by a channel without a form. A person who
    # opens a case on the desk need not answer all of them.
    answers: Mapping[str, Sequence[str]] | None = None
    # Why it is right although it shows traces of other clients.
    anyway: SendAnyway | None = None


@dataclass(frozen=True, slots=True)
class OpeningLocation:
    """The place of a case that does not exist yet, for permission checks."""

    organization_id: Id
    account_id: Id
    environment_id: Id | None


def submit(ctx: Context, account: Account, request_type: RequestType, opening: Opening) -> Case:
    """Open a case in *account*; records `case.submitted` (facts: on_behalf, notify, severity, form_shown_at).

    Checks account, contact, environment and request type against each other and against the actor's access, whatever
    the form offered. Raises Refused with the field, or Forbidden. A second call with the same idempotency key, or with
    the same text soon afterwards, returns the first case. The number is allotted last, so that nothing slow happens
    under the counter's lock.
    """
    earlier = find_earlier_case(ctx, opening.idempotency_key)
    if earlier is not None:
        return earlier
    environment = find_environment(ctx, account, opening.environment_id)
    spot = OpeningLocation(account.organization_id, account.id, environment.id if environment else None)
    require(ctx.actor, Permission.CASE_OPEN, spot)
    check_open_account(account)
    check_request_type(ctx, account, request_type)
    contact = find_contact(ctx, account, spot, opening)
    department_id = find_department(ctx, opening.department_id) or request_type.department_id
    answer = interpret_answer(ctx, request_type, severity=opening.severity, impact=opening.impact)
    floor = strictest_floor(contact.severity_floor, account.severity_floor)
    severity = effective_severity(answer.rank, environment.kind if environment else None, floor)
    on_behalf = contact.user_id != ctx.actor.user_id
    answers = request_fields.find_answers(ctx, account, request_type, opening.answers)
    files = attachments.claim(ctx, [*opening.staged, *request_fields.file_ids(answers)])
    case = Case(
        provider_id=ctx.provider_id,
        organization_id=account.organization_id,
        account_id=account.id,
        environment_id=spot.environment_id,
        request_type_id=request_type.id,
        department_id=department_id,
        reported_by_id=ctx.actor.user_id,
        reported_side=str(ctx.actor.side),
        contact_id=contact.id,
        contact_user_id=contact.user_id,
        visibility=choose_visibility(ctx, account, opening.visibility, on_behalf),
        severity_asked=severity.asked,
        severity=severity.effective,
        severity_reason=severity.reason,
        severity_answer=answer.words,
        subject=opening.subject,
        description=opening.description,
        phone=opening.phone,
        email=opening.email,
        channel=ctx.channel,
        notify_contact=opening.notify or not on_behalf,
        opened_at=ctx.now,
        updated_at=ctx.now,
        idempotency_key=opening.idempotency_key,
        quoted=opening.quoted or None,
        answers=[one.to_stored() for one in answers] or None,
    )
    ctx.session.add(case)
    ctx.session.flush()
    set_committed_value(case, "grants", [])  # nobody else is on a new case: what reads them runs no statement
    attachments.attach(ctx, files, case, message_id=None, internal=False)
    people.put_in_copy(ctx, case, opening.cc)
    facts: dict[str, Any] = {"form_shown_at": opening.form_shown_at.isoformat()} if opening.form_shown_at else {}
    record(
        ctx,
        "case.submitted",
        case,
        case=case,
        on_behalf=on_behalf,
        notify=case.notify_contact,
        severity=case.severity,
        **facts,
    )
    check_other_clients(
        ctx,
        case,
        opening.subject,
        opening.description,
        opening.quoted,
        files=files,
        emails=opening.cc,
        anyway=opening.anyway,
    )
    allot_number(ctx, case)
    return case


def find_earlier_case(ctx: Context, idempotency_key: str | None) -> Case | None:
    """The case that the same form, or a form with the same words within SAME_WORDS, of the same person opened already.
    Serializes double submits until commit."""
    if not idempotency_key:
        return None
    words = words_of(idempotency_key)
    ctx.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"{ctx.actor.user_id}:{words}", 0))))
    same_words = and_(func.starts_with(Case.idempotency_key, words), Case.opened_at > ctx.now - SAME_WORDS)
    return ctx.session.scalars(
        select(Case)
        .where(Case.reported_by_id == ctx.actor.user_id, or_(Case.idempotency_key == idempotency_key, same_words))
        .order_by(Case.id.desc())
        .limit(1)
    ).one_or_none()


def allot_number(ctx: Context, case: Case) -> None:
    """Give *case* the next number of its account. Numbers have no gaps: they commit or roll back with the case."""
    number = ctx.session.scalar(
        update(AccountCounter)
        .where(AccountCounter.account_id == case.account_id)
        .values(last_number=AccountCounter.last_number + 1)
        .returning(AccountCounter.last_number)
        .execution_options(synchronize_session=False)
    )
    case.number = number
    ctx.session.flush()


def check_open_account(account: Account) -> None:
    """Raise Refused if the account is suspended, with the provider's sentence about it."""
    if account.suspended:
        raise Refused(account.suspended, "account")


def check_request_type(ctx: Context, account: Account, request_type: RequestType) -> None:
    """Raise Refused unless the type is active and the account has the service that it requires."""
    if not request_type.active:
        raise Refused(_("This kind of case is no longer offered"), "type")
    if not is_offered(ctx.actor, request_type, [account.id]):
        names = {"account": account.name, "type": request_type.name}
        raise Refused(
            _("“%(type)s” is not offered to you in %(account)s. Ask support about it", **names)
            if ctx.actor.is_contact
            else _("“%(type)s” is not offered to %(account)s", **names),
            "account",
        )
    if request_type.requires_service_id is not None:
        bought = select(AccountService.id).where(
            AccountService.account_id == account.id, AccountService.service_id == request_type.requires_service_id
        )
        if ctx.session.scalar(bought) is None:
            names = {"account": account.name, "type": request_type.name}
            raise Refused(
                _("“%(type)s” needs a service that %(account)s does not have. Ask support about it", **names)
                if ctx.actor.is_contact
                else _("“%(type)s” needs a service that %(account)s does not have", **names),
                "account",
            )


def find_environment(ctx: Context, account: Account, environment_id: Id | None) -> Environment | None:
    """The active environment of *account* with that id; raises Refused for any other."""
    if environment_id is None:
        return None
    found = ctx.session.scalars(
        select(Environment).where(
            Environment.id == environment_id, Environment.account_id == account.id, Environment.active
        )
    ).one_or_none()
    if found is None:
        raise Refused(_("Choose an environment, or “I don't know”"), "environment")
    return found


def find_contact(ctx: Context, account: Account, spot: OpeningLocation, opening: Opening) -> Contact:
    """The contact of the case, with access to its account and environment. Raises Refused or Forbidden otherwise."""
    if opening.person_email and opening.contact_id is None:
        if not opening.person_name:
            raise Refused(_("Write the name of the person who is affected"), "person_name")
        return contact_actions.add_requester(
            ctx, account, name=opening.person_name, email=opening.person_email, environment_id=spot.environment_id
        )
    if opening.contact_id is None and not ctx.actor.is_contact:
        raise Refused(_("Choose the person who is affected"), "contact")
    mine = ctx.actor.memberships.get(account.organization_id)
    wanted = opening.contact_id or (mine.contact_id if mine else None)
    contact = ctx.session.scalars(
        select(Contact).where(
            Contact.id == wanted,
            Contact.organization_id == account.organization_id,
            Contact.active,
            exists().where(ContactAccess.contact_id == Contact.id, *_includes(spot)),
        )
    ).one_or_none()
    if contact is None:
        raise Refused(
            _(
                "That person has no access to this part of %(account)s. Choose someone else or change the account",
                account=account.name,
            ),
            "contact",
        )
    if contact.user_id != ctx.actor.user_id and not can(ctx.actor, Permission.CASE_OPEN_FOR_OTHERS, spot):
        raise Forbidden(_("Here you can open cases only for yourself."), ("coordinator",))
    return contact


def contact_has_access(ctx: Context, contact: Contact, spot: OpeningLocation) -> bool:
    """Whether the contact's own access includes that account and environment."""
    rows = select(ContactAccess.id).where(ContactAccess.contact_id == contact.id, *_includes(spot))
    return ctx.session.scalar(rows.limit(1)) is not None


def _includes(spot: OpeningLocation) -> list[ColumnElement[bool]]:
    """The conditions under which a row of access includes the account and the environment of *spot*."""
    conditions = [ContactAccess.account_id == spot.account_id]
    if spot.environment_id is not None:
        own = or_(ContactAccess.environment_id.is_(None), ContactAccess.environment_id == spot.environment_id)
        conditions.append(own)
    return conditions


def find_department(ctx: Context, department_id: Id | None) -> Id | None:
    """*department_id* if the provider has that active department; raises Refused for any other."""
    if department_id is None:
        return None
    found = ctx.session.scalar(select(Department.id).where(Department.id == department_id, Department.active))
    if found is None:
        raise Refused(_("Choose one of the departments"), "department")
    return found


def choose_visibility(ctx: Context, account: Account, visibility: str, on_behalf: bool) -> str:
    """The chosen visibility. Without a choice: private if on behalf, else the organization's default."""
    if visibility in ("private", "shared"):
        return visibility
    if visibility:
        raise Refused(_("Choose who can see this case"), "visibility")
    if on_behalf:
        return "private"
    return cached_config(ctx, for_everybody, _read_default_visibility, account.organization_id) or "private"


def _read_default_visibility(ctx: Context, organization_id: Id) -> str | None:
    default = select(Organization.default_visibility).where(Organization.id == organization_id)
    found: str | None = ctx.session.scalar(default)
    return found
