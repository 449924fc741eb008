"""/me/factors: the person's own second factors and recovery codes."""

import uuid
from typing import Any

from flask import Response, flash, request, url_for
from flask_babel import gettext as _

from portal.identity import actions, devices, factor_steps, queries, sign_in
from portal.identity.forms import CodeForm
from portal.identity.routes.blueprint import identity
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.forms import PressForm
from portal.web.guards import proved_recently, signed_in
from portal.web.htmx import see
from portal.web.own_pages import me_page


@identity.get("/me/factors")
@signed_in
def factors() -> Response:
    """The second factors of the person, how many recovery codes are left, and the rule that needs a factor."""
    return me_page(
        "identity/factors.html",
        factors=queries.own_factors(ctx()),
        trusted=queries.own_trusted_devices(ctx()),
        device=devices.describe_device,
        rule=sign_in.factor_rule_of(ctx(), ctx().person),
    )


@identity.route("/me/factors/app", methods=["GET", "POST"])
@signed_in
@proved_recently
def set_up_app() -> Any:
    """Set up an authenticator app, in place of another one."""
    form, person = CodeForm(), ctx().person
    secret = factor_steps.offered_key(person.id)
    codes: list[str] = []
    status = (
        submit_form(form, lambda: codes.extend(actions.add_authenticator(ctx(), person, secret, form.code.data)))
        if form.is_submitted()
        else 200
    )
    if status:
        key = factor_steps.describe_key(ctx(), secret, queries.primary_email(ctx(), person.id))
        return me_page("identity/factor_app.html", status, form=form, factors=queries.own_factors(ctx()), **key)
    factor_steps.forget_offered_key()
    flash(_("Your authenticator app is set up."), "success")
    return _show_codes(codes)


@identity.route("/me/factors/app/remove", methods=["GET", "POST"])
@signed_in
@proved_recently
def remove_app() -> Any:
    """Remove the authenticator app."""
    form, person = PressForm(), ctx().person
    required = sign_in.factor_rule_of(ctx(), person) is not None
    status = (
        submit_form(form, lambda: actions.remove_authenticator(ctx(), person, required=required))
        if form.is_submitted()
        else 200
    )
    if status:
        return me_page("identity/remove_app.html", status, form=form)
    flash(_("The authenticator app is removed."), "success")
    return see(url_for(".factors"))


@identity.route("/me/factors/codes", methods=["GET", "POST"])
@signed_in
@proved_recently
def recovery_codes() -> Any:
    """New recovery codes, to be kept; or the button that makes a new set."""
    form, person = PressForm(), ctx().person
    fresh = factor_steps.fresh_codes(person.id)
    to = sign_in.safe_next_path(request.values.get("next"))
    if not form.is_submitted():
        left = queries.own_factors(ctx()).codes_left
        return me_page("identity/recovery_codes.html", form=form, codes=fresh, to=to, left=left)
    codes: list[str] = []

    def act() -> None:
        if not fresh:
            codes.extend(actions.issue_recovery_codes(ctx(), person))

    status = submit_form(form, act)
    if status:
        left = queries.own_factors(ctx()).codes_left
        return me_page("identity/recovery_codes.html", status, form=form, codes=fresh, to=to, left=left)
    if fresh:
        factor_steps.forget_fresh_codes()
        return see(to or url_for(".factors"))
    return _show_codes(codes)


def _show_codes(codes: list[str]) -> Response:
    """Lead to the page that shows *codes* until they are confirmed."""
    if not codes:
        return see(url_for(".factors"))
    factor_steps.keep_fresh_codes(ctx().person.id, codes)
    return see(url_for(".recovery_codes"))


@identity.route("/me/factors/devices/<uuid:device_id>/end", methods=["GET", "POST"])
@signed_in
def end_trust(device_id: uuid.UUID) -> Any:
    """Ask for the second factor in that browser again."""
    form, row = PressForm(), queries.own_trusted_device(ctx(), device_id)
    status = submit_form(form, lambda: actions.end_trust(ctx(), ctx().person, row)) if form.is_submitted() else 200
    if status:
        return me_page("identity/end_trust.html", status, form=form, row=row, device=devices.describe_device)
    flash(_("That device is no longer trusted."), "success")
    return see(url_for(".factors"))
