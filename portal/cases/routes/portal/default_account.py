"""/me/default-account: in which account a person of several opens cases unless they say another."""

from typing import Any

from flask import flash
from flask_babel import gettext as _

from portal.cases.actions.default_accounts import choose_default_account
from portal.cases.forms.default_account import DefaultAccountForm
from portal.cases.queries.default_accounts import default_account_key, openable_accounts
from portal.cases.routes.blueprints import cases
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.guards import on_portal
from portal.web.htmx import see
from portal.web.own_pages import me_page


@cases.route("/me/default-account", methods=["GET", "POST"])
@on_portal
def default_account() -> Any:
    """Choose one of one's accounts, or none."""
    rows = openable_accounts(ctx())
    form = DefaultAccountForm(data={"account": default_account_key(ctx())})
    form.account.choices = [("", _("None: ask me each time")), *((row.key, f"{row.name} ({row.key})") for row in rows)]
    status = submit_form(form, lambda: choose_default_account(ctx(), form.account.data)) if form.is_submitted() else 200
    if status:
        return me_page("cases/default_account.html", status, form=form, has_several=len(rows) > 1)
    flash(_("Saved."), "success")
    return see("/me/default-account")
