"""The forms in which somebody says yes or no, and takes a question back."""

from flask_babel import lazy_gettext as _l

from portal.approvals.rules import REASON_LIMIT
from portal.web.forms import Form, choice_field, text_field


class ApprovalForm(Form):
    """Yes or no: the button that was pressed. A no needs a reason, which the action asks for."""

    decision = choice_field(
        _l("Answer"), choices=[("yes", _l("Approve")), ("no", _l("Refuse"))], need=_l("Choose “Approve” or “Refuse”")
    )
    reason = text_field(_l("Reason"), limit=REASON_LIMIT)


class TakeBackForm(Form):
    """Taking a question back."""

    reason = text_field(_l("Reason"), limit=REASON_LIMIT)
