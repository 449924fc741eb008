"""The form of interface texts that a provider may reword: one field a text, made for one language."""

from collections.abc import Mapping
from typing import Any

from wtforms import HiddenField

from portal.tenants import renamable_texts
from portal.web.edit_conflict import VersionedForm
from portal.web.forms import line_field

_TEXTS = tuple(text for _title, texts in renamable_texts.GROUPS for text in texts)


def phrase_field(text: str) -> str:
    """The name of the field for one text of the interface."""
    return f"phrase-{_TEXTS.index(text)}"


def phrases_form(phrases: Mapping[str, str] | None, **values: Any) -> "PhrasesForm":
    """The form of every text that can be renamed, filled with *phrases*; None: with what was sent."""
    fields = {phrase_field(text): line_field(text, limit=renamable_texts.LONGEST) for text in _TEXTS}
    made: type[PhrasesForm] = type("PhrasesForm", (PhrasesForm,), fields)
    if phrases is None:
        return made()
    stored = {phrase_field(text): own for text, own in phrases.items() if text in _TEXTS}
    return made(data={**stored, **values})


class PhrasesForm(VersionedForm):
    """See `phrases_form`."""

    language = HiddenField()

    def phrases(self) -> dict[str, str]:
        """The typed phrases, by text."""
        return {text: self[phrase_field(text)].data or "" for text in _TEXTS}
