"""Catalogs: `translations/<language>/LC_MESSAGES/messages.po` is kept, and compiled into what gettext reads.

The first process that starts after a change compiles the catalog (a fraction of a second); no command is needed. An
image whose files belong to another user contains compiled ones (see the Dockerfile).
"""

import logging
import os
import tempfile
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

FOLDER = Path(__file__).resolve().parents[2] / "translations"
NAME = "messages.po"

log = logging.getLogger(__name__)


def catalog_languages(folder: Path = FOLDER) -> tuple[str, ...]:
    """The languages that have a catalog in *folder*, by code."""
    return tuple(sorted(path.parts[-3] for path in folder.glob(f"*/LC_MESSAGES/{NAME}")))


def compile_stale_catalogs(folder: Path = FOLDER) -> list[str]:
    """Compile each catalog of *folder* that changed since it was compiled; returns the languages.

    Each file appears whole or not at all, so that processes may start together.
    """
    compiled = []
    for source in sorted(folder.glob(f"*/LC_MESSAGES/{NAME}")):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime_ns >= source.stat().st_mtime_ns:
            continue
        try:
            _compile(source, target)
        except OSError as problem:
            log.warning("the catalog %s cannot be compiled in place: %s", source, problem)
        else:
            compiled.append(source.parts[-3])
    return compiled


def _compile(source: Path, target: Path) -> None:
    age = source.stat().st_mtime_ns
    with source.open("rb") as text:
        catalog = read_po(text, locale=source.parts[-3])
    handle, made = tempfile.mkstemp(dir=target.parent, suffix=".new")
    with os.fdopen(handle, "wb") as file:
        write_mo(file, catalog)
    os.chmod(made, 0o644)
    os.utime(made, ns=(age, age))  # as old as its source: whatever is written later is newer
    os.replace(made, target)
