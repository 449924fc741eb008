"""The form of the tags of a case."""

from flask_babel import lazy_gettext as _l

from portal.web.forms import PressForm, line_field


class TagsForm(PressForm):
    """`POST /desk/cases/<KEY>/tags`: tags to add, separated by commas, or the id of one to take off."""

    tag = line_field(_l("Tags"), limit=400)
    remove = line_field(_l("Tag"), limit=40)
