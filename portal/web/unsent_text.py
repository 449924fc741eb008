"""The texts and the names of files of a form whose answer is an error page. The page shows them, so that no text is
lost, and no file without a word."""

import re

from flask import request
from markupsafe import escape
from werkzeug.exceptions import HTTPException

from portal.kernel.text import clean_line
from portal.web.secret_fields import find_secret_fields

# Machine values of forms (tokens, ids, versions, moments, choices) are no text of a person.
_MACHINE_VALUE = re.compile(r"[0-9a-f-]{16,}|[\w.:+-]{0,40}", re.IGNORECASE)
_MACHINE_NAME = re.compile(r"once|version", re.IGNORECASE)
_TEXT_NAMES = frozenset(
    {
        "answer",
        "body",
        "check",
        "comment",
        "description",
        "name",
        "note",
        "question",
        "reason",
        "solution",
        "subject",
        "text",
    }
)
# The key in the WSGI environment of a request that draws an earlier form again: what became of its files.
LOST_FILES = "parley.lost_files"
# The field whose files forms stage before they are judged (web.plain_uploads).
STAGED_FIELD = "attachments"
# An error page shows at most this much; the form itself bounds each text to 50,000 letters.
LONGEST = 60_000


def read_unsent_text() -> list[str]:
    """The texts of the form that this request sent, in the order of its fields; [] for requests without a form."""
    return [text for _name, text in read_unsent_fields()]


def find_missing_text(html: str) -> list[str]:
    """The texts of the form that this request sent which *html* does not show: neither the text nor its field."""
    return [
        text
        for name, text in read_unsent_fields()
        if f'name="{escape(name)}"' not in html and str(escape(text)) not in html.replace("\r\n", "\n")
    ]


def read_unsent_files() -> list[str]:
    """The names of all files that this request sent; of a form that is drawn again, those that could not be kept."""
    return [*request.environ.get(LOST_FILES, ()), *(name for _field, name in _read_files())]


def read_unstaged_files() -> list[str]:
    """As `read_unsent_files`, without those that forms about cases stage and show themselves."""
    return [*request.environ.get(LOST_FILES, ()), *(name for field, name in _read_files() if field != STAGED_FIELD)]


def _read_files() -> list[tuple[str, str]]:
    if request.method != "POST":
        return []
    try:
        files = list(request.files.items(multi=True))
    except HTTPException:  # the body was too large, or cannot be read
        return []
    return [(field, clean_line(file.filename)[:150]) for field, file in files if file.filename]


def read_unsent_fields() -> list[tuple[str, str]]:
    """(field, text) of the form that this request sent, in the order of its fields; [] for requests without a form.

    Values that a person did not write (tokens, ids, choices) and secrets are left out.
    """
    if request.method != "POST":
        return []
    try:
        fields = list(request.form.items(multi=True))
    except HTTPException:  # the body was too large, or cannot be read
        return []
    secret = find_secret_fields(name for name, _value in fields)
    found: list[tuple[str, str]] = []
    room = LONGEST
    for name, value in fields:
        text = value.replace("\r\n", "\n").strip()
        typed = name in _TEXT_NAMES or not _MACHINE_VALUE.fullmatch(text)
        if text and typed and room > 0 and not _MACHINE_NAME.search(name) and name not in secret:
            found.append((name, text[:room]))
            room -= len(text)
    return found
