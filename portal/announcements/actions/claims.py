"""What somebody said of announcements who was named by an address that belongs to another person (decision 20)."""

from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import aliased

from portal.announcements.models import AnnouncementFollow, AnnouncementJoin
from portal.kernel import ids
from portal.kernel.context import Context
from portal.kernel.events import Event
from portal.kernel.system_context import as_system


def move_joins(ctx: Context, event: Event) -> None:
    """React to `person.claim_accepted`: what hit the claimant, and what they follow or muted, is the holder's. Where
    both said something of one announcement and place, the holder's word stays."""
    claimant_id, holder_id = ids.parse_id(event.facts["claimant"]), event.subject_id
    with as_system(ctx, with_own_rows=True) as inner:
        models: tuple[tuple[Any, tuple[str, ...]], ...] = (
            (AnnouncementJoin, ("announcement_id", "account_id", "environment_id")),
            (AnnouncementFollow, ("announcement_id",)),
        )
        for model, key in models:
            held = aliased(model)
            same = [getattr(held, name).is_not_distinct_from(getattr(model, name)) for name in key]
            twice = select(held.id).where(held.user_id == holder_id, *same).exists()
            own = (model.provider_id == ctx.provider_id, model.user_id == claimant_id)
            for statement in (update(model).where(*own, ~twice).values(user_id=holder_id), delete(model).where(*own)):
                inner.session.execute(statement.execution_options(synchronize_session=False))
        inner.session.expire_all()
