"""The queues of the desk (D-01): one list, built-in views and those of later features, filters in the URL."""

from dataclasses import replace
from typing import Any

from flask import url_for
from markupsafe import Markup

from portal.authz.access import can
from portal.authz.permissions import Permission
from portal.cases.actions.bulk import BULK_LIMIT
from portal.cases.pages.list_filters import chosen_account, is_filtered, read_filters
from portal.cases.pages.queue_trail import LIST_PARAMETERS, view_label
from portal.cases.panels import columns_of
from portal.cases.queries import severity_levels
from portal.cases.queries.lists import added_view, default_sort, view_counts, view_page, views
from portal.cases.queries.people import FILTER_LIMIT, people_choices
from portal.cases.queries.staff import possible_owners
from portal.cases.routes.blueprints import desk
from portal.cases.vocabulary import vocabulary
from portal.kernel.config_cache import cached_config, for_accounts
from portal.kernel.context import Context
from portal.kernel.errors import NotFound
from portal.tenants.queries import accounts as account_queries
from portal.tenants.queries import departments as department_queries
from portal.tenants.queries import environments as environment_queries
from portal.web.current import ctx
from portal.web.guards import requires
from portal.web.htmx import page_or_fragment, see, wants_fragment
from portal.web.urls import text_parameter


@desk.get("")
@requires(Permission.CASE_READ)
def home() -> Any:
    """Redirect to the actor's own cases."""
    return see(url_for("desk.queue", view="mine"))


@desk.get("/queue/<view>")
@requires(Permission.CASE_READ)
def queue(view: str) -> Any:
    """One queue. An unknown view, or an account that the actor does not see, answers 404."""
    if view not in views():
        raise NotFound
    context = ctx()
    accounts = account_queries.account_choices(context)
    chosen = chosen_account(context, accounts)
    filters = read_filters(context, {account.key: account.id for account in (*accounts, *([chosen] if chosen else []))})
    filters = replace(filters, account_id=chosen.id if chosen else filters.account_id)
    result = view_page(context, view, filters)
    answer = page_or_fragment(
        "desk/queue.html",
        "desk/_results.html",
        view=view,
        title=view_label(view),
        filters=filters,
        result=result,
        columns=columns_of(context, result.rows),
        sort=default_sort(view),
        added=added_view(view),
        narrowed=is_filtered(),
        accounts=accounts,
        account_options=account_options(context, chosen),
        chosen=chosen,
        levels=severity_levels(context),
        people=people_choices(context, chosen.id, "", FILTER_LIMIT) if chosen else [],
        departments=department_queries.active_departments(context),
        staff=possible_owners(context),
        states=vocabulary(context, "staff").options(),
        environments=environment_queries.environment_choices(context, [chosen.id]) if chosen else [],
        most=BULK_LIMIT,
        elsewhere={} if result.rows or is_filtered() else view_counts(context, ["unassigned", "all"]),
        acts=can(context.actor, Permission.CASE_TAKE),
    )
    if wants_fragment():
        # The URL of the list without empty fields (ux.md 1.4).
        values = {name: text_parameter(name) for name in LIST_PARAMETERS}
        query: dict[str, Any] = {name: value for name, value in values.items() if value}
        answer.headers["HX-Push-Url"] = url_for("desk.queue", view=view, **query)
    return answer


def account_options(context: Context, chosen: Any) -> Markup:
    """The accounts as option elements, cached for all actors who see the same accounts: there may be hundreds."""
    drawn = cached_config(context, for_accounts, _draw_account_options)
    if chosen:
        line = Markup('<option value="{}" selected>{} ({})</option>').format(chosen.key, chosen.name, chosen.key)
        return Markup("").join(line if key == chosen.key else option for key, option in drawn)
    return Markup("").join(option for _key, option in drawn)


def _draw_account_options(context: Context) -> tuple[tuple[str, Markup], ...]:
    line = Markup('<option value="{}">{} ({})</option>')
    rows = account_queries.account_choices(context)
    return tuple((row.key, line.format(row.key, row.name, row.key)) for row in rows)
