"""/me/notifications: what a person chooses to get by mail, and the cases that they muted."""

from typing import Any

from flask import current_app, flash, url_for
from flask_babel import gettext as _

from portal.identity.labels import describe_device
from portal.notifications import actions, push_devices, queries
from portal.notifications.forms import PUSH, ContactMailsForm, StaffMailsForm
from portal.notifications.push_keys import derive_push_keys
from portal.notifications.routes.blueprint import notifications
from portal.notifications.rules import CONTACT_TOPICS, STAFF_TOPICS, Topic
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.guards import signed_in
from portal.web.htmx import see
from portal.web.own_pages import me_page


@notifications.route("/me/notifications", methods=["GET", "POST"])
@signed_in
def preferences() -> Any:
    """What the person gets by mail beside the bell, by topic; and the quiet hours."""
    staff = ctx().actor.is_staff
    kept = queries.own_mail_choices(ctx(), STAFF_TOPICS if staff else CONTACT_TOPICS)
    hours = queries.own_quiet_hours(ctx())
    quiet = {"quiet_from": str(hours.begins), "quiet_until": str(hours.ends)} if hours else {}
    daily = queries.own_mail_choices(ctx(), [Topic.DAILY])
    devices = push_devices.own_devices(ctx())
    pushed = push_devices.own_push_choices(ctx(), kept)
    pushes = {f"{PUSH}{topic}": wanted for topic, wanted in pushed.items()}
    asks = {"asks_pushes": "1" if devices else ""}
    form = (StaffMailsForm if staff else ContactMailsForm)(data={**kept, **daily, **quiet, **pushes, **asks})

    zone = ctx().person.zone or ctx().provider.zone

    def act() -> None:
        actions.choose_mails(
            ctx(), {topic: bool(form[str(topic)].data) for topic in (*kept, Topic.DAILY)}, form.quiet_hours()
        )
        if chosen := form.pushed():
            push_devices.choose_pushes(ctx(), {topic: chosen[str(topic)] for topic in kept})

    status = submit_form(form, act) if form.is_submitted() else 200
    if status:
        return me_page(
            "notifications/preferences.html",
            status,
            form=form,
            staff=staff,
            topics=list(kept),
            zone=zone,
            muted=queries.muted_cases(ctx()),
            devices=devices,
            device=describe_device,
            this_one=ctx().session_id,
            push_key=derive_push_keys(current_app.config["SECRET_KEY"], str(ctx().provider_id)).public_key,
        )
    flash(_("Saved."), "success")
    return see(url_for(".preferences"))
