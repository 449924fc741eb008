"""The forms of the page about an organization's identity provider."""

from flask_babel import lazy_gettext as _l

from portal.scim.engine.facts import LONGEST_NAME
from portal.web.forms import Form, choice_field, line_field


class TokenForm(Form):
    account = choice_field(_l("New people get access to"), wrong=_l("Choose an account"))
    role = choice_field(_l("Their role"))


class GroupRoleForm(Form):
    group = line_field(_l("Group"), need=_l("Type the name of a group"), limit=LONGEST_NAME)
    group_account = choice_field(_l("Account"), wrong=_l("Choose an account"))
    group_role = choice_field(_l("Role of its people"), wrong=_l("Choose a role"))
