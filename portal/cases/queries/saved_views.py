"""Saved lists of cases: those that a reader finds, and those in their rail with the number of cases that they see."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func
from sqlalchemy.orm import joinedload

from portal.authz.scopes import load, scope
from portal.cases.models import SavedView, SavedViewPin
from portal.kernel.actor import Actor, Id
from portal.kernel.context import Context
from portal.kernel.statement_cache import fetch_rows

# Views that a list of them shows; more than a person and a provider may have (`actions.saved_views`).
LIST_LIMIT = 500


@dataclass(frozen=True, slots=True)
class PinnedView:
    """A view in the rail."""

    id: Id
    name: str
    base: str
    parameters: Mapping[str, str]

    @property
    def key(self) -> str:
        """The name of its count."""
        return f"view-{self.id}"


def saved_view(ctx: Context, view_id: Id, *, lock: bool = False) -> SavedView:
    """The visible view with this id; NotFound otherwise."""
    options = [] if lock else [joinedload(SavedView.owner), joinedload(SavedView.department)]
    return load(ctx, SavedView, SavedView.id == view_id, lock=lock, options=options)


def find_saved_view(ctx: Context, view_id: Id | None) -> SavedView | None:
    """The visible view with this id; None for any other."""
    if view_id is None:
        return None
    return ctx.session.scalars(scope(ctx.actor, SavedView).where(SavedView.id == view_id)).one_or_none()


def saved_views(ctx: Context) -> Sequence[SavedView]:
    """The visible views with owner and department: first the actor's own, each kind by name. One statement."""
    rows = scope(ctx.actor, SavedView).options(joinedload(SavedView.owner), joinedload(SavedView.department))
    mine = SavedView.owner_id == ctx.actor.user_id
    return ctx.session.scalars(
        rows.order_by(mine.desc(), func.folded(SavedView.name), SavedView.id).limit(LIST_LIMIT)
    ).all()


def count_saved_views(ctx: Context, *, shared: bool) -> int:
    """How many views the provider shares that the actor finds, or how many are the actor's own."""
    which = SavedView.audience != "me" if shared else SavedView.owner_id == ctx.actor.user_id
    return ctx.session.scalar(scope(ctx.actor, SavedView).where(which).with_only_columns(func.count())) or 0


def has_saved_view_called(ctx: Context, name: str, *, but: Id | None = None) -> bool:
    """Whether another view of the actor's own has *name*, whatever its letter case."""
    rows = scope(ctx.actor, SavedView).where(
        SavedView.owner_id == ctx.actor.user_id, func.folded(SavedView.name) == func.folded(name)
    )
    if but is not None:
        rows = rows.where(SavedView.id != but)
    return ctx.session.scalar(rows.with_only_columns(SavedView.id).limit(1)) is not None


def pinned_views(ctx: Context) -> list[PinnedView]:
    """The views in the actor's rail that they find, by name. One statement."""
    return [PinnedView(*tuple(row)) for row in fetch_rows(ctx, _pinned_views)]


def pinned_ids(ctx: Context) -> set[uuid.UUID]:
    """The ids of the views in the actor's rail."""
    return set(ctx.session.scalars(scope(ctx.actor, SavedViewPin).with_only_columns(SavedViewPin.view_id)))


def _pinned_views(actor: Actor) -> "Select[Any]":
    return (
        scope(actor, SavedView)
        .join(SavedViewPin, SavedViewPin.view_id == SavedView.id)
        .where(SavedViewPin.user_id == actor.user_id, SavedViewPin.provider_id == actor.provider_id)
        .with_only_columns(SavedView.id, SavedView.name, SavedView.base, SavedView.parameters)
        .order_by(func.folded(SavedView.name), SavedView.id)
    )
