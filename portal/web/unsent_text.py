"""The texts and the names of files of a form whose answer is an error page. The page shows them, so that no text is
lost, and no file without a word."""

import re

from flask import request
from markupsafe import escape
from werkzeug.exceptions import HTTPException

from portal.kernel.text import clean_line
from portal.web.declared_fields import other_field_names, text_field_names
from portal.web.secret_fields import find_secret_fields

# A key, a moment or a choice is no text in a field that is chosen from, and neither is a number; none has other letters
# than those of ASCII.
_KEY = re.compile(r"[\w.:+-]{0,40}", re.ASCII)
# A number, an id or a tick is no text in a field that no form declares: one that was made for the page, as those of
# surveys are.
_NUMBER_OR_ID = re.compile(r"[0-9.:+-]{0,40}|[0-9a-f-]{16,}|y|on", re.IGNORECASE)
_MACHINE_NAME = re.compile(r"once|version|anyway_for|^draft_", re.IGNORECASE)
# Fields that forms declare as lines, because their choices are checked by the action: ids and keys.
_CHOSEN = {"account", "action", "contact", "department", "environment", "hand_to", "organization", "owner", "person"}
_CHOSEN |= {"readmit", "remove", "severity", "status", "step", "tier", "try_severity", "verdict", "visibility", "wish"}
# The key in the WSGI environment of a request that draws an earlier form again: what became of its files.
LOST_FILES = "parley.lost_files"
# The key of the files that were staged or refused with a sentence (web.plain_uploads): the name under which the page
# shows each, '' for a refused one, by the name that was sent.
HANDLED_FILES = "parley.handled_files"
# The field whose files forms stage before they are judged (web.plain_uploads).
STAGED_FIELD = "attachments"
# An error page shows at most this much; the form itself bounds each text to 50,000 letters.
LONGEST = 60_000


def read_unsent_text() -> list[str]:
    """The texts of the form that this request sent, in the order of its fields; [] for requests without a form."""
    return list(dict.fromkeys(text for _name, text in read_unsent_fields()))


def find_missing_text(html: str) -> list[str]:
    """The texts of the form that this request sent which *html* does not show: neither the text nor its field."""
    return [
        text
        for name, text in read_unsent_fields()
        if f'name="{escape(name)}"' not in html and str(escape(text)) not in html.replace("\r\n", "\n")
    ]


def find_missing_files(html: str) -> list[str]:
    """The names of the files that this request sent which *html* does not show as staged or refused."""
    handled = request.environ.get(HANDLED_FILES, {})
    return [name for name in read_unsent_files() if name not in handled or str(escape(handled[name])) not in html]


def read_unsent_files() -> list[str]:
    """The names of all files that this request sent; of a form that is drawn again, those that could not be kept."""
    return [*request.environ.get(LOST_FILES, ()), *(name for _field, name in _read_files())]


def read_unstaged_files() -> list[str]:
    """As `read_unsent_files`, without those that forms about cases stage."""
    return [*request.environ.get(LOST_FILES, ()), *(name for field, name in _read_files() if field != STAGED_FIELD)]


def _read_files() -> list[tuple[str, str]]:
    if request.method != "POST":
        return []
    try:
        files = list(request.files.items(multi=True))
    except HTTPException:  # the body was too large, or cannot be read
        return []
    return [(field, sent_file_name(file.filename)) for field, file in files if file.filename]


def sent_file_name(name: str) -> str:
    """The name of a file as it was sent, on one line and bounded."""
    return clean_line(name)[:150]


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
    texts, others = text_field_names() - _CHOSEN, other_field_names() | _CHOSEN
    found: list[tuple[str, str]] = []
    room = LONGEST
    for name, value in fields:
        text = value.replace("\r\n", "\n").strip()
        if not text or room <= 0 or _MACHINE_NAME.search(name) or name in secret:
            continue
        no_text = _KEY if name in others - texts else _NUMBER_OR_ID
        if name in texts or not no_text.fullmatch(text):
            found.append((name, text[:room]))
            room -= len(text)
    return found
