"""Demo data of presets: `portal/presets/<name>/demo.toml` holds staff, clients and histories of cases.

A case is told like in `stories`: who opened it how long ago, and then line by line what happened next:

    then = [
      ["4m", "agent", "takes"],
      ["10m", "agent", "answers", "Which printer is it?"],
      ["1h", "user", "writes", "The one by the kitchen.", "photo.png"],
    ]

Each line is: how long after the one before, who (a person's key), what they do (`DOES`), and what that takes. Files
are named in the table `files`."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from portal.demo import case_steps
from portal.demo.case_histories import CaseHistory, parse_duration
from portal.demo.case_steps import CaseStep, File
from portal.demo.specs import (
    AccountSpec,
    ArticleSpec,
    CannedReplySpec,
    ChatSpec,
    ContactSpec,
    HotlineSpec,
    OrganizationSpec,
    ProviderSpec,
    SpaceSpec,
    StaffSpec,
    TopicSpec,
)
from portal.presets import queries as presets
from portal.presets.queries import PresetError
from portal.presets.schema import StrictModel


class AccountConfig(StrictModel):
    key: str
    name: str
    environments: Mapping[str, str] = Field(default_factory=dict)
    services: Sequence[str] = ()


class OrganizationConfig(StrictModel):
    name: str
    default_visibility: str = "private"
    rules: Mapping[str, bool] = Field(default_factory=dict)
    accounts: Sequence[AccountConfig]


class StaffConfig(StrictModel):
    name: str
    email: str
    role: str = "agent"
    tier: int = 1
    accounts: Sequence[str] = ()
    departments: Sequence[str] = ()
    says: str


class ContactConfig(StrictModel):
    name: str
    email: str
    organization: str
    access: Mapping[str, str]
    title: str = ""
    phone: str = ""
    signs_in: bool = True
    locale: str = ""
    says: str = ""


class FileConfig(StrictModel):
    """A text, or a plain picture of a color."""

    text: str = ""
    color: Annotated[Sequence[int], Field(max_length=3)] = ()


class CaseConfig(StrictModel):
    subject: str
    description: str
    by: str
    ago: str
    account: str
    type: str
    severity: int | None = None
    impact: str = ""
    contact: str = ""
    environment: str = ""
    visibility: str = ""
    department: str = ""
    cc: Sequence[str] = ()
    phone: str = ""
    answers: Mapping[str, str | Sequence[str]] = Field(default_factory=dict)
    files: Sequence[str] = ()
    notify: bool = True
    channel: str = "portal"
    then: Sequence[Sequence[str | int]] = ()


class ArticleConfig(StrictModel):
    """A help article; its texts are in the language of the provider."""

    category: str
    title: str
    summary: str = ""
    body: str
    audience: str = "everybody"
    by: str
    days_ago: int = 30


class TopicConfig(StrictModel):
    """A topic of the community. Each answer is: how long after the one before, who, the text, and perhaps "official" or
    "accepted"."""

    title: str
    body: str
    by: str
    ago: str
    answers: Sequence[Annotated[Sequence[str], Field(min_length=3, max_length=4)]] = ()


class SpaceConfig(StrictModel):
    """A space of the community; for everybody where no organization is named."""

    name: str
    description: str = ""
    by: str
    organizations: Sequence[str] = ()
    aliased: bool = False
    due_hours: int = 0
    topics: Sequence[TopicConfig] = ()


class HotlineConfig(StrictModel):
    """A number of support, and the name of the calendar with its hours."""

    name: str
    number: str
    calendar: str
    urgent_rank: int | None = None


class ChatConfig(StrictModel):
    """The chat: the name of its support hours, the key of its request type, and who takes chats."""

    hours: str
    type: str
    greeting: str = ""
    agents: Sequence[str]


class CannedReplyConfig(StrictModel):
    """A canned reply in the language of the provider, and what sending it sets."""

    title: str
    text: str
    by: str
    shared: bool = True
    department: str = ""
    status: str = ""
    reason: str = ""
    days: int | None = None
    check: str = ""
    severity: int | None = None
    severity_reason: str = ""
    takes: bool = False


class DemoConfig(StrictModel):
    """A provider's demo world."""

    name: str
    hosts: Annotated[Sequence[str], Field(min_length=1)]
    settings: Mapping[str, str] = Field(default_factory=dict)
    mailboxes: Sequence[str] = ()
    organizations: Sequence[OrganizationConfig]
    staff: Mapping[str, StaffConfig]
    contacts: Mapping[str, ContactConfig]
    files: Mapping[str, FileConfig] = Field(default_factory=dict)
    cases: Sequence[CaseConfig] = ()
    articles: Sequence[ArticleConfig] = ()
    spaces: Sequence[SpaceConfig] = ()
    hotlines: Sequence[HotlineConfig] = ()
    chat: ChatConfig | None = None
    replies: Sequence[CannedReplyConfig] = ()


