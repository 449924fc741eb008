"""The two questions that a provider asks until it writes its own (seeds S2, S3)."""

from typing import Any

from flask_babel import lazy_gettext as _l

# The catalog translates these two; a provider's own questions carry their languages with them.
_SATISFIED = _l("How satisfied are you with how we handled this case?")
_BETTER = _l("What should we do better next time?")

DEFAULT_QUESTIONS: tuple[dict[str, Any], ...] = (
    {
        "name": "q1",
        "kind": "stars",
        "text": {"en": "How satisfied are you with how we handled this case?"},
        "required": True,
        "low": True,
        "choices": [],
    },
    {
        "name": "q2",
        "kind": "text",
        "text": {"en": "What should we do better next time?"},
        "required": False,
        "low": False,
        "choices": [],
    },
)

# What the catalog may translate; a provider's own words are never taken for something that the product says.
BUILT_IN = frozenset(text for question in DEFAULT_QUESTIONS for text in question["text"].values())
