"""The forms of the mails that were written."""

from flask_babel import lazy_gettext as _l

from portal.web.forms import Form, choice_field


class HeldMailsForm(Form):
    """What becomes of the mails that became old while they waited."""

    what = choice_field(
        _l("What is to happen with them?"),
        need=_l("Choose one of the two"),
        choices=[("send", _l("Send them now")), ("withdraw", _l("Withdraw them: they are not sent"))],
    )
