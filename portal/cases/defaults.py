"""The choices of a new provider, as data: four severity levels and one request type (ux.md P-03)."""

from typing import Any

from flask_babel import lazy_gettext as _l

# (name, description for customers), the worst first.
SEVERITY_LEVELS: list[tuple[Any, Any]] = [
    (_l("Emergency"), _l("Service is down or a key function cannot be used. No way around it.")),
    (_l("High"), _l("Part of the service is down with serious effect.")),
    (_l("Medium"), _l("Works, but with trouble; a way around may exist.")),
    (_l("Low"), _l("No loss of service: a question or a wish.")),
]

REQUEST_TYPE: dict[str, Any] = {
    "key": "support",
    "name": _l("Get support"),
    "description": _l("Something does not work, or you have a question"),
    "icon": "tool",
    "template": "",
}
