"""/me/proof: prove again who one is, before a sensitive change."""

from typing import Any

from flask import request
from flask_babel import gettext as _

from portal.identity import actions, passkey_ceremonies, queries, sign_in, throttle
from portal.identity.forms import ProofForm
from portal.identity.queries import Factors
from portal.identity.routes.blueprint import identity
from portal.kernel import security_events
from portal.kernel.errors import Refused
from portal.web.current import ctx
from portal.web.guards import signed_in
from portal.web.host_keys import host_name
from portal.web.htmx import see
from portal.web.own_pages import me_page


@identity.route("/me/proof", methods=["GET", "POST"])
@signed_in
def prove() -> Any:
    """Ask for a second factor where there is one, else for the password; then lead on."""
    form, person = ProofForm(), ctx().person
    to = sign_in.safe_next_path(request.values.get("next"))
    factors = queries.own_factors(ctx())
    has_password = queries.password_of(ctx(), person.id) is not None
    status = 200
    if form.is_submitted():
        status = _check(form, factors) if form.validate() else 422
        if not status:
            actions.mark_proved(ctx())
            return see(to or "/me")
    here = [row for row in factors.passkeys if row.host == host_name()]
    return me_page(
        "identity/proof.html",
        status,
        form=form,
        to=to,
        factors=factors,
        has_password=has_password,
        email=queries.primary_email(ctx(), person.id),
        question=passkey_ceremonies.ask_to_prove(ctx(), passkey_ceremonies.PROOF, here) if here else "",
    )


def _check(form: ProofForm, factors: Factors) -> int:
    """0 where the person proved who they are, else the status to show the form with."""
    person, field = ctx().person, form.code if factors else form.password
    recovery = actions.is_recovery_code(form.code.data or "")
    source = throttle.source_of(ctx(), f"proof {person.id}", browser=str(ctx().session_id))
    if not throttle.may_answer_code(source, recovery=recovery):
        sign_in.count_try_after_answer(security_events.CODE_THROTTLED, person)
        form.form_errors.append(_("There were too many wrong attempts. Sign out, and sign in again."))
        return 429
    try:
        if not factors and not actions.knows_password(ctx(), person, form.password.data or ""):
            raise Refused(_("That is not your current password"), "password")
        if factors and form.credential.data:
            _check_passkey(form.credential.data, factors)
        elif factors:
            actions.use_code(ctx(), person, form.code.data or "")
    except Refused as refusal:
        throttle.count_wrong_code(source, recovery=recovery)
        kind = security_events.CODE_FAILED if factors else security_events.OWN_PASSWORD_WRONG
        sign_in.count_try_after_answer(kind, person)
        field.errors = [*field.errors, refusal.message]
        return 422
    throttle.clear_wrong_codes(source)
    return 0


def _check_passkey(answer: str, factors: Factors) -> None:
    credential_id = passkey_ceremonies.credential_id_of(answer)
    passkey = next((row for row in factors.passkeys if row.credential_id == credential_id), None)
    sign_count = passkey_ceremonies.check_proof(ctx(), passkey_ceremonies.PROOF, answer, passkey)
    if passkey is not None:
        actions.note_use(ctx(), passkey, sign_count)
