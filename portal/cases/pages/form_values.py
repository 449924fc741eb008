"""Parsing of ids and people that a form carries."""

import uuid

from flask_babel import gettext as _

from portal.kernel import ids
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.errors import Refused


def parse_person_id(text: str) -> uuid.UUID:
    """An id in a form; raises Refused if *text* is none."""
    found = ids.parse_id(text)
    if found is None:
        raise Refused(_("Choose a person"), "person")
    return found


def parse_owner(context: Context, text: str) -> Id | None:
    """The id of the staff member that a form names: an id, "me", or '' for nobody."""
    if text == "me":
        return context.actor.staff_id
    return parse_id(text, _("Choose somebody who looks after this account"), "owner")


def parse_id(text: str, sentence: str, field: str) -> Id | None:
    """An id in a form, None for ''; raises Refused with *sentence* for anything else."""
    found = ids.parse_id(text)
    if text and found is None:
        raise Refused(sentence, field)
    return found
