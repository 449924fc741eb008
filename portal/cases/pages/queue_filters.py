"""What the filters of a queue offer to a reader, and the filters in force by name."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask_babel import gettext as _

from portal.cases.pages.active_filters import ActiveFilter, Options, active_filters, answer_chips, with_chosen
from portal.cases.pages.list_columns import COLUMN_LABELS
from portal.cases.pages.list_filters import FILTER_NAMES, read_filters
from portal.cases.pages.queue_trail import view_label
from portal.cases.queries import severity_levels
from portal.cases.queries.lists import Filters, people_in_view
from portal.cases.queries.people import FILTER_LIMIT, people_choices
from portal.cases.queries.request_types import request_type_names
from portal.cases.queries.staff import possible_owners
from portal.cases.queries.tags import tag_choices
from portal.cases.vocabulary import vocabulary
from portal.kernel import ids
from portal.kernel.context import Context
from portal.tenants.queries import accounts as account_queries
from portal.tenants.queries import departments as department_queries
from portal.tenants.queries import environments as environment_queries
from portal.tenants.queries import organizations as organization_queries


def filter_options(context: Context, view: str, chosen: Any, filters: Filters) -> Options:
    """(value, label) of what each filter of the queue *view* offers, by parameter. *chosen* is the account in force, or
    None."""
    offered = people_choices(context, chosen.id, "", FILTER_LIMIT) if chosen else people_in_view(context, view)
    people = with_chosen(context, offered, filters)
    environments = environment_queries.environment_choices(context, [chosen.id]) if chosen else []
    return {
        "organization": organization_queries.organization_names(context),
        "account": [(chosen.id, chosen.name)] if chosen else [],
        "env": [(row.id, row.name) for row in environments],
        "department": [(row.id, row.name) for row in department_queries.active_departments(context)],
        "type": request_type_names(context, []),
        "severity": [(row.rank, row.name) for row in severity_levels(context)],
        "tier": [(tier, str(tier)) for tier in (1, 2, 3)],
        "owner": possible_owners(context),
        "tag": tag_choices(context, filters.tag_id),
        "by": people,
        "contact": people,
        "status": [*vocabulary(context, "staff").options(), ("any", _("Closed ones too"))],
    }


def describe_list(context: Context, base: str, parameters: Mapping[str, str]) -> list[ActiveFilter]:
    """What the saved list *base* with *parameters* shows, in words: its filters as this reader may know them, its
    grouping and its columns."""
    account_id = ids.parse_id(parameters.get("account"))
    chosen = account_queries.account_with_id(context, account_id) if account_id else None
    filters = replace(read_filters(context, {}, parameters), account_id=account_id)
    lines = active_filters(filters, filter_options(context, base, chosen, filters), given=parameters)
    lines += answer_chips(context, filters, parameters)
    if filters.group:
        groups = {"account": _("Account"), "owner": _("Owner"), "status": _("Status"), "severity": _("Severity")}
        lines.append(_layout_line("group", groups[filters.group]))
    if columns := [str(COLUMN_LABELS[key]) for key in parameters.get("columns", "").split(",") if key in COLUMN_LABELS]:
        lines.append(ActiveFilter(_("Columns: %(names)s", names=", ".join(columns)), ("columns",)))
    return [ActiveFilter(_("Queue: %(name)s", name=view_label(base)), ("view",)), *lines]


def _layout_line(name: str, value: str) -> ActiveFilter:
    return ActiveFilter(_("%(filter)s: %(value)s", filter=str(FILTER_NAMES[name]), value=value), (name,))
