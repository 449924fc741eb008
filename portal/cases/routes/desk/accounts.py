"""Accounts as the desk reads them: the list, and one account."""

from typing import Any

from flask import redirect, url_for

from portal.authz.permissions import Permission
from portal.cases.panels import columns_of
from portal.cases.queries.clients import open_counts
from portal.cases.queries.lists import Filters, view_page
from portal.cases.queries.people import people_of
from portal.cases.routes.blueprints import desk
from portal.cases.states import UNRESOLVED, State
from portal.kernel.errors import NotFound
from portal.tenants.queries import accounts as account_queries
from portal.tenants.queries import environments as environment_queries
from portal.web.current import ctx
from portal.web.guards import requires
from portal.web.htmx import page
from portal.web.urls import number_parameter, text_parameter

PEOPLE_SHOWN = 50
# The states of the counted cases, as values of the status filter.
OPEN_STATES = [state.value for state in State if state in UNRESOLVED]


@desk.get("/accounts")
@requires(Permission.CASE_READ)
def accounts() -> Any:
    """The visible accounts, with the number of open cases in each."""
    context, q = ctx(), text_parameter("q", 100)
    result = account_queries.accounts_page(context, q=q, number=number_parameter("page", 1))
    return page(
        "desk/accounts.html",
        result=result,
        q=q,
        open_states=",".join(OPEN_STATES),
        counts=open_counts(context, [row.id for row in result.rows]),
    )


@desk.get("/accounts/<account_key>")
@requires(Permission.CASE_READ)
def account(account_key: str) -> Any:
    """One account: open cases, environments, people."""
    context = ctx()
    if not account_key.isalnum():
        raise NotFound
    try:
        found = account_queries.account(context, account_key)
    except NotFound:
        renamed = account_queries.renamed_account(context, account_key)
        if renamed is None:
            raise
        return redirect(url_for("desk.account", account_key=renamed.key), 308)
    if account_key != found.key:
        return redirect(url_for("desk.account", account_key=found.key), 308)
    people = people_of(context, found.id, limit=PEOPLE_SHOWN + 1)
    result = view_page(context, "all", Filters(account_id=found.id, states=frozenset(OPEN_STATES)))
    return page(
        "desk/account.html",
        account=found,
        environments=environment_queries.environments_of(context, [found.id], limit=200),
        people=people[:PEOPLE_SHOWN],
        more_people=len(people) > PEOPLE_SHOWN,
        result=result,
        columns=columns_of(context, result.rows[:10]),
        open_states=",".join(OPEN_STATES),
        open=open_counts(context, [found.id]).get(found.id, 0),
    )
