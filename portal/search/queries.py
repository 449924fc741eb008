"""Finding accounts and people by words; cases are found by `cases.queries.finding`. Every read starts at a scope."""

from collections.abc import Sequence

from sqlalchemy import exists, func, or_
from sqlalchemy.orm import contains_eager, joinedload

from portal.authz.scopes import scope
from portal.cases.models import Case
from portal.cases.queries.finding import matching
from portal.cases.queries.lists import shown_in_lists
from portal.identity.models import Address, User
from portal.kernel import text
from portal.kernel.context import Context
from portal.kernel.paging import Page, paged
from portal.tenants.models import Account, Contact
from portal.tenants.queries.finding import folded, named


def cases(ctx: Context, asked: str, number: int = 1) -> Page[Case]:
    """Visible cases with the number, the words or the status *asked*, the newest update first."""
    rows = scope(ctx.actor, Case).where(matching(ctx, asked)).options(*shown_in_lists())
    return paged(ctx.session, rows.order_by(Case.updated_at.desc(), Case.id.desc()), number, 20)


def accounts(ctx: Context, asked: str, limit: int = 10) -> Sequence[Account]:
    """Visible accounts whose name or key has every word of *asked*."""
    if not text.words(asked):
        return []
    rows = scope(ctx.actor, Account).where(named(asked, folded(Account.name), func.lower(Account.key)))
    return ctx.session.scalars(
        rows.options(joinedload(Account.organization, innerjoin=True)).order_by(Account.name).limit(limit)
    ).all()


def people(ctx: Context, asked: str, limit: int = 10) -> Sequence[Contact]:
    """Visible contacts whose name or address has every word of *asked*, by name."""
    words = text.words(asked)
    if not words:
        return []
    rows = (
        scope(ctx.actor, Contact)
        .join(User, User.id == Contact.user_id)
        .where(Contact.active)
        .options(contains_eager(Contact.user), joinedload(Contact.organization, innerjoin=True))
    )
    for word in words:
        address = exists().where(Address.user_id == User.id, Address.email_folded.contains(word, autoescape=True))
        rows = rows.where(or_(User.name_folded.contains(word, autoescape=True), address))
    return ctx.session.scalars(rows.order_by(User.name_folded, Contact.id).limit(limit)).all()
