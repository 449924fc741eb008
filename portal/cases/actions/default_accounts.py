"""Choosing one's own default account."""

from flask_babel import gettext as _
from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.cases.models import DefaultAccount
from portal.cases.queries.default_accounts import openable_accounts
from portal.kernel import ids
from portal.kernel.context import Context
from portal.kernel.errors import Refused
from portal.kernel.events import record


def choose_default_account(ctx: Context, key: str) -> None:
    """Make the account with *key* the actor's own default, or none with ''; records `person.default_account_chosen`
    (fact: account). Refused for an account in which they may not open cases."""
    require(ctx.actor, Permission.CASE_OPEN)
    account = next((row for row in openable_accounts(ctx) if row.key == key), None)
    if key and account is None:
        raise Refused(_("Choose one of your accounts"), "account")
    user_id, provider_id = ctx.actor.user_id, ctx.provider_id
    if account is None:
        ctx.session.execute(
            delete(DefaultAccount).where(DefaultAccount.provider_id == provider_id, DefaultAccount.user_id == user_id)
        )
    else:
        place = {"organization_id": account.organization_id, "account_id": account.id}
        row = insert(DefaultAccount).values(id=ids.new_id(), provider_id=provider_id, user_id=user_id, **place)
        # Of two presses at once the later counts.
        ctx.session.execute(row.on_conflict_do_update(index_elements=["provider_id", "user_id"], set_=place))
    record(ctx, "person.default_account_chosen", ctx.person, account=key)
