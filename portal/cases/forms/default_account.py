"""The form of one's own default account."""

from flask_babel import lazy_gettext as _l

from portal.web.forms import Form, choice_field


class DefaultAccountForm(Form):
    """`POST /me/default-account`: the key of one of one's accounts, or '' for none."""

    account = choice_field(_l("Default account"), wrong=_l("Choose one of your accounts"))
