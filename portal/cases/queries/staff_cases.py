"""The open cases of a staff member who leaves, for the question that ends their access."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from portal.authz.scopes import scope
from portal.cases.models import Case, CaseExclusion
from portal.cases.queries.staff import count_owned, possible_owners
from portal.cases.queries.status_filter import UNRESOLVED_CASE
from portal.cases.vocabulary import vocabulary
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.tenants.labels import without_cases_label
from portal.tenants.models import StaffAccount, StaffMember

LISTED_CASES = 100


@dataclass(frozen=True, slots=True)
class OwnedCase:
    """One open case of a staff member, as far as the actor may see it."""

    id: Id
    key: str
    subject: str
    state: str
    # The state in the words of staff.
    status: str
    account: str
    # '' for a case of no department.
    department: str


@dataclass(frozen=True, slots=True)
class OwnedCases:
    """The open cases of a staff member: those that the actor may see, as far as they are listed, and how many others
    there are."""

    rows: Sequence[OwnedCase] = ()
    # How many the actor may not see.
    hidden: int = 0
    # How many the actor may see beyond those that are listed.
    unlisted: int = 0
    # (staff id, label) of who could own at least one of `rows`, or of everybody where nothing is listed.
    successors: Sequence[tuple[str, str]] = ()

    @property
    def total(self) -> int:
        return len(self.rows) + self.hidden + self.unlisted

    @property
    def shown(self) -> object:
        """What the question was drawn with, to compare with what is so when it is answered."""
        return [(row.id, row.state) for row in self.rows], self.hidden, self.unlisted


def find_owned_cases(ctx: Context, member: StaffMember) -> OwnedCases:
    """The open cases of *member*, oldest first, with who could take them over. At most six statements."""
    visible = ctx.session.scalars(
        _visible_owned(ctx, member)
        .options(joinedload(Case.account, innerjoin=True), joinedload(Case.department))
        .order_by(Case.opened_at, Case.id)
        .limit(LISTED_CASES)
    ).all()
    seen = len(visible)
    if seen == LISTED_CASES:
        counted = _visible_owned(ctx, member).with_only_columns(func.count()).order_by(None)
        seen = ctx.session.scalar(counted) or 0
    words = vocabulary(ctx, "staff")
    rows = [
        OwnedCase(
            case.id,
            case.key,
            case.subject,
            case.state,
            words.of(case),
            case.account.name,
            case.department.name if case.department is not None else "",
        )
        for case in visible
    ]
    hidden = max(count_owned(ctx, member.id) - seen, 0)
    return OwnedCases(rows, hidden, seen - len(visible), _successors(ctx, member, visible))


def _visible_owned(ctx: Context, member: StaffMember) -> "Select[Any]":
    return scope(ctx.actor, Case).where(Case.owner_id == member.id, UNRESOLVED_CASE)


def _successors(ctx: Context, member: StaffMember, cases: Sequence[Case]) -> list[tuple[str, str]]:
    """Who could own at least one of *cases*, with the keys of those that they may not own
    (`actions.desk.assignable_staff`). Three statements."""
    offered = [pair for pair in possible_owners(ctx) if pair[0] != str(member.id)]
    if not cases:
        return offered
    ids = [staff_id for staff_id, _name in offered]
    rows = scope(ctx.actor, StaffMember).where(StaffMember.id.in_(ids))
    found = ctx.session.execute(
        rows.with_only_columns(StaffMember.id, StaffMember.user_id, StaffMember.all_accounts)
    ).all()
    looks_after = select(StaffAccount.staff_id, StaffAccount.account_id).where(
        StaffAccount.staff_id.in_([row[0] for row in found]),
        StaffAccount.account_id.in_({case.account_id for case in cases}),
    )
    accounts = {(staff_id, account_id) for staff_id, account_id in ctx.session.execute(looks_after)}
    excluded = scope(ctx.actor, CaseExclusion).where(CaseExclusion.case_id.in_([case.id for case in cases]))
    kept_out = {(row.case_id, row.user_id) for row in ctx.session.scalars(excluded)}
    people = {str(staff_id): (staff_id, user_id, everything) for staff_id, user_id, everything in found}
    labels = []
    for key, name in offered:
        staff_id, user_id, everything = people[key]
        unable = [
            case.key
            for case in cases
            if (case.id, user_id) in kept_out or not (everything or (staff_id, case.account_id) in accounts)
        ]
        if len(unable) < len(cases):
            labels.append((key, without_cases_label(name, unable)))
    return labels
