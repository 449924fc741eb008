"""The form of one own field of a request type, in every language of the portal."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from babel import Locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal.cases.engine import request_field_rules
from portal.cases.engine import request_fields as engine
from portal.cases.engine.request_field_rules import RequestFieldProblem, join_conditions
from portal.cases.engine.request_fields import Condition, RequestField, Texts
from portal.cases.refusals import field_refusal
from portal.kernel.errors import Refused
from portal.web.edit_conflict import VersionedForm
from portal.web.forms import MultipleChoiceField, choice_field, flag_field, line_field, text_field
from portal.web.language import LANGUAGES

KINDS = {
    engine.TEXT: _l("One line of text"),
    engine.PARAGRAPH: _l("Several lines of text"),
    engine.CHOICE: _l("One of several answers"),
    engine.CHOICES: _l("Any of several answers"),
    engine.DATE: _l("Date"),
    engine.MOMENT: _l("Date and time"),
    engine.PERSON: _l("Person of the organization"),
    engine.ENVIRONMENT: _l("Environment"),
    engine.NUMBER: _l("A number"),
    engine.PHONE: _l("Phone number"),
    engine.FILE: _l("Files"),
    engine.CONSENT: _l("Consent: a box to tick"),
}
_ANY = "*"


class RequestFieldForm(VersionedForm):
    """One field; `request_field_form` adds label, help and answers to choose from in each language."""

    kind = choice_field(_l("Kind of answer"), choices=list(KINDS.items()), default=engine.TEXT)
    required = flag_field(_l("Must be answered"))
    in_lists = flag_field(_l("Shown in lists of cases"))
    default = text_field(_l("Filled in beforehand"), limit=engine.PARAGRAPH_LIMIT)
    when = MultipleChoiceField(_l("Only if one of these is given"))

    def field(self, before: RequestField | None, own: str) -> RequestField:
        """The field for the actions; *before*: the field as it is stored. Raises Refused for an unclear condition."""
        kind = self.kind.data or ""
        choices: tuple[engine.Choice, ...] = ()
        if kind in engine.WITH_CHOICES:
            choices = request_field_rules.match_choices(self._written_choices(), before.choices if before else (), own)
        default = (self.default.data or "").strip() if kind in engine.WITH_DEFAULT else ""
        if kind == engine.CHOICE:
            words = {choice.text.get(own, "").casefold(): choice.key for choice in choices}
            default = words.get(default.casefold(), default)
        made = RequestField(
            before.key if before else "",
            kind,
            self._texts("label"),
            self._texts("help"),
            bool(self.required.data),
            bool(self.in_lists.data),
            choices,
            default,
            self._condition(),
        )
        try:
            request_field_rules.check_field(made if made.key else replace(made, key="new"), own)
        except RequestFieldProblem as problem:
            part = f"{problem.field}_{own}" if problem.field in ("label", "help", "choices") else problem.field
            raise field_refusal(problem, part) from None
        return made

    def field_so_far(self, before: RequestField | None, own: str) -> RequestField | None:
        """The field as it is written so far; None while it cannot be drawn."""
        try:
            return self.field(before, own)
        except Refused:
            return None

    def _texts(self, part: str) -> Texts:
        return {code: text for code in LANGUAGES if (text := self[f"{part}_{code}"].data or "")}

    def _written_choices(self) -> list[Texts]:
        """The lines of the languages side by side: the first answer of one is the first of the other."""
        written = {code: (self[f"choices_{code}"].data or "").split("\n") for code in LANGUAGES}
        columns = {code: [text for text in map(str.strip, lines) if text] for code, lines in written.items()}
        most = max(map(len, columns.values()))
        return [{code: texts[n] for code, texts in columns.items() if n < len(texts)} for n in range(most)]

    def _condition(self) -> Condition | None:
        picked = [value.partition("=") for value in self.when.data or []]
        try:
            return join_conditions([(source, "" if value == _ANY else value) for source, _sign, value in picked])
        except RequestFieldProblem as problem:
            raise field_refusal(problem) from None


def languages(own: str) -> list[tuple[str, str]]:
    """(code, name) of the portal's languages, the provider's *own* first."""
    codes = sorted(LANGUAGES, key=lambda code: (code != own, LANGUAGES.index(code)))
    return [(code, str(Locale.parse(code).get_display_name() or code).capitalize()) for code in codes]


def request_field_form(
    own: str, version: str, earlier: Sequence[RequestField], field: RequestField | None = None
) -> RequestFieldForm:
    """The form of *field*, or of a new one, which the answers of the fields *earlier* can show."""
    parts: dict[str, Any] = {}
    for code, name in languages(own):
        parts[f"label_{code}"] = line_field(
            name, need=_("Write what the form asks") if code == own else None, limit=engine.LABEL_LIMIT
        )
        parts[f"help_{code}"] = line_field(name, limit=engine.HELP_LIMIT)
        parts[f"choices_{code}"] = text_field(name, limit=(engine.CHOICE_LIMIT + 2) * engine.MOST_CHOICES)
    made: RequestFieldForm = type("RequestFieldForm", (RequestFieldForm,), parts)(data=_shown(own, version, field))
    made.when.choices = condition_choices(earlier, own)
    return made


def condition_choices(earlier: Sequence[RequestField], own: str) -> list[tuple[str, str]]:
    """(value, label) of the answers that can show a field: of each earlier one any answer, or one that it offers."""
    found = []
    for one in earlier:
        label = engine.pick_text(one.label, own)
        if one.kind == engine.CONSENT:
            found.append((f"{one.key}={engine.YES}", _("%(field)s: ticked", field=label)))
            continue
        for choice in one.choices:
            words = engine.pick_text(choice.text, own)
            found.append((f"{one.key}={choice.key}", _("%(field)s: %(answer)s", field=label, answer=words)))
        found.append((f"{one.key}={_ANY}", _("%(field)s: any answer", field=label)))
    return found


def _shown(own: str, version: str, field: RequestField | None) -> dict[str, Any]:
    if field is None:
        return {"version": version, "kind": engine.TEXT}
    default = field.default
    if field.kind == engine.CHOICE and default:
        default = next((choice.text.get(own, "") for choice in field.choices if choice.key == default), "")
    when = field.shown_when
    values: dict[str, Any] = {
        "version": version,
        "kind": field.kind,
        "required": field.required,
        "in_lists": field.in_lists,
        "default": default,
        "when": [f"{when.field}={value}" for value in when.values or (_ANY,)] if when else [],
    }
    for code in LANGUAGES:
        values[f"label_{code}"] = field.label.get(code, "")
        values[f"help_{code}"] = field.help.get(code, "")
        values[f"choices_{code}"] = "\n".join(choice.text.get(code, "") for choice in field.choices).strip()
    return values
