"""What a form was drawn from: a second writer hears of the first instead of overwriting unseen."""

import hashlib
from collections.abc import Callable

from flask_babel import gettext as _
from wtforms import HiddenField

from portal.kernel.errors import Conflict, Refused
from portal.web.forms import Form


class VersionedForm(Form):
    """A form that remembers what it was drawn from."""

    version = HiddenField()
    # Set when somebody else was faster: what the page says above the form.
    conflict = ""


def fingerprint(*values: object) -> str:
    """A short word for *values*: the version of rows that count none themselves."""
    return hashlib.sha256(repr(values).encode()).hexdigest()[:16]


def submit(form: Form, act: Callable[[], object], *, current: object = "", who: Callable[[], str] | None = None) -> int:
    """Validate *form*, make sure it was drawn from *current*, then *act*. 0 when done.

    Otherwise the status to answer with: 422 for input that cannot be accepted, 409 when the object changed
    meanwhile (*who* says by whom). The form keeps what was typed; sending it again then keeps one's own version.
    """
    if not form.validate_on_submit():
        return 422
    if isinstance(form, VersionedForm) and form.version.data and form.version.data != str(current):
        form.version.data = str(current)
        form.conflict = (who and who()) or _("Somebody else changed this while you were working on it.")
        return 409
    try:
        act()
    except Refused as refusal:
        form.reject(refusal)
        return 422
    except Conflict as conflict:
        form.form_errors.append(conflict.message)
        return 409
    return 0
