"""The messages that a case can be split by, as the boxes of a form."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import ngettext

from portal.cases.models import Case, Message
from portal.cases.queries.conversation import conversation, last_question
from portal.cases.rules import why_message_stays
from portal.kernel.context import Context
from portal.web.times import time_words

EXCERPT = 140


@dataclass(frozen=True, slots=True)
class SplitChoices:
    """The boxes, whether some messages of the case stay whatever is ticked, and whether older ones are not shown."""

    options: Sequence[dict[str, str]]
    some_stay: bool
    has_older: bool


def split_choices(context: Context, case: Case) -> SplitChoices:
    """The newest messages of *case* that can go on in a case of their own, oldest first."""
    shown = conversation(context, case)
    question = last_question(context, case) if case.state == "waiting" else None
    found = [one for one in shown.messages if why_message_stays(case, one, question) is None]
    options = [{"value": str(one.id), "label": _label(one), "hint": _hint(one)} for one in found]
    return SplitChoices(options, len(found) < len(shown.messages), shown.has_older)


def _label(message: Message) -> str:
    author = message.author.name if message.author else _("Automatic")
    words = [author, time_words(message.occurred_at)]
    return " · ".join([*words, _("Internal note")] if message.is_note else words)


def _hint(message: Message) -> str:
    """The beginning of the message on one line, and how many files it has."""
    line = " ".join(message.body.split())
    excerpt = line if len(line) <= EXCERPT else f"{line[:EXCERPT]}…"
    number = len(message.files)
    files = ngettext("%(num)d file", "%(num)d files", number) if number else ""
    return " · ".join(part for part in (excerpt, files) if part) or "…"
