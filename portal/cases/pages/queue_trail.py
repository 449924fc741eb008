"""The queue that a reader came from: its parameters travel with the case and back."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from flask import request, url_for
from flask_babel import gettext as _

from portal.cases.engine.request_fields import MOST_FIELDS
from portal.cases.queries.lists import added_view, views
from portal.cases.states import State
from portal.cases.vocabulary import vocabulary
from portal.kernel import ids
from portal.web.current import ctx
from portal.web.urls import text_parameter

# The parameters of a list, in the order of ux.md 1.4. Links to cases carry them.
LIST_PARAMETERS = (
    *("organization", "account", "env", "department", "type", "severity", "tier", "owner", "by", "contact", "tag"),
    *("status", "opened_from", "opened_to", "updated_from", "updated_to", "q", "group", "sort", "columns"),
    *("density", "size", "page", "saved"),
)
# Those that shape the page and do not narrow the list.
LAYOUT_PARAMETERS = ("group", "sort", "columns", "density", "size", "page", "saved")

# Parameters of filters by answers to own fields (`cases.engine.answer_filters`).
_OWN_PARAMETER = re.compile(r"own_[a-z][a-z0-9_]{0,34}")


def list_parameters(given: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """The names of the parameters of a list: LIST_PARAMETERS, and those of own fields that the request has. *given*:
    parameters in place of those of the request."""
    own = sorted(name for name in (request.args if given is None else given) if _OWN_PARAMETER.fullmatch(name))
    return (*LIST_PARAMETERS, *own[:MOST_FIELDS])


def view_label(view: str) -> str:
    """The label of a queue. Queues of one state have the provider's word for it."""
    added = added_view(view)
    if added is not None:
        return added.label()
    states = vocabulary(ctx(), "staff")
    match view:
        case "mine":
            return _("My open")
        case "unassigned":
            return _("Unassigned")
        case "customer-replied":
            return states.marker_word("customer_replied")
        case "escalated":
            return _("Escalated")
        case "recently-closed":
            return _("Recently closed")
        case "all":
            return _("All cases")
    return states.word(State(view.replace("-", "_")))


def queue_trail() -> dict[str, Any]:
    """The URL parameters of the queue that the reader came from; empty if they came from elsewhere."""
    view = text_parameter("view", 20)
    if view not in views():
        return {}
    values = {name: text_parameter(name) for name in list_parameters()}
    return {"view": view, **{name: value for name, value in values.items() if value}}


def queue_trail_query(prefix: str = "?") -> str:
    """The trail as a query string with *prefix*, or ''."""
    parameters = queue_trail()
    return prefix + urlencode(parameters) if parameters else ""


def case_link_query(view: str) -> str:
    """The query string of links to cases in a list: the view and the list's parameters."""
    values = {name: text_parameter(name) for name in list_parameters()}
    return "?" + urlencode({"view": view, **{name: value for name, value in values.items() if value}})


def live_query(view: str) -> str:
    """What describes an open queue to `/desk/tick`: the view, its filters, and when it was drawn."""
    filters = {name: text_parameter(name) for name in list_parameters() if name not in ("q", *LAYOUT_PARAMETERS)}
    # Identifiers do not travel in time with the clock of a demo, so the page tells both.
    drawn = {"since": int(ctx().now.timestamp() * 1000), "after": ids.new_id()}
    return urlencode({"queue": view, **drawn, **{name: value for name, value in filters.items() if value}})


def queue_url() -> str:
    """The URL of the list that the reader came from, or ''."""
    parameters = queue_trail()
    view = parameters.pop("view", "")
    return url_for("desk.queue", view=view, **parameters) if view else ""
