"""Keeping an uploaded file of people until it is imported, and for a short time after.

A long file is planned and imported by a worker (`import_work`), a short one in the request.
"""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import delete

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.kernel import ids, outbox
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.errors import Conflict, Refused
from portal.kernel.events import record, wake_after_commit
from portal.tenants.actions.people_import import import_people, invite_all
from portal.tenants.models import ImportDraft
from portal.tenants.queries.import_plan.objects import Fate, ImportPlan, ImportRow, RowFate

DRAFT_LASTS = dt.timedelta(days=3)
# The most rows that are planned, and that are imported or invited, while somebody waits for the page.
PLANNED_AT_ONCE = 500
IMPORTED_AT_ONCE = 50
# The kind of due work that does the next part of what `ImportDraft.state` names.
IMPORT_WORK = "import_work"
# The kind of due work that deletes a draft whose time is over.
IMPORT_DRAFT_EXPIRY = "import_draft_expiry"


def store_draft(
    ctx: Context, *, name: str, encoding: str, headings: list[str], rows: list[tuple[int, list[str]]]
) -> ImportDraft:
    """Keep a file as it was read for DRAFT_LASTS, for the person who acts; a worker plans a long one. An observation,
    so no event."""
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
    if len(rows) > PLANNED_AT_ONCE:
        start_work(ctx, row, "planning", len(rows))
    return row


def start_work(ctx: Context, draft: ImportDraft, state: str, total: int) -> None:
    """Let a worker begin with *state*: planning, importing or inviting *total* rows or people."""
    draft.state, draft.cursor, draft.total = state, 0, total
    outbox.schedule(ctx.session, ctx.provider_id, IMPORT_WORK, draft.id, ctx.now)
    wake_after_commit(ctx)
    ctx.session.flush()


def start_import(ctx: Context, draft: ImportDraft, fates: list[dict[str, Any]], *, invite: bool) -> None:
    """Let a worker import the rows of *draft* (locked), of which the preview said *fates*. Raises Conflict for a draft
    that was imported before or is being imported, Refused where no row would make or change anything."""
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    if draft.state != "ready":
        raise Conflict(_("This is already finished."))
    if not any(facts["fate"] in (Fate.MADE, Fate.CHANGED) for facts in fates):
        raise nothing_to_import()
    draft.fates, draft.invite, draft.outdated, draft.expires_at = fates, invite, False, ctx.now + DRAFT_LASTS
    outbox.schedule(ctx.session, ctx.provider_id, IMPORT_DRAFT_EXPIRY, draft.id, draft.expires_at)
    start_work(ctx, draft, "importing", len(fates))


def stop_work(ctx: Context, draft: ImportDraft) -> None:
    """Stop importing or inviting before the next batch of *draft* (locked); what was done stays. Records
    `people.import_stopped`; Conflict if nothing is under way."""
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    if draft.state not in ("importing", "inviting"):
        raise Conflict(_("This is already finished."))
    outbox.unschedule(ctx.session, ctx.provider_id, IMPORT_WORK, draft.id)
    state, done = draft.state, draft.cursor
    if state == "importing" and not done:
        draft.state = "ready"
    elif state == "importing":
        finish_import(ctx, draft)
    else:
        draft.state = "done"
    record(ctx, "people.import_stopped", draft, state=state, done=done, total=draft.total)


def finish_import(ctx: Context, draft: ImportDraft) -> None:
    """The import of *draft* is over; rows that it did not come to are left. Records `people.imported`."""
    left = {"fate": Fate.LEFT.value, "made": [], "changed": []}
    rest = [facts if facts["problems"] else facts | left for facts in draft.fates[draft.cursor :]]
    draft.fates = [*draft.fates[: draft.cursor], *rest]
    draft.state, draft.imported_at, draft.expires_at = "done", ctx.now, ctx.now + DRAFT_LASTS
    outbox.schedule(ctx.session, ctx.provider_id, IMPORT_DRAFT_EXPIRY, draft.id, draft.expires_at)
    ctx.session.flush()
    counts = {fate.value: sum(1 for facts in draft.fates if facts["fate"] == fate) for fate in Fate}
    record(ctx, "people.imported", draft, rows=len(draft.fates), counts=counts)


def import_draft(ctx: Context, draft: ImportDraft, rows: list[ImportRow], *, invite: bool) -> ImportPlan:
    """Import *rows*, which are those of *draft*, and keep with it what became of each; records
    `people.imported`. Raises Conflict for a draft that was imported before, Refused where no row makes or changes
    anything: the draft is kept."""
    if draft.state != "ready":
        raise Conflict(_("This is already finished."))
    plan = import_people(ctx, rows, invite=invite)
    if not plan.count(Fate.MADE) and not plan.count(Fate.CHANGED):
        raise nothing_to_import()
    draft.fates = [fate_facts(result) for result in plan.fates]
    draft.contact_ids = [str(contact.id) for contact in plan.new_contacts()]
    draft.cursor = draft.total = len(draft.fates)
    finish_import(ctx, draft)
    return plan


def nothing_to_import() -> Refused:
    """The refusal of a file of which no row makes or changes anything."""
    return Refused(_("There is nothing to import: no row would make or change anything."), "file")


def fate_facts(result: RowFate) -> dict[str, Any]:
    """The fate of a row as JSON values; the sentences are those of the reader of this moment."""
    return {
        "number": result.row.number,
        "fate": result.fate.value,
        "made": result.made,
        "changed": result.changed,
        "problems": [[problem.column, problem.sentence] for problem in result.problems],
    }


def invite_imported(ctx: Context, draft: ImportDraft) -> int | None:
    """Mail an invitation to everybody whom the import of *draft* (locked) made and who has none yet; returns how many,
    or None where a worker does it, because they are many. Raises Conflict while a worker is at the draft."""
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    if draft.state != "done":
        raise Conflict(_("This is already finished."))
    if len(draft.contact_ids) > IMPORTED_AT_ONCE:
        start_work(ctx, draft, "inviting", len(draft.contact_ids))
        return None
    return invite_all(ctx, parse_contact_ids(draft.contact_ids))


def parse_contact_ids(values: Iterable[str]) -> list[Id]:
    """The contacts that a draft names."""
    return [parsed for value in values if (parsed := ids.parse_id(value)) is not None]


def delete_expired_draft(ctx: Context, draft_id: Id) -> None:
    """Delete the draft *draft_id*, whose time is over; nothing where it is gone already."""
    expired = (ImportDraft.provider_id == ctx.provider_id, ImportDraft.id == draft_id)
    ctx.session.execute(delete(ImportDraft).where(*expired, ImportDraft.expires_at <= ctx.now))
