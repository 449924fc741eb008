"""The two built-in questions, used until a provider writes its own (seeds S2, S3)."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

# The catalog translates these two; a provider's own questions contain their translations.
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

# The one question about a call or a chat; a provider does not change it.
_CALL = _l("How was the call with us?")
_CHAT = _l("How was the chat with us?")


def _one_question(text: str) -> tuple[dict[str, Any], ...]:
    question = {
        "name": "talk_score",
        "kind": "stars",
        "text": {"en": text},
        "required": True,
        "low": True,
        "choices": [],
    }
    return (question,)


TALK_QUESTIONS: Mapping[str, tuple[dict[str, Any], ...]] = {
    "call": _one_question("How was the call with us?"),
    "chat": _one_question("How was the chat with us?"),
}

# The texts that the catalog may translate; a provider's own texts are never looked up in it.
BUILT_IN = frozenset(
    text
    for questions in (DEFAULT_QUESTIONS, *TALK_QUESTIONS.values())
    for question in questions
    for text in question["text"].values()
)
