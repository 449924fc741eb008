"""The client's lists of cases: my, waiting for me, shared, copied and followed, all; and the same as files."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask import request
from flask_babel import gettext as _

from portal.authz.access import can
from portal.authz.permissions import Permission
from portal.cases.pages.active_filters import Options, active_filters, answer_chips, with_chosen
from portal.cases.pages.answer_filters import answer_fields
from portal.cases.pages.case_files import cases_file
from portal.cases.pages.list_columns import PORTAL_COLUMNS, PORTAL_DEFAULT, Columns, read_columns, url_without_ticks
from portal.cases.pages.list_filters import (
    file_url,
    has_no_status,
    is_filtered,
    kept_parameters,
    open_states,
    read_filters,
)
from portal.cases.pages.saved_views import differs, filter_address
from portal.cases.panels import columns_of
from portal.cases.policies import reads_private
from portal.cases.queries.lists import Filters, added_tabs, people_in_tab, state_counts, tab_file, tab_page
from portal.cases.queries.people import FILTER_LIMIT, people_choices
from portal.cases.queries.request_fields import listed_fields
from portal.cases.queries.request_types import request_type_names
from portal.cases.queries.saved_views import saved_views
from portal.cases.queries.severity_question import severity_choices
from portal.cases.routes.blueprints import cases
from portal.cases.vocabulary import vocabulary
from portal.kernel.context import Context
from portal.tenants.queries import accounts as account_queries
from portal.tenants.queries import departments as department_queries
from portal.tenants.queries import environments as environment_queries
from portal.web.current import ctx
from portal.web.guards import on_portal
from portal.web.htmx import page_or_fragment, see, wants_fragment
from portal.web.urls import text_parameter


@cases.get("/cases")
@on_portal
def index() -> Any:
    """P-05. Without a status filter closed cases are hidden, unless a search is made."""
    context = ctx()
    accounts = account_queries.account_choices(context)
    tabs = visible_tabs(context)
    columns = portal_columns(accounts)
    if "column" in request.args:
        return see(url_without_ticks(columns.offered, PORTAL_DEFAULT))
    tab, filters = asked_list(context, accounts, tabs)
    result = tab_page(context, tab, filters)
    states = vocabulary(context, "contact").options()
    chosen = next((a for a in accounts if a.id == filters.account_id), accounts[0] if len(accounts) == 1 else None)
    environments = environment_queries.environment_choices(context, [a.id for a in accounts])
    departments = department_queries.active_departments(context)
    severities = severity_choices(context)
    everybody = with_chosen(context, people_to_filter(context, tab, chosen), filters)
    people = [pair for pair in everybody if pair[0] != context.actor.user_id]
    types = request_type_names(context, [a.id for a in accounts])
    me = [(context.actor.user_id, _("Me")), *people]
    options: Options = {
        "account": [(a.id, a.name) for a in accounts],
        "env": environments,
        "department": [(row.id, row.name) for row in departments],
        "type": types,
        "severity": severities,
        "by": me,
        "contact": me,
    }
    saved = saved_views(context)
    chosen_filter = next((one for one in saved if str(one.id) == text_parameter("saved", 40)), None)
    return page_or_fragment(
        "cases/index.html",
        "cases/_results.html",
        tab=tab,
        tabs=tabs,
        added_tabs=added_tabs(),
        saved_filters=[(one, filter_address(one)) for one in saved],
        chosen_filter=chosen_filter,
        filter_differs=chosen_filter is not None and differs(context, chosen_filter, tab),
        filters=filters,
        result=result,
        columns=columns_of(context, result.rows),
        chosen_columns=columns,
        shown=columns.shown,
        types=types,
        active=[*active_filters(filters, options), *answer_chips(context, filters)],
        answer_fields=answer_fields(context, filters, types),
        in_fragment=wants_fragment(),
        narrowed=is_filtered(),
        kept=kept_parameters(),
        file_href=file_url("/cases.csv"),
        counts=state_counts(context, tab, [value for value, _label in states]),
        states=states,
        accounts=accounts,
        environments=environments,
        departments=departments,
        people=people,
        severities=severities,
        organization=next((m.name for m in context.actor.memberships.values()), ""),
    )


@cases.get("/cases.csv")
@on_portal
def file() -> Any:
    """The list that the same parameters show at /cases, all its pages, as a file for a spreadsheet."""
    context = ctx()
    accounts = account_queries.account_choices(context)
    tab, filters = asked_list(context, accounts, visible_tabs(context))
    found, columns = tab_file(context, tab, filters), portal_columns(accounts)
    return cases_file(context, found, columns)


def asked_list(context: Context, accounts: Any, tabs: list[tuple[str, str]]) -> tuple[str, Filters]:
    """(tab, filters) of the request; without a status and without words those that are not closed."""
    asked = text_parameter("tab", 10) or "my"
    filters = read_filters(context, {account.key: account.id for account in accounts})
    if has_no_status() and not filters.words:
        filters = replace(filters, states=open_states())
    known = {*dict(tabs), *(one.key for one in added_tabs())}
    return asked if asked in known else "my", filters


def portal_columns(accounts: Any) -> Columns:
    """The columns of the portal's lists: an account is named to people of several, a severity where it is asked for."""
    left_out = {"account"} if len(accounts) < 2 else set()
    if ctx().provider.severity_question == "none":
        left_out.add("severity")
    if not listed_fields(ctx()):
        left_out.add("answers")
    return read_columns([key for key in PORTAL_COLUMNS if key not in left_out], PORTAL_DEFAULT)


def people_to_filter(context: Context, tab: str, account: Any) -> Sequence[tuple[Any, str]]:
    """(user id, name) of the people that the filters offer: those of the account to who opens cases for others, else
    those of the cases in the tab."""
    if account is not None and can(context.actor, Permission.CASE_OPEN_FOR_OTHERS):
        return people_choices(context, account.id, "", FILTER_LIMIT)
    return people_in_tab(context, tab)


def visible_tabs(context: Context) -> list[tuple[str, str]]:
    """(key, label) of the tabs that can hold cases for this person."""
    name = next((m.name for m in context.actor.memberships.values()), "")
    several = len(context.actor.memberships) > 1
    tabs = [("my", _("My cases")), ("waiting", _("Waiting for me"))]
    shares = can(context.actor, Permission.CASE_READ_SHARED) or any(
        m.requesters_see_shared for m in context.actor.memberships.values()
    )
    if shares:
        tabs.append(("shared", _("Shared with me") if several else _("Shared with %(name)s", name=name)))
    tabs.append(("cc", _("Copied and followed")))
    administers = any(row.role == "organization_admin" for row in context.actor.access)
    manages = any(place.reports for place in context.actor.memberships.values())
    if administers or manages or any(reads_private(context.actor, row) for row in context.actor.access):
        tabs.append(("all", _("All") if several else _("All in %(name)s", name=name)))
    return tabs
