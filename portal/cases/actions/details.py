"""Corrections of the details of a case."""

from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from portal.authz.access import can
from portal.authz.permissions import Permission
from portal.cases.actions.conversation import check_version
from portal.cases.actions.opening import (
    OpeningLocation,
    check_request_type,
    contact_has_access,
    find_department,
    find_environment,
)
from portal.cases.actions.people import check_not_excluded
from portal.cases.actions.transitions import begin_step, touch
from portal.cases.models import Case, RequestType
from portal.cases.rules import effective_severity
from portal.identity.models import User
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.errors import Conflict, Refused
from portal.kernel.events import record
from portal.tenants.models import Account, Contact


def edit(
    ctx: Context,
    case: Case,
    *,
    subject: str,
    request_type: RequestType,
    contact_id: Id,
    environment_id: Id | None,
    department_id: Id | None,
    expected_version: int | None = None,
) -> None:
    """Correct subject, type, contact, environment and department as staff; records `case.edited` with old and new
    values.

    The checks are those of opening. Rank 1 is lowered if the new environment is a test environment.
    """
    begin_step(ctx, case, "edit")
    check_version(case, expected_version)
    account = ctx.session.get(Account, case.account_id)
    assert account is not None
    environment = find_environment(ctx, account, environment_id)
    if request_type.id != case.request_type_id:
        check_request_type(ctx, account, request_type)
    contact = ctx.session.scalars(
        select(Contact).where(Contact.id == contact_id, Contact.organization_id == case.organization_id, Contact.active)
    ).one_or_none()
    spot = OpeningLocation(case.organization_id, case.account_id, environment_id)
    if contact is None or (contact.id != case.contact_id and not contact_has_access(ctx, contact, spot)):
        raise Refused(_("That person has no access to this part of %(account)s", account=account.name), "contact")
    if contact.id != case.contact_id:
        check_not_excluded(ctx, case, ctx.session.get_one(User, contact.user_id), "contact")
    contact_names = [ctx.session.get_one(User, one).name for one in (case.contact_user_id, contact.user_id)]
    changed = _apply_changes(
        case,
        subject=subject,
        request_type_id=request_type.id,
        contact_id=contact.id,
        environment_id=environment_id,
        department_id=find_department(ctx, department_id),
    )
    facts: dict[str, Any] = {}
    if "contact_id" in changed:
        case.contact_user_id = contact.user_id
        facts["contact_names"] = contact_names
    if "environment_id" in changed and environment is not None and case.severity == 1:
        lowered = effective_severity(case.severity, environment.kind)
        if lowered.effective != case.severity:
            facts["severity"] = [case.severity, lowered.effective]
        case.severity, case.severity_reason = lowered.effective, lowered.reason or case.severity_reason
    if changed:
        touch(ctx, case)
        record(ctx, "case.edited", case, case=case, changed=changed, **facts)


def edit_own_text(ctx: Context, case: Case, *, subject: str, description: str) -> None:
    """Correct subject and description as the reporter, until the first answer; records `case.edited`."""
    begin_step(ctx, case, "edit own words")
    if not may_edit_own_text(ctx, case):
        raise Conflict(_("Support has already answered. Write your correction in the conversation."))
    changed = _apply_changes(case, subject=subject, description=description)
    if changed:
        touch(ctx, case)
        record(ctx, "case.edited", case, case=case, changed=sorted(changed))


def may_edit_own_text(ctx: Context, case: Case) -> bool:
    """Whether the actor may still correct subject and description."""
    return case.unresolved and case.first_answer_at is None and can(ctx.actor, Permission.CASE_EDIT_OWN_WORDS, case)


def _apply_changes(case: Case, **values: Any) -> dict[str, list[str]]:
    """Set *values* that differ; returns (old, new) by column."""
    changed = {}
    for column, value in values.items():
        before = getattr(case, column)
        if before != value:
            changed[column] = [str(before or "")[:300], str(value or "")[:300]]
            setattr(case, column, value)
    return changed
