"""Demo worlds as data: `portal/presets/<name>/demo.toml` says who works there, who they work for, and what happened.

A case is told like in `stories`: who opened it how long ago, and then line by line what happened next:

    then = [
      ["4m", "agent", "takes"],
      ["10m", "agent", "answers", "Which printer is it?"],
      ["1h", "user", "writes", "The one by the kitchen.", "photo.png"],
    ]

Each line is: how long after the one before, who (a person's key), what they do (`DOES`), and what that takes. Files
are named in the table `files`.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from portal.demo import steps
from portal.demo.plan import AccountPlan, ContactPlan, OrganizationPlan, ProviderPlan, StaffPlan
from portal.demo.steps import File, Step
from portal.demo.stories import Story, span
from portal.presets import queries as presets
from portal.presets.format import Said
from portal.presets.queries import PresetMistake


class AccountSaid(Said):
    key: str
    name: str
    environments: Mapping[str, str] = Field(default_factory=dict)
    services: Sequence[str] = ()


class OrganizationSaid(Said):
    name: str
    default_visibility: str = "private"
    rules: Mapping[str, bool] = Field(default_factory=dict)
    accounts: Sequence[AccountSaid]


class StaffSaid(Said):
    name: str
    email: str
    role: str = "agent"
    tier: int = 1
    accounts: Sequence[str] = ()
    departments: Sequence[str] = ()
    says: str


class ContactSaid(Said):
    name: str
    email: str
    organization: str
    access: Mapping[str, str]
    title: str = ""
    phone: str = ""
    signs_in: bool = True
    locale: str = ""
    says: str = ""


class FileSaid(Said):
    """A text, or a plain picture of a color."""

    text: str = ""
    color: Annotated[Sequence[int], Field(max_length=3)] = ()


class CaseSaid(Said):
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
    files: Sequence[str] = ()
    notify: bool = True
    channel: str = "portal"
    then: Sequence[Sequence[str | int]] = ()


class DemoSaid(Said):
    """A provider's demo world."""

    name: str
    hosts: Annotated[Sequence[str], Field(min_length=1)]
    settings: Mapping[str, str] = Field(default_factory=dict)
    organizations: Sequence[OrganizationSaid]
    staff: Mapping[str, StaffSaid]
    contacts: Mapping[str, ContactSaid]
    files: Mapping[str, FileSaid] = Field(default_factory=dict)
    cases: Sequence[CaseSaid] = ()


def _spoken(step: Callable[..., Step]) -> Callable[..., Step]:
    """A step whose further arguments are names of files."""

    def said(files: Mapping[str, File], who: str, text: str, *named: str) -> Step:
        return step(who, text, *(files[name] for name in named))

    return said


def _plain(step: Callable[..., Step]) -> Callable[..., Step]:
    return lambda _files, who, *arguments: step(who, *arguments)


# What a line of a story may say.
DOES: Mapping[str, Callable[..., Step]] = {
    **{name: _spoken(getattr(steps, name)) for name in ("writes", "answers", "notes")},
    **{
        name: _plain(getattr(steps, name))
        for name in (
            *("takes", "assigns", "starts", "asks", "wakes", "escalates", "redefines", "resolves", "accepts"),
            *("rejects", "closes", "reopens", "rates", "copies", "shows", "shares", "excludes", "mutes", "moves"),
        )
    },
    "holds": lambda _files, who, reason, days: steps.holds(who, reason, days=days),
    "settles": lambda _files, _who: steps.settles(),
}


@cache
def worlds() -> tuple[tuple[ProviderPlan, tuple[Story, ...]], ...]:
    """The demo world of every preset that has one."""
    return tuple(world(name) for name in presets.names() if (presets.FOLDER / name / "demo.toml").is_file())


def world(name: str) -> tuple[ProviderPlan, tuple[Story, ...]]:
    """The demo world of the preset *name*. Raises PresetMistake naming file and key."""
    path = presets.FOLDER / name / "demo.toml"
    said = presets.checked(path, DemoSaid)
    files = {key: _file(key, file) for key, file in said.files.items()}
    stories = tuple(_story(path, number, case, files) for number, case in enumerate(said.cases, start=1))
    return _plan(name, said), stories


def _plan(name: str, said: DemoSaid) -> ProviderPlan:
    return ProviderPlan(
        name=said.name,
        hosts=tuple(said.hosts),
        preset=name,
        settings=dict(said.settings),
        organizations=tuple(
            OrganizationPlan(
                one.name,
                tuple(AccountPlan(a.key, a.name, dict(a.environments), tuple(a.services)) for a in one.accounts),
                one.default_visibility,
                dict(one.rules),
            )
            for one in said.organizations
        ),
        staff=tuple(StaffPlan(key, **_fields(one)) for key, one in said.staff.items()),
        contacts=tuple(ContactPlan(key, **_fields(one)) for key, one in said.contacts.items()),
    )


def _fields(said: Said) -> dict[str, Any]:
    return {name: getattr(said, name) for name in type(said).model_fields}


def _file(name: str, said: FileSaid) -> File:
    if said.color:
        red, green, blue = said.color
        return steps.picture(name, red, green, blue)
    return steps.text(name, said.text)


def _story(path: Path, number: int, said: CaseSaid, files: Mapping[str, File]) -> Story:
    values = _fields(said)
    try:
        span(said.ago)
        values["files"] = tuple(files[name] for name in said.files)
        values["then"] = tuple(_line(files, line) for line in said.then)
    except (KeyError, TypeError, ValueError) as problem:
        raise PresetMistake(f"{path.parent.name}/{path.name}, cases.{number} “{said.subject}”: {problem}") from None
    return Story(**values)


def _line(files: Mapping[str, File], line: Sequence[str | int]) -> tuple[str, Step]:
    after, who, does, *arguments = line
    span(str(after))
    return str(after), DOES[str(does)](files, who, *arguments)
