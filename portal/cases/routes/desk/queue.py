"""The queues of the desk (D-01): one list, built-in views and those of later features, filters in the URL."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from markupsafe import Markup

from portal.authz.access import can
from portal.authz.permissions import Permission
from portal.cases.actions.bulk import BULK_LIMIT
from portal.cases.actions.saved_views import may_change
from portal.cases.pages.active_filters import active_filters, answer_chips
from portal.cases.pages.answer_filters import answer_fields
from portal.cases.pages.case_files import cases_file
from portal.cases.pages.list_columns import DESK_COLUMNS, DESK_DEFAULT, Columns, read_columns, url_without_ticks
from portal.cases.pages.list_filters import chosen_account, file_url, is_filtered, kept_parameters, read_filters
from portal.cases.pages.queue_filters import filter_options
from portal.cases.pages.queue_trail import list_parameters, view_label
from portal.cases.pages.saved_views import chosen_view, differs
from portal.cases.panels import columns_of, row_marks
from portal.cases.presence import present_on
from portal.cases.queries.lists import (
    Filters,
    added_view,
    default_sort,
    view_counts,
    view_file,
    view_page,
    views,
)
from portal.cases.queries.request_fields import listed_fields
from portal.cases.queries.rows import CaseRow
from portal.cases.queries.saved_views import pinned_ids
from portal.cases.queries.severity_levels import level_name
from portal.cases.routes.blueprints import desk
from portal.cases.vocabulary import vocabulary
from portal.kernel.config_cache import cached_config, for_accounts
from portal.kernel.context import Context
from portal.kernel.errors import NotFound
from portal.tenants.queries import accounts as account_queries
from portal.web.current import ctx
from portal.web.guards import requires
from portal.web.htmx import page_or_fragment, see, wants_fragment
from portal.web.template_globals import draw_options
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
    if "column" in request.args:
        return see(url_without_ticks(DESK_COLUMNS, DESK_DEFAULT))
    context = ctx()
    accounts = account_queries.account_choices(context)
    chosen, filters = asked_queue(context, accounts)
    result = view_page(context, view, filters)
    columns = desk_columns(context)
    options = filter_options(context, view, chosen, filters)
    saved = chosen_view(context)
    answer = page_or_fragment(
        "desk/queue.html",
        "desk/_results.html",
        view=view,
        title=saved.name if saved else view_label(view),
        saved=saved,
        saved_changes=saved is not None and may_change(context, saved),
        saved_differs=saved is not None and differs(context, saved, view),
        is_pinned=saved is not None and saved.id in pinned_ids(context),
        filters=filters,
        result=result,
        columns=columns_of(context, result.rows),
        marks=row_marks(context, view, result.rows),
        present=present_on(context, [row.id for row in result.rows]),
        chosen_columns=columns,
        shown=columns.shown,
        types=options["type"],
        active=[*active_filters(filters, options), *answer_chips(context, filters)],
        answer_fields=answer_fields(context, filters, options["type"]),
        in_fragment=wants_fragment(),
        kept=kept_parameters(),
        file_href=file_url(f"/desk/queue/{view}/cases.csv"),
        compact=text_parameter("density", 20) == "compact",
        group_label=group_labels(context, filters.group),
        organizations=draw_options(options["organization"], filters.organization_id),
        several_organizations=len(list(options["organization"])) > 1,
        sort=default_sort(view),
        added=added_view(view),
        narrowed=is_filtered(),
        accounts=accounts,
        account_options=account_options(context, chosen),
        chosen=chosen,
        levels=options["severity"],
        people=options["by"],
        departments=options["department"],
        staff=options["owner"],
        tags=options["tag"],
        states=vocabulary(context, "staff").options(),
        environments=options["env"],
        most=BULK_LIMIT,
        elsewhere={} if result.rows or is_filtered() else view_counts(context, ["unassigned", "all"]),
        acts=can(context.actor, Permission.CASE_TAKE),
    )
    if wants_fragment():
        # The URL of the list without empty fields (ux.md 1.4).
        values = {name: text_parameter(name) for name in list_parameters()}
        query: dict[str, Any] = {name: value for name, value in values.items() if value}
        answer.headers["HX-Push-Url"] = url_for("desk.queue", view=view, **query)
    return answer


@desk.get("/queue/<view>/cases.csv")
@requires(Permission.CASE_READ)
def queue_file(view: str) -> Any:
    """The list that the same parameters show at /desk/queue/<view>, all its pages, as a file for a spreadsheet."""
    if view not in views():
        raise NotFound
    context = ctx()
    _chosen, filters = asked_queue(context, account_queries.account_choices(context))
    found = view_file(context, view, filters)
    return cases_file(context, found, desk_columns(context))


def asked_queue(context: Context, accounts: Any) -> tuple[Any, Filters]:
    """(account, filters) of the request; raises NotFound for an account that the actor does not see."""
    chosen = chosen_account(context, accounts)
    filters = read_filters(context, {account.key: account.id for account in (*accounts, *([chosen] if chosen else []))})
    return chosen, replace(filters, account_id=chosen.id if chosen else filters.account_id)


def desk_columns(context: Context) -> Columns:
    """The columns of the queues; answers to own fields where some are meant for lists."""
    return read_columns([key for key in DESK_COLUMNS if key != "answers" or listed_fields(context)], DESK_DEFAULT)


def group_labels(context: Context, group: str) -> Callable[[CaseRow], str] | None:
    """The heading of the group of a case; None without a grouping."""
    words = vocabulary(context, "staff")
    labels: dict[str, Callable[[CaseRow], str]] = {
        "account": lambda case: f"{case.account.name} ({case.account.key})",
        "owner": lambda case: case.owner.user.name if case.owner else _("Unassigned"),
        "status": lambda case: words.word(case.state),
        "severity": lambda case: level_name(context, case.severity),
    }
    return labels.get(group)


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
