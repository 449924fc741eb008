"""Forms of drafts."""

from flask_wtf.file import MultipleFileField
from wtforms import HiddenField

from portal.web.forms import Form, PressForm


class SaveForm(Form):
    """`POST /drafts`: any form that keeps drafts, with its fields (`components/drafts.html`)."""

    attachments = MultipleFileField()
    draft_of = HiddenField()
    draft_version = HiddenField()
    draft_page = HiddenField()


class DiscardForm(PressForm):
    """`POST /drafts/<id>/discard`."""
