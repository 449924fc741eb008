"""The two sides of cases: what clients do (`cases`) and what staff do (`desk`). Each module adds its views."""

from portal.cases.states import default_label
from portal.web.guards import Feature

cases = Feature("cases", __name__)
desk = Feature("desk", __name__, url_prefix="/desk")
cases.add_app_template_global(default_label, "state_label")

from portal.cases.routes import (  # noqa: E402 - the views register themselves on the blueprints above
    desk_bulk,
    desk_case,
    desk_clients,
    desk_linking,
    desk_new,
    desk_people,
    desk_queue,
    desk_talk,
    desk_verbs,
    files,
    home,
    opening,
    portal_case,
    portal_list,
    portal_verbs,
    sharing,
)

__all__ = [
    "cases",
    "desk",
    "desk_bulk",
    "desk_case",
    "desk_clients",
    "desk_linking",
    "desk_new",
    "desk_people",
    "desk_queue",
    "desk_talk",
    "desk_verbs",
    "files",
    "home",
    "opening",
    "portal_case",
    "portal_list",
    "portal_verbs",
    "sharing",
]
