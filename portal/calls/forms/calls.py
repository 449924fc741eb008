"""The form in which staff log a call."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField

from portal.calls.actions.calls import LONGEST, CallFacts
from portal.calls.labels import DIRECTION_NAMES, RESULT_NAMES
from portal.kernel.errors import Refused
from portal.web.forms import Form, Number, at_least, choice_field, line_field, text_field

NEW_CASE = "new"


class LogCallForm(Form):
    """`/desk/calls/log`, once the person is known. The choices of case and type are set by the route."""

    direction = choice_field(_l("Who called?"), choices=[(str(one), name) for one, name in DIRECTION_NAMES.items()])
    number = line_field(_l("Phone number"), limit=50)
    minutes = Number(_l("Minutes"), low=0, high=LONGEST)
    result = choice_field(_l("Result"), choices=[(str(one), name) for one, name in RESULT_NAMES.items()])
    case = choice_field(_l("Case"))
    type = choice_field(_l("Request type"))
    subject = line_field(_l("Subject"), limit=140, checks=[at_least(3, _l("Write at least 3 characters"))])
    description = text_field(_l("Description"), limit=10_000)
    note = text_field(_l("Internal note"), limit=10_000)
    once = HiddenField()

    @property
    def opens_case(self) -> bool:
        return self.case.data == NEW_CASE

    def facts(self, idempotency_key: str) -> CallFacts:
        """What was written, for the action. Raises Refused for a missing number of minutes."""
        if self.minutes.data is None:
            raise Refused(_("Write a whole number from %(low)d to %(high)d", low=0, high=LONGEST), "minutes")
        return CallFacts(
            direction=self.direction.data or "",
            minutes=self.minutes.data,
            result=self.result.data or "",
            number=self.number.data or "",
            note=self.note.data or "",
            idempotency_key=idempotency_key,
        )

    def require_new_case(self) -> None:
        """Raise Refused where a new case would have no words."""
        if not self.type.data:
            raise Refused(_("Choose a request type"), "type")
        if not self.subject.data:
            raise Refused(_("Write a subject"), "subject")
        if not self.description.data:
            raise Refused(_("Describe what is happening"), "description")
