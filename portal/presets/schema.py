"""The format of a preset (docs/presets.md explains each key). Unknown keys are errors."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from portal.cases.actions.severity_question import MAX_ANSWERS, MIN_ANSWERS
from portal.cases.queries.interface import form_fields, request_field_rules, request_fields, vocabulary
from portal.tenants import renamable_texts

Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]
Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,38}$")]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")]


class StrictModel(BaseModel):
    """Base: nothing unknown, nothing changed afterwards."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class LocaleConfig(StrictModel):
    """Where and in which language the provider works, for people who did not choose their own."""

    language: Language = "en"
    zone: str = "UTC"


class BrandingConfig(StrictModel):
    """How the portal looks until the provider brings its own."""

    accent: Annotated[str, StringConstraints(pattern=r"^(#[0-9a-f]{6})?$")] = ""
    welcome: Annotated[str, StringConstraints(max_length=200)] = ""


class CaseLifeConfig(StrictModel):
    """The rules of a case's life."""

    after_close: Literal["reopen", "new_case", "refuse"] = "reopen"
    reopen_days: Annotated[int, Field(ge=1, le=3650)] | None = None
    auto_close_hours: Annotated[int, Field(ge=1, le=8760)] = 72
    first_reminder_days: Annotated[int, Field(ge=0, le=365)] = 3
    second_reminder_days: Annotated[int, Field(ge=0, le=365)] = 7
    proposal_days: Annotated[int, Field(ge=0, le=365)] = 14
    joins_raise_at: Annotated[int, Field(ge=0, le=999)] = 3
    joins_raise_limit: Annotated[int, Field(ge=1, le=4)] = 2
    customer_decides: bool = True
    who_closes: Literal["both", "contact", "staff"] = "both"
    records_time: bool = True
    registration: Literal["invited", "contacts", "anyone"] = "invited"
    promises_shown: Literal["dates", "state", "nothing"] = "dates"


class LevelConfig(StrictModel):
    """A severity level; the first one is the worst."""

    name: Line
    description: Annotated[str, StringConstraints(max_length=300)] = ""


class ScaleAnswerConfig(LevelConfig):
    """An answer of an impact scale: the level that it means, counted from 1."""

    level: int = Field(ge=1, le=4)
    key: Key | None = None


class SeverityConfig(StrictModel):
    """The levels, and the question to customers."""

    question: Literal["levels", "impact", "none"] = "levels"
    text: Annotated[str, StringConstraints(max_length=200)] = ""
    levels: Annotated[Sequence[LevelConfig], Field(min_length=3, max_length=4)]
    answers: Annotated[Sequence[ScaleAnswerConfig], Field(max_length=MAX_ANSWERS)] = ()

    @model_validator(mode="after")
    def fits(self) -> "SeverityConfig":
        """A scale has answers, and each means a level that exists."""
        if (self.question == "impact") != bool(self.answers):
            raise ValueError('answers belong to question = "impact", and are needed there')
        if self.answers and len(self.answers) < MIN_ANSWERS:
            raise ValueError(f"a scale has at least {MIN_ANSWERS} answers")
        for answer in self.answers:
            if answer.level > len(self.levels):
                raise ValueError(f"there is no level {answer.level} for “{answer.name}”")
        return self


Wording = str | Mapping[Language, str]


class ConditionConfig(StrictModel):
    """The earlier field, and its values, that show a field; without values: any answer."""

    field: str
    values: Sequence[str] = ()


class FormFieldConfig(StrictModel):
    """An own field of a request type's form. A text that is no table is in the language of the place."""

    key: str
    kind: str = request_fields.TEXT
    label: Wording
    help: Wording = ""
    required: bool = False
    in_lists: bool = False
    # Key of the answer → its words.
    choices: Mapping[str, Wording] = Field(default_factory=dict)
    default: str = ""
    shown_when: ConditionConfig | None = None

    def to_field(self, language: str) -> request_fields.RequestField:
        """The field as the actions take it."""
        when = self.shown_when
        return request_fields.RequestField(
            self.key,
            self.kind,
            _texts(self.label, language),
            _texts(self.help, language),
            self.required,
            self.in_lists,
            tuple(request_fields.Choice(key, _texts(text, language)) for key, text in self.choices.items()),
            self.default,
            request_fields.Condition(when.field, tuple(when.values)) if when else None,
        )


