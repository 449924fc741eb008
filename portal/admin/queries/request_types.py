"""Request types as administrators list them: archived ones too."""

import uuid
from collections.abc import Sequence

from sqlalchemy.orm import joinedload

from portal.authz.scopes import load, scope
from portal.cases.models import RequestType
from portal.kernel.context import Context


def all_request_types(ctx: Context) -> Sequence[RequestType]:
    """Those that can be chosen in their order, then the archived ones."""
    statement = scope(ctx.actor, RequestType).options(joinedload(RequestType.department))
    return ctx.session.scalars(
        statement.order_by(RequestType.active.desc(), RequestType.position, RequestType.name, RequestType.id).limit(500)
    ).all()


def request_type(ctx: Context, type_id: uuid.UUID, *, lock: bool = False) -> RequestType:
    """One request type; NotFound otherwise."""
    return load(ctx, RequestType, RequestType.id == type_id, lock=lock)
