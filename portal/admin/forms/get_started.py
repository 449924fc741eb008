"""Skipping steps of the first day."""

from flask_babel import lazy_gettext as _l

from portal.web.forms import Form, flag_field, line_field


class SkipStepForm(Form):
    """Skip one step, or all that can be left out; or take a skipped step up again."""

    step = line_field(_l("Step"), need=_l("Choose a step that can be skipped"), limit=40)
    resume = flag_field(_l("Take it up again"))
