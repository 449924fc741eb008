"""Whether somebody without a place in any organization may come in at all."""

import uuid

from sqlalchemy import select

from portal.cases.models import CaseGrant
from portal.kernel.context import Context


def is_let_in(ctx: Context, user_id: uuid.UUID) -> bool:
    """Whether a case was opened to this person by name (people in copy, affected, readers)."""
    statement = select(CaseGrant.id).where(CaseGrant.provider_id == ctx.provider_id, CaseGrant.user_id == user_id)
    return ctx.session.scalar(statement.limit(1)) is not None
