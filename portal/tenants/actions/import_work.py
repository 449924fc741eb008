"""What a worker does for a long file of people: its preview, its import and its invitations, batch by batch.

Each part is done in a transaction of its own, together with the cursor that says where the next one begins. A worker
that is killed therefore loses and doubles nothing.
"""

from collections.abc import Callable

from portal.authz.access import can
from portal.authz.permissions import Permission
from portal.identity.models import User
from portal.kernel import outbox
from portal.kernel.actor import Id, Side
from portal.kernel.context import Context
from portal.kernel.events import wake_after_commit
from portal.kernel.system_context import act_as
from portal.tenants.actions.import_drafts import IMPORT_WORK, fate_facts, finish_import, parse_contact_ids
from portal.tenants.actions.people_import import import_batch, invite_all
from portal.tenants.models import ImportDraft
from portal.tenants.queries.actors import build_actor
from portal.tenants.queries.import_plan.objects import Fate, ImportRow
from portal.tenants.queries.import_plan.planning import plan_import

# The rows, or the people to invite, of one transaction. It takes a second or two, so that other due work and the
# person who stops the import wait no longer.
BATCH = 50
# The cleaned rows of a draft from one place to another.
ReadRows = Callable[[ImportDraft, int, int], list[ImportRow]]


def continue_work(ctx: Context, draft_id: Id, read_rows: ReadRows) -> None:
    """Due work: the next part of what the draft is at, as the person who uploaded it, and the plan for the part after.

    Nothing happens for a draft that is gone or waits for nobody. Somebody who may not configure the provider any more
    stops their import.
    """
    draft = ctx.session.get(ImportDraft, draft_id, with_for_update=True, populate_existing=True)
    if draft is None or draft.state not in ("planning", "importing", "inviting"):
        return
    person = ctx.session.get_one(User, draft.user_id)
    actor = build_actor(ctx, person, Side.STAFF)
    if person.ended_at is not None or not can(actor, Permission.PROVIDER_CONFIGURE):
        _abandon(ctx, draft)
        return
    act_as(ctx, actor)
    ctx.person, ctx.channel = person, "portal"
    if draft.state == "planning":
        _plan(ctx, draft, read_rows)
    elif draft.state == "inviting":
        _invite(ctx, draft)
    elif draft.cursor or _still_holds(ctx, draft, read_rows):
        _import(ctx, draft, read_rows)
    if draft.state in ("importing", "inviting"):
        outbox.schedule(ctx.session, ctx.provider_id, IMPORT_WORK, draft.id, ctx.now)
        wake_after_commit(ctx)
    ctx.session.flush()


def _abandon(ctx: Context, draft: ImportDraft) -> None:
    if draft.state == "importing" and draft.cursor:
        finish_import(ctx, draft)
    draft.state = "done" if draft.imported_at is not None else "ready"


def _plan(ctx: Context, draft: ImportDraft, read_rows: ReadRows) -> None:
    plan = plan_import(ctx, read_rows(draft, 0, len(draft.rows)))
    draft.fates = [fate_facts(result) for result in plan.fates]
    draft.state = "ready"


def _still_holds(ctx: Context, draft: ImportDraft, read_rows: ReadRows) -> bool:
    """Whether the rows would become what the preview said; otherwise the preview is made anew and asks again."""
    shown = draft.fates
    _plan(ctx, draft, read_rows)
    draft.outdated = draft.fates != shown
    draft.state = "ready" if draft.outdated else "importing"
    return not draft.outdated


def _import(ctx: Context, draft: ImportDraft, read_rows: ReadRows) -> None:
    """Import the next rows but for those that the preview refused: only it sees what contradicts a row far above."""
    begin, end = draft.cursor, min(draft.cursor + BATCH, len(draft.fates))
    fates = list(draft.fates)
    good = [number for number in range(begin, end) if fates[number]["fate"] != Fate.REFUSED]
    rows = read_rows(draft, begin, end)
    imported = import_batch(ctx, [rows[number - begin] for number in good], invite=draft.invite)
    for number, result in zip(good, imported.fates, strict=True):
        fates[number] = fate_facts(result)
    draft.fates, draft.cursor = fates, end
    draft.contact_ids = [*draft.contact_ids, *map(str, imported.contact_ids)]
    if end == len(fates):
        finish_import(ctx, draft)


def _invite(ctx: Context, draft: ImportDraft) -> None:
    end = min(draft.cursor + BATCH, len(draft.contact_ids))
    invite_all(ctx, parse_contact_ids(draft.contact_ids[draft.cursor : end]))
    draft.cursor = end
    if end == len(draft.contact_ids):
        draft.state = "done"
