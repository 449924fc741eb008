"""The two questions that a provider asks until it writes its own (seeds S2, S3)."""

from typing import Any

from flask_babel import lazy_gettext as _l

_SATISFIED = _l("How satisfied are you with how we handled this case?")
_BETTER = _l("What should we do better next time?")

# Kinds: stars (1 to 5; the first one is the score) and text. Stored as version 1 of a provider's questions.
DEFAULT_QUESTIONS: tuple[dict[str, Any], ...] = (
    {"name": "q1", "kind": "stars", "text": "How satisfied are you with how we handled this case?", "required": True},
    {"name": "q2", "kind": "text", "text": "What should we do better next time?", "required": False},
)
