"""The forms in which staff ask for a yes by hand, and name one more person."""

import uuid
from collections.abc import Sequence

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal.approvals.actions.answers import HandAsking
from portal.approvals.engine.steps import Mode
from portal.approvals.forms.rules import MODES
from portal.approvals.rules import REASON_LIMIT
from portal.kernel.ids import parse_id
from portal.web.forms import Form, Number, TickedIdsField, choice_field, flag_field, text_field


class AskForm(Form):
    """A question, and whose yes it needs. The people are those that the page offers."""

    question = text_field(_l("Question"), need=_l("Write what you ask"), limit=REASON_LIMIT)
    people = TickedIdsField(_l("Who must say yes"))
    mode = choice_field(_l("How many must say yes"), choices=MODES)
    needed = Number(_l("Number, for “so many of them”"), low=1, high=30, optional=True)
    due_hours = Number(_l("Hours until the question ends"), low=1, high=2000, optional=True)
    pauses = flag_field(_l("Promises rest while the case waits for a yes"))

    def wish(self, *, internal: bool) -> HandAsking:
        """What was written, for the action."""
        return HandAsking(
            question=self.question.data or "",
            people=self.people.ids(),
            internal=internal,
            mode=Mode(self.mode.data or "one"),
            needed=self.needed.data or 1,
            pauses=bool(self.pauses.data),
            due_hours=self.due_hours.data,
        )


class NameForm(Form):
    """One more person who is asked."""

    approver = choice_field(_l("Person"), need=_l("Choose a person"))

    def offer(self, people: Sequence[tuple[uuid.UUID, str]]) -> None:
        """Let staff choose among *people*."""
        self.approver.choices = [("", _("Choose a person")), *((str(one), name) for one, name in people)]

    def person_id(self) -> uuid.UUID | None:
        """The chosen person."""
        return parse_id(self.approver.data)
