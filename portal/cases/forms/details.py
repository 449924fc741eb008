"""Forms that correct the details of a case."""

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField

from portal.cases.forms.fields import SUBJECT_LIMIT
from portal.web.forms import Form, PressForm, choice_field, line_field
from portal.web.forms import text_field as many_lines


class OwnTextForm(Form):
    """`POST /cases/<KEY>/words`: subject and description, corrected by the reporter."""

    version = HiddenField()
    subject = line_field(_l("Subject"), need=_l("Write a subject"), limit=SUBJECT_LIMIT)
    description = many_lines(_l("Description"), need=_l("Describe what is happening"))


class EditForm(PressForm):
    """`POST /desk/cases/<KEY>/edit`: the details of a case."""

    subject = line_field(_l("Subject"), need=_l("Write a subject"), limit=SUBJECT_LIMIT)
    type = choice_field(_l("Request type"), wrong=_l("Choose a request type"))
    contact = choice_field(_l("Contact"), wrong=_l("Choose the person who is affected"))
    environment = choice_field(_l("Environment"), wrong=_l("Choose an environment, or “I don't know”"))
    department = choice_field(_l("Department"), wrong=_l("Choose one of the departments"))
