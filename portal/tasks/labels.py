"""Words for tasks."""

from typing import Any

from flask_babel import gettext as _

EVENTS = ("task.added", "task.assigned", "task.changed", "task.done", "task.reopened", "task.removed")


def timeline_line(event: Any, *, staff_side: bool) -> str:
    """The line of an event of a task in the timeline, for staff only."""
    return history_line(event) if staff_side else ""


def history_line(event: Any) -> str:
    """The line of an event of a task in the history of its case."""
    said = event.facts["text"]
    text = said[1] if isinstance(said, list) else said
    match event.name:
        case "task.added":
            return _("Task added: %(text)s", text=text)
        case "task.assigned":
            return _("Task given to a colleague: %(text)s", text=text)
        case "task.done":
            return _("Task done: %(text)s", text=text)
        case "task.reopened":
            return _("Task open again: %(text)s", text=text)
        case "task.removed":
            return _("Task removed: %(text)s", text=text)
    return _("Task changed: %(text)s", text=text)
