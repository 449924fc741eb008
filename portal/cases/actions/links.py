"""Links between cases: merging cases of one account, moving a case to another account."""

from flask_babel import gettext as _
from sqlalchemy import select

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.cases.actions import people
from portal.cases.actions.opening import OpeningLocation, allot_number, check_open_account, contact_has_access
from portal.cases.actions.tags import carry_tags
from portal.cases.actions.transitions import add_message, begin_step, enter_state, touch
from portal.cases.engine import request_answers
from portal.cases.models import Case, CaseExclusion, CaseLink, CaseLocation
from portal.cases.queries.severity_levels import severity_floor_of
from portal.cases.rules import effective_severity
from portal.cases.states import State
from portal.identity.models import User
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.errors import Refused
from portal.kernel.events import record
from portal.kernel.system_context import as_system
from portal.tenants.models import Account, Contact, Environment


def merge(ctx: Context, case: Case, target: Case) -> None:
    """Merge *case* into *target*: its key redirects, its people are put in copy of the target. Records `case.merged`.

    Both cases belong to one account. Whoever either case excludes is excluded from the target.
    """
    begin_step(ctx, case, "merge")
    check_mergeable(ctx, case, target)
    _carry_exclusions(ctx, case, target)
    excluded = set(ctx.session.scalars(select(CaseExclusion.user_id).where(CaseExclusion.case_id == target.id)))
    for user_id in _people_of_case(case) - {target.reported_by_id, target.contact_user_id} - excluded:
        user = ctx.session.get(User, user_id)
        if user is not None and all(grant.user_id != user_id for grant in target.grants):
            people.admit(ctx, target, user, "participant")
    carry_tags(ctx, case, target)
    case.merged_into_id = target.id
    link_cases(ctx, case, target, "merged_into")
    add_message(
        ctx, target, "note", _("%(key)s was merged into this case: %(subject)s", key=case.key, subject=case.subject)
    )
    _close_source(ctx, case)
    record(ctx, "case.merged", case, case=case, target=target.key)


def check_mergeable(ctx: Context, case: Case, target: Case) -> None:
    """Raise Refused (field target) unless *case* can be merged into *target*, Forbidden for a target of others."""
    require(ctx.actor, Permission.CASE_MERGE, target)
    if target.id == case.id or target.account_id != case.account_id:
        raise Refused(_("Choose another case of the same account"), "target")
    if target.merged_into_id or target.moved_to_id or case.merged_into_id or case.moved_to_id:
        raise Refused(_("One of the two already continues elsewhere"), "target")


def move_account(ctx: Context, case: Case, account: Account, *, contact_id: Id) -> Case:
    """Open a linked case in *account* for *contact_id* and close this one, whose key redirects. Records `case.moved`.

    Only subject and description are copied, and answers to the form that name no people, environments or files: the
    conversation stays with the people it was written for. The new case is private.
    """
    begin_step(ctx, case, "move account")
    if account.id == case.account_id:
        raise Refused(_("Choose another account"), "account")
    spot = OpeningLocation(account.organization_id, account.id, None)
    require(ctx.actor, Permission.CASE_OPEN, spot)
    check_open_account(account)
    contact = ctx.session.scalars(
        select(Contact).where(
            Contact.id == contact_id, Contact.organization_id == account.organization_id, Contact.active
        )
    ).one_or_none()
    if contact is None or not contact_has_access(ctx, contact, spot):
        raise Refused(_("That person has no access to this part of %(account)s", account=account.name), "contact")
    new = copy_case(ctx, case, description=case.description)
    new.quoted = case.quoted
    kept = request_answers.portable_answers(request_answers.load_answers(case.answers))
    new.answers = [one.to_stored() for one in kept] or None
    new.organization_id, new.account_id, new.environment_id = account.organization_id, account.id, None
    new.contact_id, new.contact_user_id, new.visibility = contact.id, contact.user_id, "private"
    apply_floor(ctx, new, account)
    people.check_not_excluded(ctx, case, ctx.session.get_one(User, contact.user_id), "contact")
    ctx.session.add(new)
    ctx.session.flush()
    people.carry_exclusions(ctx, case, new)
    carry_tags(ctx, case, new)
    record(
        ctx,
        "case.submitted",
        new,
        case=new,
        on_behalf=True,
        notify=True,
        severity=new.severity,
        moved_from=str(case.id),
    )
    case.moved_to_id = new.id
    link_cases(ctx, case, new, "moved_to")
    _close_source(ctx, case)
    record(ctx, "case.moved", case, case=case)
    allot_number(ctx, new)
    return new


def _close_source(ctx: Context, case: Case) -> None:
    if case.state != State.CLOSED:
        enter_state(ctx, case, State.CLOSED)
        case.closed_at, case.closed_by = ctx.now, "staff"
    touch(ctx, case)


def _people_of_case(case: Case) -> set[Id]:
    named = {grant.user_id for grant in case.grants if grant.user_id}
    return named | {case.contact_user_id} | ({case.reported_by_id} if case.reported_side == "contact" else set())


def _carry_exclusions(ctx: Context, case: Case, target: Case) -> None:
    present = set(ctx.session.scalars(select(CaseExclusion.user_id).where(CaseExclusion.case_id == target.id)))
    for user_id in ctx.session.scalars(select(CaseExclusion.user_id).where(CaseExclusion.case_id == case.id)).all():
        if user_id not in present and user_id != target.contact_user_id:
            people.exclude(ctx, target, user_id)


def apply_floor(ctx: Context, case: Case, account: Account) -> None:
    """Raise the severity of a new *case*, which was copied from another one, to what was agreed for its contact and its
    *account*."""
    with as_system(ctx) as inner:  # whoever follows up may not list the contact
        floor = severity_floor_of(inner, account, case.contact_id)
    if floor is not None and case.severity > floor.rank:
        environment = ctx.session.get(Environment, case.environment_id) if case.environment_id else None
        raised = effective_severity(case.severity, environment.kind if environment else None, floor)
        case.severity, case.severity_reason = raised.effective, raised.reason


def copy_case(ctx: Context, case: Case, *, description: str, idempotency_key: str | None = None) -> Case:
    """A new row with the people, place and severity of *case*, without a number. It is not added to the session."""
    return Case(
        provider_id=case.provider_id,
        organization_id=case.organization_id,
        account_id=case.account_id,
        environment_id=case.environment_id,
        request_type_id=case.request_type_id,
        department_id=case.department_id,
        reported_by_id=ctx.actor.user_id or case.reported_by_id,
        reported_side=str(ctx.actor.side),
        contact_id=case.contact_id,
        contact_user_id=case.contact_user_id,
        visibility=case.visibility,
        severity_asked=case.severity_asked,
        severity=case.severity,
        severity_reason=case.severity_reason,
        severity_answer=case.severity_answer,
        subject=case.subject,
        description=description,
        phone=case.phone,
        email=case.email,
        channel=ctx.channel,
        notify_contact=case.notify_contact,
        opened_at=ctx.now,
        updated_at=ctx.now,
        idempotency_key=idempotency_key,
    )


def link_cases(ctx: Context, case: Case, other: Case, kind: str) -> None:
    """Store a link of *kind* from *case* to *other*, unless it exists."""
    known = select(CaseLink.id).where(CaseLink.case_id == case.id, CaseLink.other_id == other.id, CaseLink.kind == kind)
    if ctx.session.scalar(known) is None:
        ctx.session.add(
            CaseLink(
                **CaseLocation.of(case).columns(),
                other_id=other.id,
                kind=kind,
            )
        )
        ctx.session.flush()
