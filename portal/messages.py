"""The words of pages and mails, collected from the code into `translations/`: `make messages`. Needs no database.

`messages.pot` holds every English message; each language's `messages.po` holds the same ones with their translation.
For English, `ticket.po` and `request.po` hold the sentences that name a case, for providers that call it so; a new
sentence comes with a proposal there, which may be worded differently by hand.
All are sorted by message and carry neither places nor dates, so that a difference shows words only and a moved file
changes nothing. New messages come without a guess; those that nobody says any more go.
"""

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import click
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from portal.web import catalogs

ROOT = Path(__file__).resolve().parents[1]
TEMPLATE = catalogs.FOLDER / "messages.pot"
SOURCES = {"portal": [("**.py", "python")], "templates": [("**.html", "jinja2"), ("**.txt", "jinja2")]}
KEYWORDS = {
    "_": None,
    "_l": None,
    "gettext": None,
    "lazy_gettext": None,
    "ngettext": (1, 2),
    "lazy_ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "lazy_pgettext": ((1, "c"), 2),
}
# A page of samples for developers: nobody translates it.
LEFT_OUT = frozenset({"templates/admin/styleguide.html"})
OBJECT_WORDS = ("ticket", "request")
# "case" as a word of its own; what is filled in (`%(cases)s`) keeps its name.
NAMES_CASE = re.compile(r"(%\(\w+\)[a-z]|\{\w+\})|\b(c|C)ase(s?)\b")
NOISE = (
    *("POT-Creation-Date", "PO-Revision-Date", "Generated-By", "Last-Translator", "Language-Team"),
    *("Project-Id-Version", "Report-Msgid-Bugs-To"),
)


def collect_messages() -> Catalog:
    """Every message of the code."""
    catalog = Catalog(charset="utf-8", fuzzy=False, header_comment="# Parley's words. Printed by `make messages`.")
    for path, line, message, context in _find_messages():
        catalog.add(message, locations=[(path, line)], context=context)
    return catalog


def _find_messages() -> Iterator[tuple[str, int, str | tuple[str, ...], str | None]]:
    for folder, methods in SOURCES.items():
        options = {pattern: {"silent": "false"} for pattern, method in methods if method == "jinja2"}
        for path, line, message, _comments, context in extract_from_dir(
            ROOT / folder, method_map=methods, options_map=options, keywords=KEYWORDS
        ):
            place = f"{folder}/{Path(path).as_posix()}"
            if place not in LEFT_OUT:
                yield place, line, message, context


def template_text(catalog: Catalog) -> str:
    """`messages.pot` for *catalog*."""
    return _format_catalog(catalog)


def language_text(catalog: Catalog, language: str) -> str:
    """`messages.po` of *language* brought up to *catalog*, with the translations it has."""
    with catalog_path(language).open("rb") as text:
        own = read_po(text, locale=language)
    own.update(catalog, no_fuzzy_matching=True)
    own.obsolete.clear()
    own.fuzzy = False
    own.header_comment = f"# Parley in {own.locale.english_name if own.locale else language}. See docs/howto."
    return _format_catalog(own)


def object_word_text(catalog: Catalog, word: str) -> str:
    """`<word>.po` brought up to *catalog*: every English sentence that names a case, in the words that it has."""
    path = catalogs.object_word_path("en", word)
    kept = Catalog(locale="en")
    if path.exists():
        with path.open("rb") as text:
            kept = read_po(text, locale="en")
    worded = Catalog(locale="en", charset="utf-8", fuzzy=False, header_comment=f"# A case is a {word}. See docs/howto.")
    for message in catalog:
        forms = (message.id,) if isinstance(message.id, str) else tuple(message.id)
        if message.id and any(names_case(form) for form in forms):
            said = tuple(say_object_word(form, word) for form in forms)
            before = kept.get(message.id, message.context)
            string = before.string if before and before.string else said if len(said) > 1 else said[0]
            worded.add(message.id, string, context=message.context)
    return _format_catalog(worded)


def names_case(text: str) -> bool:
    """Whether *text* has the word "case"."""
    return any(match[2] for match in NAMES_CASE.finditer(text))


def say_object_word(text: str, word: str) -> str:
    """The proposal for *text*, with *word* where it says "case"."""

    def replaced(match: re.Match[str]) -> str:
        return match[1] or (word.capitalize() if match[2] == "C" else word) + match[3]

    return NAMES_CASE.sub(replaced, text)


def catalog_path(language: str) -> Path:
    """Where the catalog of *language* is kept."""
    return catalogs.FOLDER / language / "LC_MESSAGES" / catalogs.NAME


def _format_catalog(catalog: Catalog) -> str:
    out = BytesIO()
    write_po(out, catalog, width=0, sort_output=True, no_location=True, ignore_obsolete=True)
    lines = out.getvalue().decode().splitlines()
    kept = [line for line in lines if not line.startswith(tuple(f'"{name}' for name in NOISE))]
    return "\n".join(kept).rstrip() + "\n"


def write_catalogs() -> list[str]:
    """Bring all files up to the code; returns those that changed, by their place in the repository."""
    catalog = collect_messages()
    texts = {TEMPLATE: template_text(catalog)}
    texts.update(
        {catalog_path(language): language_text(catalog, language) for language in catalogs.catalog_languages()}
    )
    for word in OBJECT_WORDS:
        path = catalogs.object_word_path("en", word)
        path.parent.mkdir(parents=True, exist_ok=True)
        texts[path] = object_word_text(catalog, word)
    changed = []
    for path, text in texts.items():
        if not path.exists() or path.read_text() != text:
            path.write_text(text)
            changed.append(str(path.relative_to(ROOT)))
    return changed


def add_language(language: str) -> Path:
    """An empty catalog for *language* (a code as in CLDR: "de", "pt_BR"). FileExistsError if there is one."""
    path = catalog_path(language)
    path.parent.mkdir(parents=True)
    out = BytesIO()
    write_po(out, Catalog(locale=language, fuzzy=False), width=0)
    path.write_bytes(out.getvalue())
    path.write_text(language_text(collect_messages(), language))
    return path


@click.command()
@click.option("--add", "language", help="Begin a catalog for a language, for example de.")
@click.option("--compile", "only_compile", is_flag=True, help="Compile the catalogs for gettext, and nothing else.")
def main(language: str | None, only_compile: bool) -> None:
    """Collect the words of the code into translations/."""
    if only_compile:
        click.echo(f"Compiled: {', '.join(catalogs.compile_stale_catalogs()) or 'nothing was stale'}")
        return
    if language:
        click.echo(f"Begun: {add_language(language).relative_to(ROOT)}")
    changed = write_catalogs()
    click.echo(f"Changed: {', '.join(changed)}" if changed else "Nothing changed.")


if __name__ == "__main__":
    main()
