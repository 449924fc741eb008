"""The form in which a reader says whether an article helped."""

from flask_babel import lazy_gettext as _l

from portal.web.forms import Form, choice_field, text_field

WHY_LIMIT = 1_000


class VoteForm(Form):
    """`helpful` is the button that was pressed; `why` belongs to "no"."""

    helpful = choice_field(
        _l("Did this help?"), choices=(("yes", _l("Yes")), ("no", _l("No"))), need=_l("Choose yes or no")
    )
    why = text_field(_l("What was missing?"), limit=WHY_LIMIT)
