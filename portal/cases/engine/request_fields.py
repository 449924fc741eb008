"""The own fields of a request type's form as data. Pure: no database, no request.

A field as it is stored:

    {"key": "plate", "kind": "text", "label": {"en": "Number plate"}, "help": {}, "required": true, "in_lists": true,
     "choices": [], "default": "", "shown_when": {"field": "vehicle", "values": ["c1"]}, "ended": false}

Texts have a wording per language. `shown_when` names an earlier field, so that conditions never form a loop; without
values any answer of that field shows this one. A field is never deleted, only ended: its key has one meaning for ever.
What makes a form valid is in `request_field_rules`, what people answer in `request_answers`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

TEXT, PARAGRAPH, CHOICE, CHOICES, DATE, MOMENT = "text", "paragraph", "choice", "choices", "date", "moment"
PERSON, ENVIRONMENT, NUMBER, PHONE, FILE, CONSENT = "person", "environment", "number", "phone", "file", "consent"
KINDS = (TEXT, PARAGRAPH, CHOICE, CHOICES, DATE, MOMENT, PERSON, ENVIRONMENT, NUMBER, PHONE, FILE, CONSENT)
WITH_CHOICES = frozenset({CHOICE, CHOICES})
WITH_DEFAULT = frozenset({TEXT, PARAGRAPH, CHOICE, NUMBER, PHONE})
YES = "yes"

MOST_FIELDS, MOST_STORED, MOST_CHOICES, MOST_FILES = 40, 120, 100, 5
LABEL_LIMIT, HELP_LIMIT, CHOICE_LIMIT, LINE_LIMIT, PARAGRAPH_LIMIT = 120, 300, 100, 200, 5_000

Texts = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the values to choose from. The key stays when the words change."""

    key: str
    text: Texts


@dataclass(frozen=True, slots=True)
class Condition:
    """The field is shown only if the earlier field *field* has one of *values*; without values: any answer."""

    field: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RequestField:
    """A field of a request type's own form."""

    key: str
    kind: str
    label: Texts
    help: Texts = field(default_factory=dict)
    required: bool = False
    in_lists: bool = False
    choices: tuple[Choice, ...] = ()
    default: str = ""
    shown_when: Condition | None = None
    ended: bool = False

    def to_stored(self) -> dict[str, Any]:
        """The field as JSON."""
        when = self.shown_when
        return {
            "key": self.key,
            "kind": self.kind,
            "label": dict(self.label),
            "help": dict(self.help),
            "required": self.required,
            "in_lists": self.in_lists,
            "choices": [{"key": one.key, "text": dict(one.text)} for one in self.choices],
            "default": self.default,
            "shown_when": {"field": when.field, "values": list(when.values)} if when else None,
            "ended": self.ended,
        }


def load_fields(stored: Iterable[Mapping[str, Any]]) -> tuple[RequestField, ...]:
    """The fields of a request type from their JSON, ended ones too."""
    return tuple(_load_field(one) for one in stored)


def _load_field(one: Mapping[str, Any]) -> RequestField:
    when = one.get("shown_when")
    return RequestField(
        one["key"],
        one["kind"],
        one["label"],
        one.get("help") or {},
        bool(one.get("required")),
        bool(one.get("in_lists")),
        tuple(Choice(choice["key"], choice["text"]) for choice in one.get("choices") or ()),
        one.get("default") or "",
        Condition(when["field"], tuple(when["values"])) if when else None,
        bool(one.get("ended")),
    )


def asked_fields(fields: Iterable[RequestField]) -> tuple[RequestField, ...]:
    """Those that the form asks: not ended."""
    return tuple(one for one in fields if not one.ended)


def pick_text(texts: Texts, *languages: str) -> str:
    """*texts* in the first of *languages* that they have ("pl", or "pl" of "pl_PL"), else in any."""
    for wanted in languages:
        for name in (wanted, wanted.partition("_")[0]):
            if texts.get(name):
                return texts[name]
    return next((text for text in texts.values() if text), "")
