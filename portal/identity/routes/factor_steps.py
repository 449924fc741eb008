"""/sign-in/factor: the second factor, or setting one up, between the proof of who somebody is and their session."""

from typing import Any

from flask import Response, flash, redirect, request, url_for
from flask_babel import gettext as _

from portal.identity import actions, devices, factor_steps, passkey_ceremonies, queries, sign_in, throttle
from portal.identity.factor_rules import FactorRule
from portal.identity.factor_steps import FactorStep
from portal.identity.forms import FactorForm
from portal.identity.routes.blueprint import identity
from portal.kernel import security_events
from portal.kernel.errors import Gone, Refused
from portal.web import csrf, known_browser
from portal.web.current import ctx
from portal.web.guards import public
from portal.web.host_keys import host_name
from portal.web.htmx import page, see


@identity.route("/sign-in/factor", methods=["GET", "POST"])
@public("somebody proved who they are and is not signed in yet; the step in their cookie is the key")
def factor() -> Any:
    """Ask for the code, or set up the app where a rule needs a second factor; then the session begins."""
    step = factor_steps.load_step(ctx())
    if step is None:
        return _start_again()
    form = FactorForm()
    if queries.has_own_factor(ctx()):
        return _ask(step, form)
    return _set_up(step, form, sign_in.factor_rule_of(ctx(), step.user))


def _ask(step: FactorStep, form: FactorForm) -> Any:
    """The page with the field for a code, and the button for a passkey of this host."""
    if form.is_submitted() and form.credential.data and csrf.has_valid_token():
        return _prove_passkey(step, form)
    values = _ask_values(step, form)
    if not form.validate_on_submit():
        return page("identity/factor.html", 422 if form.is_submitted() else 200, **values)
    recovery = actions.is_recovery_code(form.code.data)
    source = throttle.source_of(ctx(), f"codes {step.user.id}", known_browser.read_nonce(step.user.id))
    if not throttle.may_answer_code(source, recovery=recovery):
        sign_in.count_try_after_answer(security_events.CODE_THROTTLED, step.user)
        form.code.errors = [
            _("There were too many wrong codes. Use a recovery code, or try again tomorrow.")
            if not recovery
            else _("There were too many wrong codes. Try again tomorrow.")
        ]
        return page("identity/factor.html", 429, **values)
    try:
        used = actions.use_code(ctx(), step.user, form.code.data)
        factor_steps.end_step(ctx(), step)
    except Refused as refusal:
        if throttle.count_wrong_code(source, recovery=recovery):
            sign_in.warn_after_answer(step.user)
        sign_in.count_try_after_answer(security_events.CODE_FAILED, step.user)
        form.reject(refusal)
        return page("identity/factor.html", 422, **values)
    except Gone:
        return _start_again()
    throttle.clear_wrong_codes(source)
    return _begin(step, form, used)


def _ask_values(step: FactorStep, form: FactorForm) -> dict[str, Any]:
    factors = queries.own_factors(ctx())
    here = [row for row in factors.passkeys if row.host == host_name()]
    return {
        "form": form,
        "email": queries.primary_email(ctx(), step.user.id),
        "factors": factors,
        "question": passkey_ceremonies.ask_to_prove(ctx(), passkey_ceremonies.STEP, here) if here else "",
        "other_hosts": sorted({row.host for row in factors.passkeys if row.host != host_name()}) if not here else [],
    }


def _prove_passkey(step: FactorStep, form: FactorForm) -> Any:
    """Accept the answer of one of the person's own passkeys."""
    answer = form.credential.data or ""
    try:
        credential_id = passkey_ceremonies.credential_id_of(answer)
        own = [row for row in queries.own_factors(ctx()).passkeys if row.credential_id == credential_id]
        passkey = own[0] if own else None
        sign_count = passkey_ceremonies.check_proof(ctx(), passkey_ceremonies.STEP, answer, passkey)
        factor_steps.end_step(ctx(), step)
    except Refused as refusal:
        sign_in.count_try_after_answer(security_events.CODE_FAILED, step.user)
        form.form_errors.append(refusal.message)
        return page("identity/factor.html", 422, **_ask_values(step, form))
    except Gone:
        return _start_again()
    actions.note_use(ctx(), own[0], sign_count)
    return _begin(step, form, actions.PASSKEY)


