"""Keeping an uploaded file of people until it is imported, and for a short time after."""

import datetime as dt
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import delete

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.kernel import ids, outbox
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.errors import Conflict, Refused
from portal.kernel.events import record
from portal.tenants.actions.people_import import import_people, invite_all
from portal.tenants.models import ImportDraft
from portal.tenants.queries.import_plan.objects import Fate, ImportPlan, ImportRow, RowFate

DRAFT_LASTS = dt.timedelta(days=3)
# The kind of due work that deletes a draft whose time is over.
IMPORT_DRAFT_EXPIRY = "import_draft_expiry"


def store_draft(
    ctx: Context, *, name: str, encoding: str, headings: list[str], rows: list[tuple[int, list[str]]]
) -> ImportDraft:
    """Keep a file as it was read for DRAFT_LASTS, for the person who acts. An observation, so no event."""
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    row = ImportDraft(
        provider_id=ctx.provider_id,
        user_id=ctx.actor.user_id,
        name=name[:200],
        encoding=encoding,
        headings=headings,
        rows=[[number, cells] for number, cells in rows],
        created_at=ctx.now,
        expires_at=ctx.now + DRAFT_LASTS,
    )
    ctx.session.add(row)
    ctx.session.flush()
    outbox.schedule(ctx.session, ctx.provider_id, IMPORT_DRAFT_EXPIRY, row.id, row.expires_at)
    return row


def import_draft(ctx: Context, draft: ImportDraft, rows: list[ImportRow], *, invite: bool) -> ImportPlan:
    """Import *rows*, which are those of *draft*, and keep with it what became of each; records
    `people.imported`. Raises Conflict for a draft that was imported before, Refused where no row makes or changes
    anything: the draft is kept."""
    if draft.imported_at is not None:
        raise Conflict
    plan = import_people(ctx, rows, invite=invite)
    if not plan.count(Fate.MADE) and not plan.count(Fate.CHANGED):
        raise Refused(_("There is nothing to import: no row would make or change anything."), "file")
    draft.imported_at = ctx.now
    draft.fates = [fate_facts(result) for result in plan.fates]
    draft.contact_ids = [str(contact.id) for contact in plan.new_contacts()]
    ctx.session.flush()
    counts = {fate.value: plan.count(fate) for fate in Fate}
    record(ctx, "people.imported", draft, rows=len(plan.fates), counts=counts)
    return plan


def fate_facts(result: RowFate) -> dict[str, Any]:
    """The fate of a row as JSON values; the sentences are those of the reader of this moment."""
    return {
        "number": result.row.number,
        "fate": result.fate.value,
        "made": result.made,
        "changed": result.changed,
        "problems": [[problem.column, problem.sentence] for problem in result.problems],
    }


def invite_imported(ctx: Context, draft: ImportDraft) -> int:
    """Mail an invitation to everybody whom the import of *draft* made and who has none yet; returns how many."""
    found = [parsed for value in draft.contact_ids if (parsed := ids.parse_id(value)) is not None]
    return invite_all(ctx, found)


def delete_expired_draft(ctx: Context, draft_id: Id) -> None:
    """Delete the draft *draft_id*, whose time is over; nothing where it is gone already."""
    expired = (ImportDraft.provider_id == ctx.provider_id, ImportDraft.id == draft_id)
    ctx.session.execute(delete(ImportDraft).where(*expired, ImportDraft.expires_at <= ctx.now))
