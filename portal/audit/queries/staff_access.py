"""The journal of the access of staff to private cases, newest first."""

import datetime as dt
from typing import Any

from sqlalchemy import Select
from sqlalchemy.orm import contains_eager

from portal.audit.models import StaffAccess
from portal.authz.scopes import scope
from portal.cases.models import Case
from portal.cases.queries.detail import written_key
from portal.identity.models import User
from portal.kernel.context import Context
from portal.kernel.paging import Page, fetch_first, fetch_page_of
from portal.tenants.models import Account, Organization
from portal.tenants.queries.name_search import name_matches

SHOWN = 50
# The most rows of a file.
MOST_EXPORTED = 10_000


def staff_access_page(
    ctx: Context, organization: Organization, *, q: str = "", since: dt.datetime | None = None, number: int = 1
) -> "Page[StaffAccess]":
    """Page *number* of what staff did with private cases of *organization* after *since*; *q*: words of the name of
    somebody of the staff, or the key of a case. Of cases that the reader sees. Each row with its person and case."""
    return fetch_page_of(ctx.session, _rows(ctx, organization, q, since), number, SHOWN)


def exported_staff_access(
    ctx: Context, organization: Organization, *, q: str = "", since: dt.datetime | None = None
) -> "Page[StaffAccess]":
    """The newest MOST_EXPORTED rows that `staff_access_page` shows on its pages, as one page."""
    return fetch_first(ctx.session, _rows(ctx, organization, q, since), MOST_EXPORTED)


def _rows(ctx: Context, organization: Organization, q: str, since: dt.datetime | None) -> "Select[Any]":
    rows = scope(ctx.actor, StaffAccess).where(StaffAccess.organization_id == organization.id)
    rows = rows.join(User, User.id == StaffAccess.user_id).join(Case, Case.id == StaffAccess.case_id)
    if since is not None:
        rows = rows.where(StaffAccess.last_at >= since)
    if q:
        key = written_key(q)
        if key is not None:
            account_key, number = key.rsplit("-", 1)
            named = scope(ctx.actor, Account).where(Account.key == account_key).with_only_columns(Account.id)
            rows = rows.where(Case.account_id.in_(named), Case.number == int(number))
        else:
            rows = rows.where(name_matches(q, User.name_folded))
    rows = rows.order_by(StaffAccess.last_at.desc(), StaffAccess.id.desc())
    whole = contains_eager(StaffAccess.case)
    return rows.options(contains_eager(StaffAccess.user), whole, whole.joinedload(Case.account))