def _set_up(step: FactorStep, form: FactorForm, rule: FactorRule | None) -> Any:
    """The page that sets up an app or a passkey, and says why; while the grace period lasts, with a button to go on
    without."""
    if rule is None:  # the rule, or the factor, went while the page was open
        return _go_on(step, form, "")
    if form.is_submitted() and form.credential.data and csrf.has_valid_token():
        return _set_up_passkey(step, form, rule)
    values = _set_up_values(step, form, rule)
    if values["may_wait"] and form.later.data and csrf.has_valid_token():
        return _go_on(step, form, "")
    if not form.validate_on_submit():
        return page("identity/factor_setup.html", 422 if form.is_submitted() else 200, **values)
    try:
        codes = actions.add_authenticator(ctx(), step.user, factor_steps.offered_key(step.user.id), form.code.data)
    except Refused as refusal:
        form.reject(refusal)
        return page("identity/factor_setup.html", 422, **values)
    return _go_on(step, form, actions.APP, codes)


def _set_up_values(step: FactorStep, form: FactorForm, rule: FactorRule) -> dict[str, Any]:
    may_wait = rule.may_wait(ctx().now)
    secret = factor_steps.offered_key(step.user.id)
    email = queries.primary_email(ctx(), step.user.id)
    form.name.data = form.name.data or devices.describe_device(request.user_agent.string)
    return {
        "form": form,
        "rule": rule,
        "may_wait": may_wait,
        "question": passkey_ceremonies.ask_to_add(ctx(), step.user, email, ()),
        **factor_steps.describe_key(ctx(), secret, email),
    }


def _set_up_passkey(step: FactorStep, form: FactorForm, rule: FactorRule) -> Any:
    """Add the passkey that the browser made; it is the second factor of this sign-in too."""
    try:
        made = passkey_ceremonies.read_new_passkey(ctx(), form.credential.data or "")
        codes = actions.add_passkey(
            ctx(),
            step.user,
            name=form.name.data or "",
            host=made.host,
            credential_id=made.credential_id,
            public_key=made.public_key,
            sign_count=made.sign_count,
            transports=made.transports,
        )
    except Refused as refusal:
        form.form_errors.append(refusal.message)
        return page("identity/factor_setup.html", 422, **_set_up_values(step, form, rule))
    return _go_on(step, form, actions.PASSKEY, codes)


def _go_on(step: FactorStep, form: FactorForm, used: str, codes: list[str] | None = None) -> Any:
    try:
        factor_steps.end_step(ctx(), step)
    except Gone:
        return _start_again()
    return _begin(step, form, used, codes)


def _begin(step: FactorStep, form: FactorForm, used: str, codes: list[str] | None = None) -> Any:
    """Sign the person of *step* in; new recovery codes come first, with a link to where they were going."""
    try:
        landing = sign_in.begin_session(
            ctx(),
            step.user,
            method=step.method,
            factor=used,
            next=step.next,
            trust=form.trust.data,
            outside_sid=step.outside_sid,
        )
    except Refused as refusal:
        form.reject(refusal)
        return page("identity/sign_in_ended.html", 403, form=form)
    if not codes:
        return see(landing)
    factor_steps.keep_fresh_codes(step.user.id, codes)
    return see(url_for(".recovery_codes", next=landing))


def _start_again() -> Response:
    flash(_("The second step was open for too long. Sign in again."), "info")
    return redirect(url_for(".sign_in"))  # type: ignore[return-value]
