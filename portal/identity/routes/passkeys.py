"""/me/passkeys: one's own passkeys; /sign-in/passkey: sign in with one. The script asks the browser; the rest is as for
every form."""

import uuid
from typing import Any

from flask import Response, flash, request, url_for
from flask_babel import gettext as _

from portal.identity import actions, factor_steps, passkey_ceremonies, queries, sign_in
from portal.identity.forms import PasskeyForm, PasskeyNameForm, PasskeySignInForm
from portal.identity.models import User
from portal.identity.routes.blueprint import identity
from portal.kernel import security_events
from portal.kernel.actor import Actor, Side
from portal.kernel.errors import Refused
from portal.kernel.system_context import act_as
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.forms import PressForm
from portal.web.guards import proved_recently, public, signed_in
from portal.web.htmx import page, see
from portal.web.own_pages import me_page


@identity.route("/me/passkeys", methods=["GET", "POST"])
@signed_in
@proved_recently
def passkeys() -> Any:
    """The passkeys of the person, and the form that adds one."""
    form, person = PasskeyForm(), ctx().person
    codes: list[str] = []

    def act() -> None:
        made = passkey_ceremonies.read_new_passkey(ctx(), form.credential.data or "")
        codes.extend(
            actions.add_passkey(
                ctx(),
                person,
                name=form.name.data,
                host=made.host,
                credential_id=made.credential_id,
                public_key=made.public_key,
                sign_count=made.sign_count,
                transports=made.transports,
            )
        )

    status = submit_form(form, act) if form.is_submitted() else 200
    if status:
        email = queries.primary_email(ctx(), person.id)
        known = queries.own_factors(ctx()).passkeys
        question = passkey_ceremonies.ask_to_add(ctx(), person, email, known)
        return me_page("identity/passkeys.html", status, form=form, rows=known, question=question)
    flash(_("The passkey is added."), "success")
    if codes:
        factor_steps.keep_fresh_codes(person.id, codes)
        return see(url_for(".recovery_codes"))
    return see(url_for(".passkeys"))


@identity.route("/me/passkeys/<uuid:passkey_id>/rename", methods=["GET", "POST"])
@signed_in
def rename_passkey(passkey_id: uuid.UUID) -> Any:
    """Give a passkey another name."""
    form, row = PasskeyNameForm(), queries.own_passkey(ctx(), passkey_id)
    if not form.is_submitted():
        form.name.data = row.name
    status = (
        submit_form(form, lambda: actions.rename_passkey(ctx(), ctx().person, passkey_id, form.name.data))
        if form.is_submitted()
        else 200
    )
    if status:
        return me_page("identity/rename_passkey.html", status, form=form, row=row)
    flash(_("Saved."), "success")
    return see(url_for(".passkeys"))


@identity.route("/me/passkeys/<uuid:passkey_id>/remove", methods=["GET", "POST"])
@signed_in
@proved_recently
def remove_passkey(passkey_id: uuid.UUID) -> Any:
    """Remove a passkey."""
    form, person = PressForm(), ctx().person
    row = queries.own_passkey(ctx(), passkey_id)
    required = sign_in.factor_rule_of(ctx(), person) is not None
    status = (
        submit_form(form, lambda: actions.remove_passkey(ctx(), person, passkey_id, required=required))
        if form.is_submitted()
        else 200
    )
    if status:
        return me_page("identity/remove_passkey.html", status, form=form, row=row)
    flash(_("The passkey is removed."), "success")
    return see(url_for(".passkeys"))


@identity.route("/sign-in/passkey", methods=["GET", "POST"])
@public("people sign in here")
def sign_in_with_passkey() -> Any:
    """GET: the question for the browser, as JSON. POST: sign in the person whose passkey answered it."""
    if request.method == "GET":
        return Response(
            passkey_ceremonies.ask_to_prove(ctx(), passkey_ceremonies.SIGN_IN), content_type="application/json"
        )
    form = PasskeySignInForm()
    to = sign_in.safe_next_path(form.next.data)
    try:
        if not form.validate():
            raise Refused(_("This page was open for a long time. Check and send again."))
        return see(sign_in.complete_sign_in(ctx(), _prove(form.credential.data or ""), method="passkey", next=to))
    except Refused as refusal:
        sign_in.count_try_after_answer(security_events.SIGN_IN_FAILED, None)
        form.form_errors = [refusal.message]
        return page("identity/sign_in_ended.html", 422, form=form)


def _prove(answer: str) -> User:
    """The person whose passkey gave *answer*. Raises Refused."""
    passkey = actions.find_passkey(ctx(), passkey_ceremonies.credential_id_of(answer))
    sign_count = passkey_ceremonies.check_proof(ctx(), passkey_ceremonies.SIGN_IN, answer, passkey)
    assert passkey is not None
    user = ctx().session.get_one(User, passkey.user_id)
    nobody = ctx().actor
    act_as(ctx(), Actor(Side.NOBODY, ctx().provider_id, user.id, user.name))
    actions.note_use(ctx(), passkey, sign_count)
    act_as(ctx(), nobody)
    return user
