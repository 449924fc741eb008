"""In which accounts the sender of a mail may open a case, and which of them the mail names."""

from collections.abc import Iterable, Sequence

from portal.authz.access import can
from portal.authz.permissions import Permission
from portal.authz.scopes import scope
from portal.cases.actions.opening import OpeningLocation
from portal.kernel.actor import Actor
from portal.kernel.context import Context
from portal.tenants.models import Account


def accounts_of(ctx: Context, actor: Actor) -> Sequence[Account]:
    """The accounts in which *actor* may open a case, the oldest first: the one that they, or their company, began
    with. *ctx* limits them to what its own actor sees."""
    ids = {
        row.account_id
        for row in actor.access
        if can(actor, Permission.CASE_OPEN, OpeningLocation(row.organization_id, row.account_id, row.environment_id))
    }
    if not ids:
        return []
    return ctx.session.scalars(scope(ctx.actor, Account).where(Account.id.in_(ids)).order_by(Account.id)).all()


def named_account(accounts: Iterable[Account], recipients: Iterable[str]) -> Account | None:
    """The first of *accounts* whose key stands in an address that the mail went to: `support+ACME@…`."""
    tags = {local.partition("+")[2].lower() for local in (one.rpartition("@")[0] for one in recipients)}
    return next((account for account in accounts if account.key.lower() in tags), None)
