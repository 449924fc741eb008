"""Reading a file of people: its encoding, its separator, and which column holds what. Nothing is looked up here."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import get_locale, pgettext
from flask_babel import gettext as _

from portal.kernel import text
from portal.kernel.errors import Refused
from portal.kernel.spreadsheets import unescape_formula

LARGEST_FILE = 5 * 1024 * 1024
MOST_ROWS = 5_000
SEPARATORS = (",", ";", "\t")
# What each column may be called, folded and without anything but letters; the first one stands in the template.
COLUMNS: dict[str, tuple[str, ...]] = {
    "organization": ("organization", "organisation", "company", "client", "customer", "organizacja", "firma", "klient"),
    "account_key": ("accountkey", "key", "account", "kluczkonta", "klucz", "konto"),
    "account_name": ("accountname", "nazwakonta"),
    "environment": ("environment", "site", "srodowisko", "lokalizacja"),
    "kind": ("environmentkind", "kind", "rodzajsrodowiska", "rodzaj"),
    "access": ("access", "dostep"),
    "name": ("name", "fullname", "person", "imieinazwisko", "osoba"),
    "first_name": ("firstname", "givenname", "imie"),
    "last_name": ("lastname", "surname", "familyname", "nazwisko"),
    "email": ("email", "mail", "emailaddress", "address", "adresemail", "adres"),
    "phone": ("phone", "telephone", "mobile", "phonenumber", "telefon", "numertelefonu"),
    "title": ("title", "jobtitle", "position", "whattheydo", "stanowisko", "czymsiezajmuje"),
    "role": ("role", "rola"),
    "language": ("language", "jezyk"),
    "zone": ("timezone", "zone", "strefaczasowa", "strefa"),
}
# The column that says why a row was refused, in files that were written here: it is read over.
WHY = ("whyitwasrefused", "dlaczegoodrzucono")
_BY_HEADING = {heading: column for column, headings in COLUMNS.items() for heading in headings}
# Languages whose Windows code page is 1250.
_CENTRAL_EUROPEAN = ("pl", "cs", "sk", "hu", "sl", "hr", "ro")


@dataclass(frozen=True, slots=True)
class ImportFile:
    """A file as it was read: the headings as written, the rows as (number of the line, cells), and its encoding."""

    headings: list[str]
    rows: list[tuple[int, list[str]]]
    encoding: str = "utf-8"

    @property
    def columns(self) -> list[str]:
        """What each heading means; '' for a column that is not used."""
        return [find_column(heading) for heading in self.headings]

    @property
    def unused(self) -> list[str]:
        """The headings of columns that are not used."""
        return [h for h in self.headings if h and not find_column(h) and not self.is_reason(h)]

    def is_reason(self, heading: str) -> bool:
        """Whether *heading* is that of the column that says why a row was refused."""
        return _squeeze(heading) in WHY

    def cells(self) -> Iterable[tuple[int, dict[str, str]]]:
        """Each row as (number of the line, cell by column), trimmed; empty cells and unused columns are left out."""
        columns = self.columns
        for number, row in self.rows:
            pairs = zip(columns, row, strict=False)
            yield number, {c: cell for c, raw in pairs if c and (cell := text.clean_line(unescape_formula(raw)))}


def find_column(heading: str) -> str:
    """The column that *heading* names, whatever its letter case, spaces and accents; '' for an unknown one."""
    return _BY_HEADING.get(_squeeze(heading), "")


def _squeeze(heading: str) -> str:
    return "".join(letter for letter in text.fold(heading) if letter.isalpha())


def read_file(content: bytes) -> ImportFile:
    """The file that *content* holds. Raises Refused (field `file`) for what is no such file, or too large a one."""
    if len(content) > LARGEST_FILE:
        raise Refused(_("The file is larger than %(size)d MB. Split it", size=LARGEST_FILE // 1024 // 1024), "file")
    decoded, encoding = decode(content)
    lines = decoded.removeprefix("\ufeff")
    if not lines.strip():
        raise Refused(_("That file is empty"), "file")
    first = lines.split("\n", 1)[0].strip().lower()
    skipped = 0
    if first.startswith("sep=") and len(first) == 5:
        lines, skipped = lines.split("\n", 1)[-1], 1
    separator = max(SEPARATORS, key=lambda mark: _known_headings(lines, mark))
    rows: list[tuple[int, list[str]]] = []
    reader = csv.reader(io.StringIO(lines, newline=""), delimiter=separator)
    headings: list[str] = []
    try:
        for row in reader:
            if not any(cell.strip() for cell in row):
                continue
            if not headings:
                headings = [text.clean_line(cell)[:100] for cell in row[:100]]
                continue
            rows.append((reader.line_num + skipped, [text.clean_text(cell)[:1_000] for cell in row[: len(headings)]]))
            if len(rows) > MOST_ROWS:
                raise Refused(_("The file has more than %(rows)d rows. Split it", rows=MOST_ROWS), "file")
    except csv.Error as problem:
        line = reader.line_num + skipped
        raise Refused(_("Line %(line)d cannot be read: %(problem)s", line=line, problem=str(problem)), "file") from None
    found = ImportFile(headings, rows, encoding)
    _check_headings(found.columns)
    if not rows:
        raise Refused(_("The file has a line of headings and nothing below it"), "file")
    return found


def _check_headings(columns: Sequence[str]) -> None:
    known = [column for column in columns if column]
    if not {"organization", "account_key"} & set(known):
        raise Refused(
            _(
                "No column names the organization. The first line names the columns: Organization, Account key, Name, "
                "Email and so on, as in the template"
            ),
            "file",
        )
    twice = next((column for column in known if known.count(column) > 1), None)
    if twice:
        raise Refused(_("Two columns say the same: %(column)s", column=column_name(twice)), "file")


def _known_headings(lines: str, separator: str) -> int:
    """How many cells of the first line are known headings, if *separator* stands between them."""
    head = next((line for line in lines.splitlines() if line.strip()), "")
    try:
        cells = next(csv.reader([head], delimiter=separator), [])
    except csv.Error:
        return 0
    return sum(1 for cell in cells if find_column(cell))


def decode(content: bytes) -> tuple[str, str]:
    """The text of *content* and the encoding that it was read as: UTF-8, UTF-16 with its mark, else the likelier of
    two Windows code pages."""
    mark = content[:2]
    if mark in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16", "replace"), "utf-16"
    try:
        return content.decode("utf-8-sig"), "utf-8"
    except UnicodeDecodeError:
        pass
    central = str(get_locale() or "en").partition("_")[0] in _CENTRAL_EUROPEAN
    pages = ("cp1250", "cp1252") if central else ("cp1252", "cp1250")
    decoded = [(content.decode(page, "replace"), page) for page in pages]
    return min(decoded, key=lambda pair: _strange_letters(pair[0]))


def _strange_letters(decoded: str) -> int:
    """How many characters beyond ASCII are no letters: a wrong code page makes signs of letters."""
    return sum(1 for character in decoded if not character.isascii() and not character.isalpha())


def column_name(column: str) -> str:
    """What a column is called in the reader's language."""
    names: dict[str, Any] = {
        "organization": _("Organization"),
        "account_key": _("Account key"),
        "account_name": _("Account name"),
        "environment": _("Environment"),
        "kind": _("Environment kind"),
        "access": _("Access"),
        "name": pgettext("person", "Name"),
        "first_name": _("First name"),
        "last_name": _("Last name"),
        "email": _("Email"),
        "phone": _("Phone"),
        "title": _("Title"),
        "role": _("Role"),
        "language": _("Language"),
        "zone": _("Time zone"),
    }
    return str(names.get(column, column))
