"""The surface of tasks in the product."""

from flask_babel import lazy_gettext as _l

from portal.authz.permissions import Permission
from portal.tasks import labels, panels
from portal.tasks.actions import require_tasks_done
from portal.tasks.routes import tasks
from portal.web.feature import Feature, NavigationItem

FEATURE = Feature(
    name="tasks",
    blueprints=[tasks],
    navigation=[NavigationItem("work", 25, "tasks", _l("My tasks"), "/desk/tasks", "check", Permission.CASE_NOTE)],
    panels={8: panels.tasks_panel},
    slots={"verb": [panels.tasks_before_resolving]},
    preconditions={"resolve": [require_tasks_done]},
    history_lines=dict.fromkeys(labels.EVENTS, labels.history_line),
    timeline_lines=dict.fromkeys(labels.EVENTS, labels.timeline_line),
)
