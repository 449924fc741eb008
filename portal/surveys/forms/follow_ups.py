"""The form that ends a follow-up with its result."""

from flask_babel import lazy_gettext as _l

from portal.web.forms import Form, text_field


class DoneForm(Form):
    """The result of a follow-up; only staff read it."""

    note = text_field(_l("What was the outcome?"), need=_l("Write what the outcome was"), limit=5000)
