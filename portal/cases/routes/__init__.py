"""The two sides of cases: what clients do (`cases`) and what staff do (`desk`). Each module adds its views."""

from portal.cases import labels
from portal.cases.models import Case
from portal.cases.vocabulary import vocabulary
from portal.web.current import ctx
from portal.web.guards import Feature

cases = Feature("cases", __name__)
desk = Feature("desk", __name__, url_prefix="/desk")


def state_label(subject: Case | str, side: str) -> str:
    """The status word of a case, or of a state by its key, for one side."""
    spoken = vocabulary(ctx(), side)
    return spoken.word(subject) if isinstance(subject, str) else spoken.of(subject)


def markers(case: Case, side: str) -> list[tuple[str, str]]:
    """What stands beside the status of *case*."""
    return labels.markers(ctx(), case, side)


def state_sentence(case: Case) -> str:
    """What the provider tells customers about where *case* stands, or ''."""
    return vocabulary(ctx(), "contact").sentence(case)


cases.add_app_template_global(state_label)
cases.add_app_template_global(state_sentence)
cases.add_app_template_global(markers)

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
