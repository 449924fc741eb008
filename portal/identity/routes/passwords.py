"""/me/security: change the password."""

from typing import Any

from flask import flash, url_for
from flask_babel import gettext as _

from portal.identity import actions, queries, throttle
from portal.identity.forms import ChangePasswordForm
from portal.identity.routes.blueprint import identity
from portal.identity.sign_in import count_try_after_answer
from portal.kernel import security_events
from portal.kernel.errors import Refused
from portal.web.current import ctx
from portal.web.guards import signed_in
from portal.web.htmx import see
from portal.web.own_pages import me_page


@identity.route("/me/security", methods=["GET", "POST"])
@signed_in
def security() -> Any:
    """Change the password: needs the current one, and signs every other browser out."""
    form = ChangePasswordForm()
    if not form.validate_on_submit():
        return me_page(
            "identity/security.html",
            422 if form.is_submitted() else 200,
            form=form,
            email=queries.primary_email(ctx(), ctx().person.id),
        )
    status = _change_password(form)
    if status:
        return me_page("identity/security.html", status, form=form, email=queries.primary_email(ctx(), ctx().person.id))
    flash(_("Your password was changed. Other browsers are signed out."), "success")
    return see(url_for(".security"))


def _change_password(form: ChangePasswordForm) -> int:
    """0 when it was changed, else the status to show the form with. An open browser is no place for guessing either."""
    source = throttle.source_of(ctx(), f"own {ctx().person.id}", browser=str(ctx().session_id))
    if not throttle.may_answer(source):
        count_try_after_answer(security_events.SIGN_IN_THROTTLED, ctx().person)
        form.form_errors.append(_("There were too many wrong passwords. Sign out, and ask for a new password"))
        return 429
    try:
        actions.change_password(ctx(), ctx().person, current=form.current.data, new=form.password.data)
    except Refused as refusal:
        if refusal.field == "current":
            throttle.count_failure(source)
            count_try_after_answer(security_events.OWN_PASSWORD_WRONG, ctx().person)
        form.reject(refusal)
        return 422
    throttle.clear_failures(source)
    return 0
