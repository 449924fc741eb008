"""Forms of importing people: the file, several addresses at once, and the question before the import."""

import re
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField

from portal.admin.forms.import_file import LARGEST_FILE, MOST_ROWS
from portal.kernel.errors import Refused
from portal.kernel.text import clean_line
from portal.web.edit_conflict import VersionedForm
from portal.web.forms import Form, choice_field, flag_field, text_field

# The part of a pasted line that is an address: what stands between white space, commas and angle brackets.
_ADDRESS = re.compile(r"[^\s<>,;\"']+@[^\s<>,;\"']+")


class ImportFileForm(Form):
    file = FileField(_l("CSV file"))


class SeveralPeopleForm(Form):
    """Addresses, one a line, and the access that all of them get."""

    lines = text_field(_l("People, one a line"), need=_l("Write at least one address"))
    place = choice_field(_l("Access to"), wrong=_l("Choose accounts and environments of this organization"))
    role = choice_field(_l("Role"), wrong=_l("Choose a role"))

    def people(self) -> list[tuple[str, str]]:
        """(name, address) of each line. Raises Refused for more than MOST_ROWS lines."""
        lines = [line for raw in (self.lines.data or "").splitlines() if (line := clean_line(raw))]
        if len(lines) > MOST_ROWS:
            raise Refused(_("These are more than %(rows)d lines. Use a file", rows=MOST_ROWS), "lines")
        return [split_line(line) for line in lines]


def split_line(line: str) -> tuple[str, str]:
    """(name, address) of a pasted line such as `Una Novak <una@acme.example>`; what is no address at all becomes the
    address, which the preview refuses with a sentence. Without a name, the part before the @ is made one."""
    found = _ADDRESS.search(line)
    if found is None:
        return "", line
    name = clean_line((line[: found.start()] + " " + line[found.end() :]).strip(" <>,;\"'\t"))
    return name or made_name(found[0]), found[0]


def made_name(email: str) -> str:
    """A name made of the part of *email* before the @: `una.novak@…` becomes “Una Novak”."""
    words = re.split(r"[._\-+]+", email.partition("@")[0])
    return " ".join(word.capitalize() for word in words if word)


class ImportForm(VersionedForm):
    """The question whether the previewed rows go in; its version is what the preview said."""

    invite = flag_field(_l("Send invitations by email now"), default=True)


def file_content(form: Any) -> tuple[str, bytes]:
    """(name, content) of the uploaded file, at most one byte more than a file may have. Raises Refused without one."""
    if not form.file.data:
        raise Refused(_("Choose a file"), "file")
    return clean_line(form.file.data.filename or ""), form.file.data.stream.read(LARGEST_FILE + 1)
