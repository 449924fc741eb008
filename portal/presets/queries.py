"""Reading presets from their folders: `portal/presets/<name>/preset.toml`."""

import tomllib
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from sqlalchemy import select

from portal.cases.models import Case
from portal.kernel.context import Context
from portal.kernel.events import Event
from portal.presets.schema import Preset

LOADED = "preset.loaded"
FOLDER = Path(__file__).parent
M = TypeVar("M", bound=BaseModel)


class PresetError(Exception):
    """An invalid data file; the message has the file, the key and the reason."""


@cache
def preset_names() -> tuple[str, ...]:
    """Every preset of this installation, by folder name."""
    return tuple(sorted(path.parent.name for path in FOLDER.glob("*/preset.toml")))


@lru_cache(maxsize=64)
def preset(name: str) -> Preset:
    """The preset *name*. Raises PresetError for one that does not exist or says what it may not."""
    if name not in preset_names():
        raise PresetError(f"There is no preset “{name}”; there are {', '.join(preset_names())}.")
    return validate_file(FOLDER / name / "preset.toml", Preset)


def extra_table(name: str, file: str) -> dict[str, Any]:
    """The table of another data file in the preset's folder; {} if there is none."""
    path = FOLDER / name / file
    return read_toml(path) if path.is_file() else {}


def read_toml(path: Path) -> dict[str, Any]:
    """The parsed TOML file at *path*. Raises PresetError for an invalid file."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise PresetError(f"{path.parent.name}/{path.name}: {problem}") from None


def validate_file(path: Path, model: type[M]) -> M:
    """The file at *path* as *model*. Raises PresetError naming file and key."""
    try:
        return model.model_validate(read_toml(path))
    except ValidationError as problem:
        first = problem.errors()[0]
        key = ".".join(str(part + 1) if isinstance(part, int) else part for part in first["loc"])
        where = f"{path.parent.name}/{path.name}" + (f", {key}" if key else "")
        raise PresetError(f"{where}: {first['msg'].removeprefix('Value error, ')}") from None


def is_untouched(ctx: Context) -> bool:
    """Whether the provider has neither a case nor a preset yet: until then one can be loaded. Reveals nothing about any
    case."""
    case = select(Case.id).where(Case.provider_id == ctx.provider_id).limit(1)
    return ctx.session.scalar(case) is None and loaded_preset(ctx) is None


def loaded_preset(ctx: Context) -> str | None:
    """The preset that the provider began with, if it began with one."""
    statement = select(Event.facts).where(
        Event.provider_id == ctx.provider_id, Event.case_id.is_(None), Event.name == LOADED
    )
    facts = ctx.session.scalar(statement.limit(1))
    return str(facts["preset"]) if facts else None