def _texts(wording: Wording, language: str) -> dict[str, str]:
    given = {language: wording} if isinstance(wording, str) else dict(wording)
    return {code: text for code, text in given.items() if text}


class RequestTypeConfig(StrictModel):
    """A request type: its tile and its form."""

    key: Key
    name: Annotated[str, StringConstraints(min_length=1, max_length=60)]
    description: Annotated[str, StringConstraints(max_length=160)] = ""
    icon: str = "question"
    template: Annotated[str, StringConstraints(max_length=4000)] = ""
    department: Key | None = None
    requires: Key | None = None
    asks_severity: bool = True
    severity: int = Field(3, ge=1, le=4)
    files: bool = True
    fields: Mapping[str, str] = Field(default_factory=dict)
    form: Sequence[FormFieldConfig] = ()
    roles: Sequence[Literal["requester", "member", "coordinator", "organization_admin"]] = ()

    @model_validator(mode="after")
    def fits(self) -> "RequestTypeConfig":
        """Every field exists, in a mode that it has."""
        for name, mode in self.fields.items():
            if name not in form_fields.FIELDS:
                raise ValueError(f"there is no field “{name}”; there are {', '.join(form_fields.FIELDS)}")
            if mode not in form_fields.modes(name):
                raise ValueError(f"the field “{name}” is one of {', '.join(form_fields.modes(name))}")
        return self


Texts = Mapping[str, str]


class Preset(StrictModel):
    """A whole portal, without people and cases."""

    title: Line
    summary: Line
    object_word: Literal["case", "ticket", "request"] = "case"
    place: LocaleConfig = LocaleConfig()
    branding: BrandingConfig = BrandingConfig()
    life: CaseLifeConfig = CaseLifeConfig()
    departments: Mapping[Key, Line] = Field(default_factory=dict)
    services: Mapping[Key, Line] = Field(default_factory=dict)
    severity: SeverityConfig
    types: Annotated[Sequence[RequestTypeConfig], Field(min_length=1)]
    # Language → 'contact', 'staff' or 'sentences' → key of `cases.vocabulary.KEYS` → word.
    statuses: Mapping[Language, Mapping[str, Texts]] = Field(default_factory=dict)
    # Language → text of `tenants.renamable_texts` → own words.
    words: Mapping[Language, Texts] = Field(default_factory=dict)
    # As `surveys.plans` reads it.
    survey: Mapping[str, Any] = Field(default_factory=dict)

    @model_validator(mode="after")
    def fits(self) -> "Preset":
        """Check that named departments, services, levels, statuses and texts exist."""
        for kind in self.types:
            for name, known in ((kind.department, self.departments), (kind.requires, self.services)):
                if name is not None and name not in known:
                    raise ValueError(f"types: “{kind.key}” names “{name}”, which is not in this file")
            if kind.severity > len(self.severity.levels):
                raise ValueError(f"types: “{kind.key}” has the severity {kind.severity}, which is no level")
            try:
                form = [field.to_field(self.place.language) for field in kind.form]
                request_field_rules.check_fields(form, self.place.language)
            except request_field_rules.RequestFieldProblem as problem:
                raise ValueError(f"types: the form of “{kind.key}” is not valid ({problem.code})") from None
        if len({kind.key for kind in self.types}) != len(self.types):
            raise ValueError("types: two have the same key")
        for language, parts in self.statuses.items():
            for part, texts in parts.items():
                if part not in (*vocabulary.SIDES, "sentences"):
                    raise ValueError(f"statuses.{language}: there is no part “{part}”")
                for key in texts:
                    if key not in vocabulary.KEYS:
                        raise ValueError(f"statuses.{language}.{part}: there is no status “{key}”")
        for language, texts in self.words.items():
            for text, own in texts.items():
                if text not in renamable_texts.RENAMABLE:
                    raise ValueError(f"words.{language}: “{text}” cannot be renamed")
                if len(own) > renamable_texts.LONGEST or not renamable_texts.fits(text, own):
                    raise ValueError(f"words.{language}: “{own}” does not fit “{text}”")
        return self
