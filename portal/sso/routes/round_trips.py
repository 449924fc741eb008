"""/sign-in/with/<name>: to an identity provider and back."""

from typing import Any

from flask import Response, flash, redirect, request
from flask_babel import gettext as _

from portal.identity.sign_in import complete_sign_in, safe_next_path
from portal.kernel.errors import NotFound, Refused
from portal.kernel.system_context import as_system
from portal.sso import pages
from portal.sso.actions import arrivals, round_trips
from portal.sso.actions.ways import mark_tested
from portal.sso.engine.kinds import Claims
from portal.sso.forms import StartForm
from portal.sso.labels import outcome_sentence
from portal.sso.models import SignInWay
from portal.sso.pages import LINK, SIGN_IN, TEST, Trip, WayName
from portal.sso.queries import arrivals as arrival_queries
from portal.sso.queries import ways as queries
from portal.sso.routes.blueprint import sso
from portal.sso.servers.refusals import SignInRefused
from portal.web.csrf import takes_signed_message
from portal.web.current import ctx
from portal.web.forms import parse_email
from portal.web.guards import public
from portal.web.htmx import page
from portal.web.oauth_state import commit_return
from portal.web.urls import text_parameter

# The claims that a test shows, in this order.
_SHOWN_CLAIMS = (*("iss", "sub", "aud", "azp", "tid", "email", "email_verified", "xms_edov", "hd", "name", "sid"),)


@sso.route("/sign-in/with/<name>", methods=["GET", "POST"], endpoint="sign_in_with")
@public("people sign in here")
def sign_in_with(name: str) -> Any:
    """GET: a page with the button. POST: on to the identity provider."""
    way = queries.open_way(ctx(), name)
    shown, form = WayName.of(way), StartForm()
    to, email = safe_next_path(request.values.get("next")), _email()
    if form.validate_on_submit():
        try:
            return pages.begin_trip(way, SIGN_IN, to=to, hint=email)
        except SignInRefused as refusal:
            return pages.refused_page(refusal.code, shown, to=to)
    if not form.is_submitted() and ctx().person is not None:
        return redirect(to or "/")
    form.email.data, form.next.data = email, to
    pages.allow_ways(way)
    return page("sso/sign_in_with.html", 422 if form.is_submitted() else 200, form=form, way=way, email=email, to=to)


@sso.get("/sign-in/with/<name>/callback")
@public("another site leads back here; only a browser that began it gets further")
def callback(name: str) -> Any:
    """An identity provider leads back with a code, for what was begun in this browser."""
    state, code = request.args.get("state", "")[:200], request.args.get("code", "")[:4000]
    trip = pages.end_trip(state)
    way = _find_way(trip, name)
    if trip is None or way is None:
        return pages.refused_page("state", WayName.of(queries.open_way(ctx(), name)))
    shown = WayName.of(way)
    back = {LINK: "/me/sign-ins", TEST: trip.next}.get(trip.purpose, "")
    words = ""
    try:
        if not code:
            words = text_parameter("error_description", 300) or text_parameter("error", 100)
            raise SignInRefused(round_trips.error_code(text_parameter("error", 100)))
        claims = round_trips.finish(
            ctx(),
            way,
            pages.issuers(),
            state=state,
            code=code,
            said_issuer=request.args.get("iss"),
            redirect_uri=pages.redirect_address(way.name),
        )
        if trip.purpose == TEST:
            return _show_test(way, trip, claims)
        if trip.purpose == LINK:
            return _link(way, shown, claims)
        return _sign_in(way, shown, trip, claims)
    except SignInRefused as refusal:
        words = words or refusal.words if trip.purpose == TEST else ""
        return pages.refused_page(refusal.code, shown, to="" if back else trip.next, back=back, words=words)


@sso.post("/sign-in/with/<name>/logout")
@takes_signed_message
@public("the identity provider signs the message")
def end_there(name: str) -> Response:
    """An identity provider says that somebody signed out there: their sessions that came by it end here."""
    way = queries.open_way(ctx(), name)
    try:
        claims = round_trips.read_logout(ctx(), way, pages.issuers(), request.form.get("logout_token", ""))
    except SignInRefused as refusal:
        return _plain(400, refusal.code)
    with as_system(ctx()) as system:
        arrivals.end_sessions_there(
            system,
            way,
            str(claims["iss"]),
            subject=str(claims.get("sub") or ""),
            sid=str(claims.get("sid") or ""),
        )
    return _plain(200, "")


def _sign_in(way: SignInWay, shown: WayName, trip: Trip, claims: Claims) -> Response:
    try:
        with commit_return():
            with as_system(ctx()) as system:
                arrival = arrival_queries.read_arrival(system, way, claims)
                outcome = arrivals.admit(system, way, arrival)
            user_id = outcome.user.id if outcome.user is not None else None
            landing = ""
            if outcome.signs_in and outcome.user is not None:
                landing = complete_sign_in(
                    ctx(), outcome.user, method=shown.name, next=trip.next, outside_sid=arrival.sid
                )
    except Refused as refusal:
        return pages.refused_page("ended", shown, sentence=refusal.message, to=trip.next)
    if landing:
        return redirect(landing, 303)  # type: ignore[return-value]
    return pages.refused_page(outcome.code, shown, to=trip.next, user_id=user_id)


def _link(way: SignInWay, shown: WayName, claims: Claims) -> Response:
    try:
        with commit_return():
            with as_system(ctx()) as system:
                arrival = arrival_queries.read_arrival(system, way, claims)
            arrivals.link_own(ctx(), way, arrival)
    except Refused as refusal:
        return pages.refused_page("subject", shown, sentence=refusal.message, back="/me/sign-ins")
    flash(_("You can sign in with %(label)s now.", label=shown.label), "success")
    return redirect("/me/sign-ins", 303)  # type: ignore[return-value]


def _show_test(way: SignInWay, trip: Trip, claims: Claims) -> Response:
    """What came back and what would happen. Only the time of the test is stored."""
    shown = [(key, str(claims[key])[:300]) for key in _SHOWN_CLAIMS if key in claims]
    label = way.label
    with commit_return(), as_system(ctx()) as system:
        arrival = arrival_queries.read_arrival(system, way, claims)
        sentence = outcome_sentence(way, arrival, arrival_queries.decide(system, way, arrival))
        mark_tested(system, way)
    return page("sso/tested.html", label=label, claims=shown, arrival=arrival, sentence=sentence, back=trip.next)


def _find_way(trip: Trip | None, name: str) -> SignInWay | None:
    """The way of *trip*, if the address is its own and people sign in by it; whoever tests it began as somebody who
    may."""
    if trip is None:
        return None
    with as_system(ctx()) as system:
        try:
            way = queries.way_by_id(system, trip.way_id)
        except NotFound:
            return None
    return way if way.name == name and (trip.purpose == TEST or queries.is_open(way)) else None


def _email() -> str:
    try:
        return parse_email(request.values.get("email", ""))
    except Refused:
        return ""


def _plain(status: int, text: str) -> Response:
    return Response(text, status, mimetype="text/plain", headers={"Cache-Control": "no-store"})
