"""In which account a person opens cases unless they say another."""

from collections.abc import Sequence
from typing import Any

from portal.authz.access import can
from portal.authz.permissions import Permission
from portal.authz.scopes import scope
from portal.cases.models import DefaultAccount
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.tenants.queries.accounts import account_choices


def has_several_accounts(ctx: Context) -> bool:
    """Whether the actor, a contact, works in more than one account."""
    return len({row.account_id for row in ctx.actor.access}) > 1


def openable_accounts(ctx: Context) -> Sequence[Any]:
    """(id, key, name, organization_id) of the accounts in which the actor, a contact, may open cases, by name."""
    open_to = {row.account_id for row in ctx.actor.access if can(ctx.actor, Permission.CASE_OPEN, row)}
    return [row for row in account_choices(ctx) if row.id in open_to]


def default_account_id(ctx: Context, user_id: Id) -> Id | None:
    """The account that the person chose; None if they chose none. Whether they may still open cases there is not
    asked."""
    rows = scope(ctx.actor, DefaultAccount).where(DefaultAccount.user_id == user_id)
    return ctx.session.scalar(rows.with_only_columns(DefaultAccount.account_id))


def default_account_key(ctx: Context) -> str:
    """The key of the actor's own default account, if they may open cases in it and in another; else ''. No statement
    for somebody of one account."""
    if ctx.actor.user_id is None or not has_several_accounts(ctx):
        return ""
    chosen = default_account_id(ctx, ctx.actor.user_id)
    return next((row.key for row in openable_accounts(ctx) if row.id == chosen), "") if chosen else ""
