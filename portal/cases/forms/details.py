"""Forms that correct the details of a case."""

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField

from portal.cases.forms.fields import SUBJECT_LIMIT
from portal.web.forms import Form, PressForm, choice, line
from portal.web.forms import body as many_lines


class OwnTextForm(Form):
    """The reporter's correction until the first answer."""

    version = HiddenField()
    subject = line(_l("Subject"), name=_l("subject"), need=_l("Write a subject"), limit=SUBJECT_LIMIT)
    description = many_lines(_l("Description"), name=_l("description"), need=_l("Describe what is happening"))


class EditForm(PressForm):
    """`POST /desk/cases/<KEY>/edit`: what the case says about itself."""

    subject = line(_l("Subject"), name=_l("subject"), need=_l("Write a subject"), limit=SUBJECT_LIMIT)
    type = choice(_l("Request type"), wrong=_l("Choose a request type"))
    contact = choice(_l("Contact"), wrong=_l("Choose the person who is affected"))
    environment = choice(_l("Environment"), wrong=_l("Choose an environment, or “I don't know”"))
    department = choice(_l("Department"), wrong=_l("Choose one of the departments"))
