"""Writes of the journal of access."""

import datetime as dt
from typing import Any

from sqlalchemy import Select, literal
from sqlalchemy import case as choose
from sqlalchemy.dialects.postgresql import insert

from portal.audit.models import ACCOUNT, DEPARTMENT, OWNER, StaffAccess
from portal.cases.models import Case
from portal.kernel import ids, retention
from portal.kernel.context import Context
from portal.kernel.database import table_of


def note_access(ctx: Context, found: "Select[Any]", kind: str, *, stated: str = "") -> None:
    """Store that the actor, of the staff, did *kind* (of `models`) with the case that *found*, which begins at a scope,
    selects, if it is private. What they do again on the same day is counted in the same row. One statement."""
    relation = choose(
        (Case.owner_id == ctx.actor.staff_id, OWNER),
        (Case.department_id.in_(sorted(ctx.actor.department_ids)), DEPARTMENT),
        else_=ACCOUNT,
    )
    values = {
        "id": literal(ids.new_id()),
        "provider_id": Case.provider_id,
        "organization_id": Case.organization_id,
        "account_id": Case.account_id,
        "case_id": Case.id,
        "user_id": literal(ctx.actor.user_id),
        "kind": literal(kind),
        "day": literal(ctx.now.astimezone(dt.UTC).date()),
        "relation": relation,
        "stated": literal(stated),
        "count": literal(1),
        "first_at": literal(ctx.now),
        "last_at": literal(ctx.now),
    }
    rows = found.where(Case.visibility == "private").with_only_columns(*values.values())
    row = insert(table_of(StaffAccess)).from_select(list(values), rows)
    again = {
        "count": StaffAccess.count + 1,
        "last_at": row.excluded.last_at,
        "relation": row.excluded.relation,
        "stated": row.excluded.stated,
    }
    same = ["provider_id", "case_id", "user_id", "kind", "day"]
    ctx.session.execute(row.on_conflict_do_update(index_elements=same, set_=again))


def delete_old(ctx: Context, before: dt.datetime, limit: int) -> int:
    """Delete at most *limit* rows of the journal whose last access was before *before*; returns how many
    (`kernel.retention`)."""
    return retention.delete_rows(ctx, StaffAccess, limit, StaffAccess.last_at < before)
