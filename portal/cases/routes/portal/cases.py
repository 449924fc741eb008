"""The client's lists of cases: my, shared, copied and followed, all."""

from dataclasses import replace
from typing import Any

from flask_babel import gettext as _

from portal.authz.access import can
from portal.authz.permissions import Permission
from portal.cases.pages.list_filters import has_no_status, open_states, read_filters
from portal.cases.panels import columns_of
from portal.cases.policies import reads_private
from portal.cases.queries.lists import state_counts, tab_page
from portal.cases.queries.people import FILTER_LIMIT, people_choices
from portal.cases.queries.severity_question import severity_choices
from portal.cases.routes.blueprints import cases
from portal.cases.vocabulary import vocabulary
from portal.kernel.context import Context
from portal.tenants.queries import accounts as account_queries
from portal.tenants.queries import departments as department_queries
from portal.tenants.queries import environments as environment_queries
from portal.web.current import ctx
from portal.web.guards import on_portal
from portal.web.htmx import page_or_fragment
from portal.web.urls import text_parameter


@cases.get("/cases")
@on_portal
def index() -> Any:
    """P-05. Without a status filter closed cases are hidden, unless a search is made."""
    context = ctx()
    accounts = account_queries.account_choices(context)
    tabs = visible_tabs(context)
    asked = text_parameter("tab", 10) or "my"
    tab = asked if asked in dict(tabs) else "my"
    filters = read_filters(context, {account.key: account.id for account in accounts})
    if has_no_status() and not filters.words:
        filters = replace(filters, states=open_states())
    result = tab_page(context, tab, filters)
    states = vocabulary(context, "contact").options()
    chosen = next((a for a in accounts if a.id == filters.account_id), accounts[0] if len(accounts) == 1 else None)
    for_others = chosen is not None and can(context.actor, Permission.CASE_OPEN_FOR_OTHERS)
    return page_or_fragment(
        "cases/index.html",
        "cases/_results.html",
        tab=tab,
        tabs=tabs,
        filters=filters,
        result=result,
        columns=columns_of(context, result.rows),
        counts=state_counts(context, tab, [value for value, _label in states]),
        states=states,
        accounts=accounts,
        environments=environment_queries.environment_choices(context, [a.id for a in accounts]),
        departments=department_queries.active_departments(context),
        people=people_choices(context, chosen.id, "", FILTER_LIMIT, without=[context.actor.user_id])
        if chosen and for_others
        else [],
        severities=severity_choices(context),
        organization=next((m.name for m in context.actor.memberships.values()), ""),
    )


def visible_tabs(context: Context) -> list[tuple[str, str]]:
    """(key, label) of the tabs that can hold cases for this person."""
    name = next((m.name for m in context.actor.memberships.values()), "")
    several = len(context.actor.memberships) > 1
    tabs = [("my", _("My cases"))]
    shares = can(context.actor, Permission.CASE_READ_SHARED) or any(
        m.requesters_see_shared for m in context.actor.memberships.values()
    )
    if shares:
        tabs.append(("shared", _("Shared with me") if several else _("Shared with %(name)s", name=name)))
    tabs.append(("cc", _("Copied and followed")))
    administers = any(row.role == "organization_admin" for row in context.actor.access)
    if administers or any(reads_private(context.actor, row) for row in context.actor.access):
        tabs.append(("all", _("All") if several else _("All in %(name)s", name=name)))
    return tabs
