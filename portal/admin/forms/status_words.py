"""The form of status words: one field a text, made for one language."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField

from portal.cases.actions.status_words import LONGEST_SENTENCE, LONGEST_WORD
from portal.cases.queries.interface import State, vocabulary
from portal.web.edit_conflict import VersionedForm
from portal.web.forms import line_field

PARTS = {"contact": _l("Customers read"), "staff": _l("Staff read"), "sentences": _l("Sentence for customers")}
# Which keys of the vocabulary have which parts: a marker alone carries no sentence.
SENTENCED = tuple(key for key in vocabulary.KEYS if key not in vocabulary.MARKERS)


def status_field(part: str, key: str) -> str:
    """The name of the field for one word."""
    return f"{part}-{key.replace('.', '-')}"


def status_words_form(words: Mapping[str, Any] | None, **values: Any) -> "StatusWordsForm":
    """The form of every status word, filled with *words* (part → key → text); None: with what was sent."""
    fields: dict[str, Any] = {}
    for part, label in PARTS.items():
        limit = LONGEST_SENTENCE if part == "sentences" else LONGEST_WORD
        for key in SENTENCED if part == "sentences" else vocabulary.KEYS:
            fields[status_field(part, key)] = line_field(label, limit=limit)
    made: type[StatusWordsForm] = type("StatusWordsForm", (StatusWordsForm,), fields)
    if words is None:
        return made()
    stored = {status_field(part, key): text for part, texts in words.items() for key, text in texts.items()}
    return made(data={**stored, **values})


class StatusWordsForm(VersionedForm):
    """See `status_form`."""

    language = HiddenField()

    def words(self) -> dict[str, dict[str, str]]:
        """The typed labels: part → key → text."""
        return {
            part: {
                key: self[status_field(part, key)].data or ""
                for key in vocabulary.KEYS
                if status_field(part, key) in self._fields
            }
            for part in PARTS
        }


def grouped_keys() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The states, and what depends on who spoke last."""
    states = tuple(state.value for state in State)
    return states, tuple(key for key in vocabulary.KEYS if key not in states)
