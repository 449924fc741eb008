"""Saving lists of cases under a name. Sharing one with others needs a permission; only then an event is recorded: an
own one concerns nobody else."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from portal.authz.access import can, require
from portal.authz.permissions import Permission
from portal.cases.models import SavedView, SavedViewPin
from portal.cases.queries.saved_views import count_saved_views, has_saved_view_called, pinned_ids
from portal.kernel import ids
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.errors import Conflict, Forbidden, Refused
from portal.kernel.events import record
from portal.tenants.queries.departments import active_departments

NAME_LIMIT = 60
# How many views of their own a person has, how many are shared at a provider, and how many stand in a rail.
MOST_OWN, MOST_SHARED, MOST_PINNED = 100, 200, 10


@dataclass(frozen=True, slots=True)
class ViewContent:
    """What somebody saves. *base* is a queue of the desk or a tab of the portal, *parameters* those of its address;
    *audience* is `me`, `department` (of *department_id*) or `everyone`."""

    name: str
    base: str
    parameters: Mapping[str, str]
    audience: str = "me"
    department_id: Id | None = None


def may_share(ctx: Context) -> bool:
    """Whether the actor may share views with others."""
    return can(ctx.actor, Permission.VIEW_SHARE)


def may_change(ctx: Context, view: SavedView) -> bool:
    """Whether the actor may change *view*: its owner, and for a shared one whoever may share."""
    return view.owner_id == ctx.actor.user_id or (view.is_shared and may_share(ctx))


def save_view(ctx: Context, content: ViewContent) -> SavedView:
    """Save a list of the actor's side; one that others find records `saved_view.added`. Raises Refused for what is
    incomplete, Conflict where there are too many."""
    _require_use(ctx)
    _check(ctx, content, None)
    if count_saved_views(ctx, shared=False) >= MOST_OWN:
        raise Conflict(_("You have %(most)d already. Delete one that you do not use first.", most=MOST_OWN))
    view = SavedView(
        id=ids.new_id(),
        provider_id=ctx.provider_id,
        owner_id=ctx.actor.user_id,
        side="desk" if ctx.actor.is_staff else "portal",
        version=0,
    )
    _fill(ctx, view, content)
    ctx.session.add(view)
    ctx.session.flush()
    if view.is_shared:
        record(ctx, "saved_view.added", view, title=view.name)
    return view


def change_view(ctx: Context, view: SavedView, content: ViewContent) -> None:
    """Change *view*; one that others find, or found, records `saved_view.changed`. Raises Forbidden for a view of
    somebody else, unless it is shared and the actor may share; Refused for what is incomplete."""
    _require_change(ctx, view)
    _check(ctx, content, view)
    before, was_shared = view.name, view.is_shared
    _fill(ctx, view, content)
    ctx.session.flush()
    if view.is_shared or was_shared:
        record(ctx, "saved_view.changed", view, title=view.name, before=before)


def delete_view(ctx: Context, view: SavedView) -> None:
    """Delete *view*, also from the rails that it stands in; a shared one records `saved_view.deleted`. Raises Forbidden
    as `change_view`."""
    _require_change(ctx, view)
    if view.is_shared:
        record(ctx, "saved_view.deleted", view, title=view.name)
    ctx.session.delete(view)
    ctx.session.flush()


def pin_view(ctx: Context, view: SavedView, *, pinned: bool) -> None:
    """Put *view* into the actor's rail, or take it out. Conflict where the rail is full."""
    require(ctx.actor, Permission.DESK_USE)
    if not pinned:
        own = (SavedViewPin.provider_id == ctx.provider_id, SavedViewPin.user_id == ctx.actor.user_id)
        ctx.session.execute(delete(SavedViewPin).where(*own, SavedViewPin.view_id == view.id))
        return
    standing = pinned_ids(ctx)
    if view.id not in standing and len(standing) >= MOST_PINNED:
        raise Conflict(_("The menu holds %(most)d views. Take one out first.", most=MOST_PINNED))
    row = {"id": ids.new_id(), "provider_id": ctx.provider_id, "view_id": view.id, "user_id": ctx.actor.user_id}
    ctx.session.execute(insert(SavedViewPin).values(**row).on_conflict_do_nothing())


def _require_use(ctx: Context) -> None:
    require(ctx.actor, Permission.DESK_USE if ctx.actor.is_staff else Permission.PORTAL_USE)


def _require_change(ctx: Context, view: SavedView) -> None:
    _require_use(ctx)
    if not may_change(ctx, view):
        raise Forbidden


def _check(ctx: Context, content: ViewContent, view: SavedView | None) -> None:
    """Raise Refused with the field for what is missing or not the actor's to choose."""
    name, owns = content.name.strip(), view is None or view.owner_id == ctx.actor.user_id
    if not name:
        raise Refused(_("Write a name"), "name")
    if owns and has_saved_view_called(ctx, name, but=view.id if view else None):
        raise Refused(_("You have one with this name. Choose another name."), "name")
    if content.audience == "me":
        if not owns:
            raise Refused(_("It belongs to somebody else, so it stays shared. Save a copy for yourself."), "audience")
        return
    is_as_before = view is not None and (view.audience, view.department_id) == (content.audience, content.department_id)
    if is_as_before:
        return
    require(ctx.actor, Permission.VIEW_SHARE)
    if content.audience == "department" and content.department_id not in [row.id for row in active_departments(ctx)]:
        raise Refused(_("Choose one of the departments"), "department")
    if (view is None or not view.is_shared) and count_saved_views(ctx, shared=True) >= MOST_SHARED:
        raise Refused(_("%(most)d views are shared already. Delete one first.", most=MOST_SHARED), "audience")


def _fill(ctx: Context, view: SavedView, content: ViewContent) -> None:
    view.name, view.base, view.parameters = content.name.strip(), content.base, dict(content.parameters)
    view.audience = content.audience
    view.department_id = content.department_id if content.audience == "department" else None
    view.changed_at = ctx.now
    view.version += 1
