"""Rows of a file of people, cleaned cell by cell with the checks of the forms; a cell that cannot be is a sentence."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from zoneinfo import available_timezones

from babel import Locale
from flask_babel import force_locale
from flask_babel import gettext as _

from portal.admin.forms.environments import KINDS
from portal.admin.forms.import_file import ImportFile, column_name
from portal.authz.roles import ContactRole
from portal.kernel import text
from portal.kernel.errors import Refused
from portal.tenants.actions.accounts import KEY
from portal.tenants.queries.import_plan.objects import ImportRow, Problem
from portal.web.forms import parse_email
from portal.web.language import ENGLISH, LANGUAGES, language_of
from portal.web.role_labels import role_choices

LONGEST = {"organization": 120, "account_name": 120, "environment": 120, "name": 200, "title": 100, "phone": 50}
# What the column `access` may say, folded: the whole account, or the environment of the row.
WHOLE = ("account", "whole", "whole account", "all", "konto", "cale konto", "wszystko")
ONLY = ("environment", "only environment", "only this environment", "srodowisko", "tylko srodowisko")


def clean_rows(file: ImportFile) -> list[ImportRow]:
    """The rows of *file*, each with the problems of its cells."""
    cleaner = RowCleaner()
    return [cleaner.clean(number, cells) for number, cells in file.cells()]


@contextmanager
def problems_said_to(person: Any, provider: Any) -> Iterator[None]:
    """Inside, the problems of rows are sentences in the language of *person* at *provider*, also without a request."""
    with force_locale(language_of(person, provider) or ENGLISH):
        yield


class RowCleaner:
    """Knows what roles, kinds and languages may be called, in every language of this installation."""

    def __init__(self) -> None:
        self.roles = dict(_spellings(lambda: role_choices(ContactRole)))
        self.kinds = dict(_spellings(lambda: KINDS))
        self.languages = {text.fold(name): code for code in LANGUAGES for name in (code, *_language_names(code))}
        self.zones = {name.lower(): name for name in available_timezones()}

    def clean(self, number: int, cells: Mapping[str, str]) -> ImportRow:
        """The row at line *number*."""
        problems: list[Problem] = []

        def check(column: str, read: Callable[[str], Any], empty: Any = "") -> Any:
            try:
                return read(cells[column]) if column in cells else empty
            except Refused as refusal:
                problems.append(Problem(column, refusal.message))
                return empty

        def shortened(column: str) -> str:
            return str(check(column, lambda cell: _at_most(column, cell)))

        name = " ".join(part for part in (cells.get("first_name", ""), cells.get("last_name", "")) if part)
        return ImportRow(
            number,
            organization=shortened("organization"),
            account_key=check("account_key", _clean_key),
            account_name=shortened("account_name"),
            environment=shortened("environment"),
            kind=check("kind", lambda cell: _choose(cell, self.kinds, _unknown_kind)),
            whole_account=check("access", _is_whole, True),
            name=shortened("name") or name[:200],
            email=check("email", parse_email),
            phone=check("phone", lambda cell: _clean_phone(_at_most("phone", cell))),
            title=shortened("title"),
            role=check("role", lambda cell: _choose(cell, self.roles, _unknown_role)),
            language=check("language", lambda cell: _choose(cell, self.languages, _unknown_language)),
            zone=check("zone", lambda cell: _choose(cell, self.zones, _unknown_zone)),
            problems=tuple(problems),
        )


def _spellings(choices: Callable[[], Any]) -> Iterator[tuple[str, str]]:
    """(folded spelling, value): the value itself with spaces, and its label in each language."""
    for language in LANGUAGES:
        with force_locale(language):
            yield from ((text.fold(str(label)), str(value)) for value, label in choices())
    yield from ((str(value), str(value)) for value, _label in choices())
    yield from ((str(value).replace("_", " "), str(value)) for value, _label in choices())


def _language_names(code: str) -> Iterator[str]:
    """What a language is called in each language of this installation."""
    yield from (str(Locale.parse(code).get_display_name(reader) or code) for reader in LANGUAGES)


def _choose(cell: str, known: Mapping[str, str], refuse: Callable[[str], Refused]) -> str:
    found = known.get(cell.lower()) or known.get(text.fold(cell))
    if found is None:
        raise refuse(cell[:60])
    return found


def _at_most(column: str, cell: str) -> str:
    if len(cell) > LONGEST[column]:
        raise Refused(
            _(
                "%(column)s: at most %(limit)d characters (now %(now)d)",
                column=column_name(column),
                limit=LONGEST[column],
                now=len(cell),
            )
        )
    return cell


def _clean_key(cell: str) -> str:
    if not KEY.fullmatch(cell.upper()):
        raise Refused(_("A key is 2 to 10 letters and digits and starts with a letter, for example ACME"))
    return cell.upper()


def _clean_phone(cell: str) -> str:
    if sum(letter.isdigit() for letter in cell) < 5:
        raise Refused(_("Write the phone number with at least 5 digits"))
    return cell


def _is_whole(cell: str) -> bool:
    folded = text.fold(cell)
    if folded not in (*WHOLE, *ONLY):
        raise Refused(_("Write “account” or “environment”"))
    return folded in WHOLE


def _unknown_kind(_cell: str) -> Refused:
    return Refused(_("Write production, test or development"))


def _unknown_role(cell: str) -> Refused:
    names = ", ".join(str(label) for _value, label in role_choices(ContactRole))
    return Refused(_("“%(value)s” is no role. There are: %(roles)s", value=cell, roles=names))


def _unknown_language(cell: str) -> Refused:
    names = ", ".join(LANGUAGES)
    return Refused(_("“%(value)s” is no language here. There are: %(languages)s", value=cell, languages=names))


def _unknown_zone(cell: str) -> Refused:
    return Refused(_("“%(value)s” is no time zone. Write it like Europe/Warsaw", value=cell))
