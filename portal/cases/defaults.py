"""The choices of a new provider, as data: four severity levels and one request type (ux.md P-03)."""

from typing import Any

from flask_babel import lazy_gettext as _l

# (name, description for customers), the worst first.
SEVERITY_LEVELS: list[tuple[Any, Any]] = [
    (_l("Emergency"), _l("The service is down or a key function cannot be used. There is no workaround.")),
    (_l("High"), _l("Part of the service is down, with serious impact.")),
    (_l("Medium"), _l("The service works, but with problems. There may be a workaround.")),
    (_l("Low"), _l("The service works: a question or a request.")),
]

REQUEST_TYPE: dict[str, Any] = {
    "key": "support",
    "name": _l("Get support"),
    "description": _l("Something does not work, or you have a question"),
    "icon": "tool",
    "template": "",
}
