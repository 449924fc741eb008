"""The two questions that a new provider starts with, as data."""

from typing import Any

from flask_babel import lazy_gettext as _l

DEFAULT_QUESTIONS: list[dict[str, Any]] = [
    {
        "name": "q1", "kind": "stars", "required": True,
        "text": _l("How satisfied are you with how we handled this case?"),
    },
    {"name": "q2", "kind": "text", "required": False, "text": _l("What should we do better next time?")},
]
