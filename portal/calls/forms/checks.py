"""Forms of call checks."""

from flask_babel import lazy_gettext as _l

from portal.web.forms import Form, TickedIdsField, line_field, text_field


class CheckCodeForm(Form):
    """The code that the other side read out."""

    code = line_field(_l("The code that the other side reads out"), need=_l("Write the code"), limit=20)


class SkipCheckForm(Form):
    """Why no check is needed."""

    reason = text_field(_l("Why is no check needed?"), need=_l("Write why"), limit=2_000)


class CheckedTypesForm(Form):
    """The request types whose cases need a check."""

    types = TickedIdsField(_l("Request types that need a call check"))
