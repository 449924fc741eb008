"""/me/preferences: language, zone and appearance."""

from typing import Any

from flask import flash, url_for
from flask_babel import gettext as _
from flask_babel import refresh

from portal.identity import actions, locale_choices
from portal.identity.forms import PreferencesForm, StaffPreferencesForm
from portal.identity.routes.blueprint import identity
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.guards import signed_in
from portal.web.htmx import see
from portal.web.own_pages import me_page


@identity.route("/me/preferences", methods=["GET", "POST"])
@signed_in
def preferences() -> Any:
    """Language, zone and appearance; for staff also density, shortcuts and the time to undo a reply."""
    person, staff = ctx().person, ctx().actor.is_staff
    names = ("locale", "zone", "theme", "density", "shortcuts", "delays_replies")
    kept = {name: getattr(person, name) for name in names}
    form = StaffPreferencesForm(data=kept) if staff else PreferencesForm(data=kept)
    form.locale.choices = locale_choices.language_choices(ctx().provider)
    first = _("Same as %(name)s: %(zone)s", name=ctx().provider.called, zone=ctx().provider.zone)
    form.zone.choices = locale_choices.zone_choices(ctx().now, first)

    def act() -> None:
        chosen = {name: form[name].data if name in form else value for name, value in kept.items()}
        actions.change_preferences(ctx(), person, **chosen)

    status = submit_form(form, act) if form.is_submitted() else 200
    if status:
        return me_page("identity/preferences.html", status, form=form, staff=staff)
    refresh()
    flash(_("Saved."), "success")
    return see(url_for(".preferences"))
