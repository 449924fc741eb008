"""The form of one question, in every language of the portal."""

from collections.abc import Mapping
from typing import Any

from babel import Locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal.surveys.engine.questions import CHOICE_LIMIT, MOST_CHOICES, TEXT_LIMIT
from portal.web.edit_conflict import VersionedForm
from portal.web.forms import choice_field, flag_field, line_field, text_field
from portal.web.language import LANGUAGES

KINDS = (
    ("stars", _l("1 to 5 stars")),
    ("yes_no", _l("Yes or no")),
    ("choice", _l("One of several answers")),
    ("text", _l("Free text")),
)


class QuestionForm(VersionedForm):
    """One question; `question_form` adds a wording and the answers to choose from in each language."""

    kind = choice_field(_l("Kind of answer"), choices=KINDS, default="stars")
    required = flag_field(_l("Must be answered"))
    low = flag_field(_l("A low answer opens a follow-up"))

    def question(self) -> dict[str, Any]:
        """The question for the actions."""
        return {
            "kind": self.kind.data,
            "required": self.required.data,
            "low": self.low.data,
            "text": {code: self[f"text_{code}"].data or "" for code in LANGUAGES},
            "choices": self._choices() if self.kind.data == "choice" else [],
        }

    def _choices(self) -> list[dict[str, str]]:
        """The lines of the languages side by side: the first answer of one is the first of the other."""
        written = {code: (self[f"choices_{code}"].data or "").split("\n") for code in LANGUAGES}
        columns = {code: [text for text in map(str.strip, lines) if text] for code, lines in written.items()}
        most = max(map(len, columns.values()))
        return [{code: texts[n] for code, texts in columns.items() if n < len(texts)} for n in range(most)]


def languages(own: str) -> list[tuple[str, str]]:
    """(code, name) of the portal's languages, the provider's *own* first."""
    codes = sorted(LANGUAGES, key=lambda code: (code != own, LANGUAGES.index(code)))
    return [(code, str(Locale.parse(code).get_display_name() or code).capitalize()) for code in codes]


def question_form(own: str, question: Mapping[str, Any] | None = None, version: str = "") -> QuestionForm:
    """The form of *question*, or of a new one. The provider's *own* language must have a wording."""
    fields: dict[str, Any] = {}
    for code, name in languages(own):
        need = _("Write the question") if code == own else None
        fields[f"text_{code}"] = line_field(name, need=need, limit=TEXT_LIMIT)
        fields[f"choices_{code}"] = text_field(name, limit=(CHOICE_LIMIT + 2) * MOST_CHOICES)
    made: QuestionForm = type("QuestionForm", (QuestionForm,), fields)(data=_shown(question, version))
    return made


def _shown(question: Mapping[str, Any] | None, version: str) -> dict[str, Any]:
    if question is None:
        return {"version": version, "kind": "stars", "required": True, "low": True}
    values = {name: question.get(name) for name in ("kind", "required", "low")}
    for code in LANGUAGES:
        values[f"text_{code}"] = question["text"].get(code, "")
        values[f"choices_{code}"] = "\n".join(one["text"].get(code, "") for one in question["choices"]).strip()
    return {**values, "version": version}
