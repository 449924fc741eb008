"""/me/push: the devices to which notifications are pushed."""

from typing import Any

from flask import Response, current_app, flash, jsonify, request, url_for
from flask_babel import gettext as _

from portal.identity.labels import describe_device
from portal.kernel import ids
from portal.notifications import push_devices
from portal.notifications.forms import DeviceForm
from portal.notifications.routes.blueprint import notifications
from portal.web.current import ctx
from portal.web.form_flow import problem_of, submit_form
from portal.web.forms import PressForm
from portal.web.guards import signed_in
from portal.web.htmx import see
from portal.web.own_pages import me_page


@notifications.get("/me/push")
@signed_in
def push_page() -> Response:
    """Lead to the page of choices, for people who open the address of the script."""
    return see(url_for(".preferences") + "#devices")


@notifications.post("/me/push")
@signed_in
def add_device() -> tuple[Response, int]:
    """Take what the browser says of itself (`endpoint`, `p256dh`, `auth`); 201, or 409 and 422 with a sentence."""
    form = DeviceForm()

    def act() -> None:
        push_devices.add_device(
            ctx(),
            endpoint=form.endpoint.data or "",
            p256dh=form.p256dh.data or "",
            auth=form.auth.data or "",
            user_agent=request.user_agent.string,
            plain_http=not current_app.config["SESSION_COOKIE_SECURE"],
        )

    status = submit_form(form, act)
    return (jsonify(message=problem_of(form)), status) if status else (jsonify(), 201)


@notifications.get("/me/push/renew")
@signed_in
def renew_page() -> Response:
    """Lead to the page of choices, for people who open the address of the script."""
    return see(url_for(".preferences") + "#devices")


@notifications.post("/me/push/renew")
@signed_in
def renew_device() -> tuple[str, int]:
    """The browser with this `endpoint` is in use; 204, or 410 where it is none of the person's."""
    form = DeviceForm()
    status = submit_form(form, lambda: push_devices.renew_device(ctx(), form.endpoint.data or ""))
    return "", status or 204


@notifications.route("/me/push/<push_id>/remove", methods=["GET", "POST"])
@signed_in
def remove_device(push_id: str) -> Any:
    """Push nothing to one device any more."""
    device = push_devices.own_device(ctx(), ids.parse_id(push_id))
    form = PressForm()
    status = submit_form(form, lambda: push_devices.remove_device(ctx(), device)) if form.is_submitted() else 200
    if status:
        return me_page("notifications/device_remove.html", status, form=form, row=device, device=describe_device)
    flash(_("Nothing is pushed to that device any more."), "success")
    return see(url_for(".preferences") + "#devices")


@notifications.route("/me/push/<push_id>/test", methods=["GET", "POST"])
@signed_in
def test_device(push_id: str) -> Any:
    """Push a test to one device."""
    device = push_devices.own_device(ctx(), ids.parse_id(push_id))
    form = PressForm()
    status = submit_form(form, lambda: push_devices.test_device(ctx(), device)) if form.is_submitted() else 200
    if status:
        return me_page("notifications/device_test.html", status, form=form, row=device, device=describe_device)
    flash(_("A test is on its way. It shows while no page of the portal is in front."), "success")
    return see(url_for(".preferences") + "#devices")
