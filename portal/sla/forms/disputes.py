"""The forms on cases that are about promises."""

import uuid

from flask_babel import lazy_gettext as _l

from portal.kernel import ids
from portal.web.forms import Form, line_field, text_field


class ObjectionForm(Form):
    """`POST /cases/<KEY>/promises`: a line of the receipt, and what is wrong with it."""

    # The id of the clock and the number of its segment: "<id>:2".
    line = line_field(_l("Line"), limit=50)
    text = text_field(_l("What was counted wrong?"), need=_l("Write what was counted wrong"), limit=2000)

    def stretch(self) -> tuple[uuid.UUID | None, int]:
        """The clock and the number of its segment; (None, -1) for an invalid value."""
        clock, _colon, number = (self.line.data or "").partition(":")
        return ids.parse_id(clock), int(number) if number.isdecimal() and number.isascii() and len(number) < 5 else -1


class ObjectionAnswerForm(Form):
    """`POST /desk/cases/<KEY>/promises`: the answer to one objection."""

    objection = line_field(_l("Objection"), limit=40)
    verdict = line_field(_l("Is the customer right?"), limit=10)
    answer = text_field(_l("Answer"), need=_l("Write the answer; the customer reads it"), limit=2000)
