"""What drafts about cases are about, for those that their writers may still load."""

from collections.abc import Collection, Sequence

from sqlalchemy import or_

from portal.authz.scopes import scope
from portal.cases.models import Case, RequestType
from portal.cases.queries.detail import split_key
from portal.kernel.context import Context
from portal.tenants.models import Account


def case_subjects(ctx: Context, keys: Sequence[str]) -> dict[str, str]:
    """The subjects of the visible cases among *keys*, by key in capital letters. One statement."""
    parts = dict.fromkeys(found for key in keys if (found := split_key(key)) is not None)
    if not parts:
        return {}
    named = or_(*((Account.key == account_key) & (Case.number == number) for account_key, number in parts))
    visible = scope(ctx.actor, Case).join(Account, Account.id == Case.account_id).where(named)
    rows = ctx.session.execute(visible.with_only_columns(Account.key, Case.number, Case.subject))
    return {f"{row[0]}-{row[1]}": row[2] for row in rows}


def request_type_names(ctx: Context, keys: Collection[str]) -> dict[str, str]:
    """The names of the active request types among *keys*, by key. One statement."""
    rows = scope(ctx.actor, RequestType).where(RequestType.key.in_(keys), RequestType.active)
    return {row[0]: row[1] for row in ctx.session.execute(rows.with_only_columns(RequestType.key, RequestType.name))}
