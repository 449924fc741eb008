"""Writes on call checks: start, type a code, and say why none is needed; the request types that need one."""

import hmac
from collections.abc import Mapping, Sequence

from flask_babel import gettext as _
from sqlalchemy import delete

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.calls.models import CallCheck, CheckedRequestType
from portal.calls.queries.checks import checked_types, code_of_contact, code_of_staff, is_settled, latest_check
from portal.calls.rules import CHECK_LASTS, MOST_TRIES, CheckState, is_running
from portal.cases.models import Case, CaseLocation
from portal.kernel import ids
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.errors import Conflict, Forbidden, Refused
from portal.kernel.events import record


def start_check(ctx: Context, case: Case) -> CallCheck:
    """Start a check with the contact of *case*, which the caller has locked; records `call.check_started`. Raises
    Conflict while one of somebody else runs, and where the case is over."""
    require(ctx.actor, Permission.CASE_ANSWER, case)
    if not case.unresolved:
        raise Conflict(_("This case is over. Open it again before you check a call."))
    before = latest_check(ctx, case, lock=True)
    if before is not None and is_running(before, ctx.now):
        if before.staff_id == ctx.actor.staff_id:
            return before
        raise Conflict(_("%(name)s checks a call on this case at the moment.", name=before.staff.user.name))
    row = _new_check(ctx, case, CheckState.OPEN)
    record(ctx, "call.check_started", row, case=case)
    return row


def type_code(ctx: Context, case: Case, written: str) -> bool:
    """Take the code that the other side read out; False for a wrong one. Once both sides typed theirs, the check is
    passed; records `call.check_passed`, or `call.check_failed` after the last try. Raises Conflict where no check runs.
    """
    row = latest_check(ctx, case, lock=True)
    if row is None or not is_running(row, ctx.now):
        raise Conflict(_("This check is over. Support can start a new one."))
    by_contact = ctx.actor.is_contact
    if by_contact and row.user_id != ctx.actor.user_id:
        raise Forbidden(_("Only the person on the phone confirms the call."))
    if not by_contact:
        require(ctx.actor, Permission.CASE_ANSWER, case)
        if row.staff_id != ctx.actor.staff_id:
            raise Forbidden(_("Only who started the check confirms the call."))
    expected = code_of_staff(row) if by_contact else code_of_contact(row)
    typed = "".join(character for character in written if character.isalnum())
    if not hmac.compare_digest(typed.encode("utf-8", "replace"), expected.encode()):
        _count_try(ctx, case, row, by_contact=by_contact)
        return False
    if by_contact:
        row.contact_typed_at = row.contact_typed_at or ctx.now
    else:
        row.staff_typed_at = row.staff_typed_at or ctx.now
    if row.contact_typed_at and row.staff_typed_at:
        row.state = CheckState.PASSED
        record(ctx, "call.check_passed", row, case=case, contact=row.user.name, staff=row.staff.user.name)
    ctx.session.flush()
    return True


def skip_check(ctx: Context, case: Case, *, reason: str) -> CallCheck:
    """Say why *case* needs no check: leads and administrators; records `call.check_skipped` (fact: reason). Raises
    Conflict where a check was passed already."""
    require(ctx.actor, Permission.CASE_SKIP_CHECK, case)
    if is_settled(ctx, case):
        raise Conflict(_("A check was passed already, or somebody said why none is needed."))
    row = _new_check(ctx, case, CheckState.SKIPPED, reason=reason)
    record(ctx, "call.check_skipped", row, case=case, reason=reason)
    return row


def choose_checked_types(ctx: Context, type_ids: Sequence[Id]) -> None:
    """Let cases of exactly these request types need a check; records `call_checks.changed` with the old and the new
    number of types."""
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    before = checked_types(ctx)
    if before == set(type_ids):
        return
    ctx.session.execute(delete(CheckedRequestType).where(CheckedRequestType.provider_id == ctx.provider_id))
    ctx.session.add_all(
        CheckedRequestType(provider_id=ctx.provider_id, request_type_id=type_id) for type_id in sorted(set(type_ids))
    )
    ctx.session.flush()
    record(ctx, "call_checks.changed", ctx.provider, types=[len(before), len(set(type_ids))])


def require_check(ctx: Context, case: Case, _answers: Mapping[str, str]) -> None:
    """Precondition of staff who resolve or close a case of a sensitive type: a passed check, or a lead's reason."""
    if not ctx.actor.is_staff or case.request_type_id not in checked_types(ctx) or is_settled(ctx, case):
        return
    raise Refused(
        _("Cases of this type need a passed call check first. Start one on the case page, or ask a lead to say why not")
    )


def _new_check(ctx: Context, case: Case, state: CheckState, *, reason: str = "") -> CallCheck:
    row = CallCheck(
        **CaseLocation.of(case).columns(),
        cycle=case.cycle,
        user_id=case.contact_user_id,
        staff_id=ctx.actor.staff_id,
        counter_id=ids.new_id(),
        state=state,
        started_at=ctx.now,
        expires_at=ctx.now + CHECK_LASTS,
        staff_tries=0,
        contact_tries=0,
        reason=reason,
    )
    ctx.session.add(row)
    ctx.session.flush()
    return row


def _count_try(ctx: Context, case: Case, row: CallCheck, *, by_contact: bool) -> None:
    if by_contact:
        row.contact_tries += 1
    else:
        row.staff_tries += 1
    if max(row.contact_tries, row.staff_tries) >= MOST_TRIES:
        row.state = CheckState.FAILED
        record(ctx, "call.check_failed", row, case=case, side="contact" if by_contact else "staff")
    ctx.session.flush()
