"""Ending a follow-up: what came of it."""

from flask_babel import lazy_gettext as _l

from portal.web.forms import Form, text_field


class DoneForm(Form):
    """What came of a follow-up; only staff ever read it."""

    note = text_field(_l("What came of it?"), name=_l("note"), need=_l("Write what came of it"), limit=5000)