def _step_with_files(step: Callable[..., CaseStep]) -> Callable[..., CaseStep]:
    """A step whose further arguments are names of files."""

    def said(files: Mapping[str, File], who: str, text: str, *named: str) -> CaseStep:
        return step(who, text, *(files[name] for name in named))

    return said


def _plain_step(step: Callable[..., CaseStep]) -> Callable[..., CaseStep]:
    return lambda _files, who, *arguments: step(who, *arguments)


# The verbs of a line of a history.
STEPS: Mapping[str, Callable[..., CaseStep]] = {
    **{name: _step_with_files(getattr(case_steps, name)) for name in ("writes", "answers", "notes")},
    **{
        name: _plain_step(getattr(case_steps, name))
        for name in (
            *("takes", "assigns", "starts", "asks", "wakes", "escalates", "redefines", "resolves", "accepts"),
            *("rejects", "closes", "reopens", "rates", "copies", "shows", "shares", "excludes", "mutes", "moves"),
        )
    },
    "holds": lambda _files, who, reason, days: case_steps.holds(who, reason, days=days),
    "settles": lambda _files, _who: case_steps.settles(),
}


@cache
def preset_worlds() -> tuple[tuple[ProviderSpec, tuple[CaseHistory, ...]], ...]:
    """The demo world of every preset that has one."""
    return tuple(
        preset_world(name) for name in presets.preset_names() if (presets.FOLDER / name / "demo.toml").is_file()
    )


def preset_world(name: str) -> tuple[ProviderSpec, tuple[CaseHistory, ...]]:
    """The demo world of the preset *name*. Raises PresetMistake naming file and key."""
    path = presets.FOLDER / name / "demo.toml"
    said = presets.validate_file(path, DemoConfig)
    files = {key: _file(key, file) for key, file in said.files.items()}
    stories = tuple(_case_history(path, number, case, files) for number, case in enumerate(said.cases, start=1))
    return _provider_spec(name, said), stories


def _provider_spec(name: str, said: DemoConfig) -> ProviderSpec:
    return ProviderSpec(
        name=said.name,
        hosts=tuple(said.hosts),
        preset=name,
        settings=dict(said.settings),
        mailboxes=tuple(said.mailboxes),
        chat=ChatSpec(said.chat.hours, said.chat.type, said.chat.greeting, said.chat.agents) if said.chat else None,
        organizations=tuple(
            OrganizationSpec(
                one.name,
                tuple(AccountSpec(a.key, a.name, dict(a.environments), tuple(a.services)) for a in one.accounts),
                one.default_visibility,
                dict(one.rules),
            )
            for one in said.organizations
        ),
        staff=tuple(StaffSpec(key, **_fields(one)) for key, one in said.staff.items()),
        contacts=tuple(ContactSpec(key, **_fields(one)) for key, one in said.contacts.items()),
        hotlines=tuple(HotlineSpec(**one.model_dump()) for one in said.hotlines),
        replies=tuple(
            CannedReplySpec(texts={"": one.text}, **one.model_dump(exclude={"text"})) for one in said.replies
        ),
        articles=tuple(
            ArticleSpec(
                {"": one.category},
                {"": (one.title, one.summary, one.body)},
                audience=one.audience,
                publishes=one.by,
                days_ago=one.days_ago,
            )
            for one in said.articles
        ),
        spaces=tuple(
            SpaceSpec(
                **{**_fields(one), "topics": tuple(map(_topic, one.topics))},
            )
            for one in said.spaces
        ),
    )


def _topic(said: TopicConfig) -> TopicSpec:
    answers = tuple((parse_duration(after), who, text, "".join(how)) for after, who, text, *how in said.answers)
    return TopicSpec(said.title, said.body, said.by, parse_duration(said.ago), answers)


def _fields(said: StrictModel) -> dict[str, Any]:
    return {name: getattr(said, name) for name in type(said).model_fields}


def _file(name: str, said: FileConfig) -> File:
    if said.color:
        red, green, blue = said.color
        return case_steps.picture(name, red, green, blue)
    return case_steps.text(name, said.text)


def _case_history(path: Path, number: int, said: CaseConfig, files: Mapping[str, File]) -> CaseHistory:
    values = _fields(said)
    try:
        parse_duration(said.ago)
        values["files"] = tuple(files[name] for name in said.files)
        values["then"] = tuple(_step_line(files, line) for line in said.then)
    except (KeyError, TypeError, ValueError) as problem:
        raise PresetError(f"{path.parent.name}/{path.name}, cases.{number} “{said.subject}”: {problem}") from None
    return CaseHistory(**values)


def _step_line(files: Mapping[str, File], line: Sequence[str | int]) -> tuple[str, CaseStep]:
    after, who, does, *arguments = line
    parse_duration(str(after))
    return str(after), STEPS[str(does)](files, who, *arguments)
