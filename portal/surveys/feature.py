"""The surface of surveys in the product."""

from flask_babel import lazy_gettext as _l

from portal.surveys.labels import HISTORY, history_line
from portal.surveys.panels import requester_satisfaction, survey_panel
from portal.surveys.routes import surveys
from portal.web.feature import Feature, NavigationItem

FEATURE = Feature(
    name="surveys",
    blueprints=[surveys],
    navigation=[
        NavigationItem("more", 40, "surveys", _l("Surveys"), "/desk/surveys", "star"),
        NavigationItem("feedback", 10, "surveys", _l("Surveys"), "/admin/surveys", "star"),
    ],
    panels={20: survey_panel},
    slots={"requester": [requester_satisfaction]},
    history_lines=dict.fromkeys(HISTORY, history_line),
)
