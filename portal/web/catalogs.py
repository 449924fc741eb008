"""Catalogs: `translations/<language>/LC_MESSAGES/<domain>.po` is kept, and compiled into what gettext reads.

The domain `messages` is the translation of a language. The other domains are object words (`ticket`, `request`): they
hold each sentence that names a case, whole, for providers that call a case so (`web.provider_texts`).

The first process that starts after a change compiles the catalog (a fraction of a second); no command is needed. An
image whose files belong to another user contains compiled ones (see the Dockerfile).
"""

import logging
import os
import tempfile
from functools import lru_cache
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

FOLDER = Path(__file__).resolve().parents[2] / "translations"
NAME = "messages.po"

log = logging.getLogger(__name__)


def catalog_languages(folder: Path = FOLDER) -> tuple[str, ...]:
    """The languages that have a catalog in *folder*, by code."""
    return tuple(sorted(path.parts[-3] for path in folder.glob(f"*/LC_MESSAGES/{NAME}")))


def object_word_path(language: str, word: str, folder: Path = FOLDER) -> Path:
    """Where the sentences of an object word are kept. A language without the file says the same for every word."""
    return folder / language / "LC_MESSAGES" / f"{word}.po"


@lru_cache(maxsize=64)
def object_word_catalog(language: str, word: str) -> Translations | None:
    """The compiled sentences of an object word; None if the language has none."""
    path = object_word_path(language, word).with_suffix(".mo")
    if not path.exists():
        return None
    with path.open("rb") as file:
        return Translations(file, domain=word)


def compile_stale_catalogs(folder: Path = FOLDER) -> list[str]:
    """Compile each catalog of *folder* that changed since it was compiled; returns the languages.

    Each file appears whole or not at all, so that processes may start together.
    """
    compiled = []
    for source in sorted(folder.glob("*/LC_MESSAGES/*.po")):
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
