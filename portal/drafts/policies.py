"""Who sees which drafts: everybody their own, on the side where they write them."""

from typing import Any

from sqlalchemy import Select, select

from portal.authz import scopes
from portal.drafts.models import FormDraft
from portal.kernel.actor import Actor


def own_drafts(actor: Actor) -> "Select[Any]":
    """One's own only: on the desk those of the desk, on the portal those of the portal."""
    rows = select(FormDraft).where(FormDraft.provider_id == actor.provider_id)
    if actor.is_system:
        return rows
    return rows.where(FormDraft.user_id == actor.user_id, FormDraft.side == ("desk" if actor.is_staff else "portal"))


scopes.register_scope(FormDraft, own_drafts)
