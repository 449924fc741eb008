"""/admin/sign-in: the ways to sign in."""

from typing import Any

from flask import Response, flash, url_for
from flask_babel import gettext as _

from portal.sso import pages
from portal.sso.actions import ways as actions
from portal.sso.forms import NewWayForm, WayForm
from portal.sso.models import SignInWay
from portal.sso.queries import linked
from portal.sso.queries import ways as queries
from portal.sso.routes.blueprint import configures, reads, sso
from portal.sso.servers.refusals import SignInRefused
from portal.tenants.queries.organizations import organization_choices
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.forms import PressForm
from portal.web.guards import proved_recently
from portal.web.htmx import page, see


@sso.get("/admin/sign-in")
@reads
def ways() -> Response:
    """The ways to sign in, the domains, and who waits for a decision."""
    rows = queries.ways(ctx())
    return page(
        "sso/ways.html",
        rows=rows,
        counts=queries.count_sign_ins(ctx(), rows),
        domains=queries.all_domains(ctx()),
        waiting=linked.waiting_sign_ins(ctx()),
    )


@sso.route("/admin/sign-in/new", methods=["GET", "POST"])
@configures
@proved_recently
def new_way() -> Any:
    """Add a way to sign in."""
    form = NewWayForm()
    _fill_choices(form)
    made: list[SignInWay] = []

    def act() -> None:
        made.append(actions.add_way(ctx(), form.facts((form.name.data or "").lower()), pages.issuers()))

    status = submit_form(form, act) if form.is_submitted() else 200
    if status:
        return page("sso/way_new.html", status, form=form)
    flash(_("%(label)s was added. Test it now.", label=made[0].label), "success")
    return see(url_for("sso.way", name=made[0].name))


@sso.route("/admin/sign-in/<name>", methods=["GET"])
@reads
def way(name: str) -> Response:
    """One way to sign in."""
    row = queries.way(ctx(), name)
    return _show(row, WayForm.of(row))


@sso.post("/admin/sign-in/<name>")
@configures
@proved_recently
def change_way(name: str) -> Any:
    """Change it."""
    row = queries.way(ctx(), name, lock=True)
    form = WayForm()
    _fill_choices(form)

    def act() -> None:
        was_enforced = row.enforced
        actions.change_way(ctx(), row, form.facts(row.name), pages.issuers())
        if row.enforced and not was_enforced:
            actions.require_from_now(ctx(), row)

    status = submit_form(form, act, current=row.version)
    if status:
        return _show(row, form, status)
    flash(_("Saved."), "success")
    return see(url_for("sso.way", name=row.name))


@sso.route("/admin/sign-in/<name>/test", methods=["GET", "POST"])
@configures
def test_way(name: str) -> Any:
    """Go the way that people go, and come back to a page that says what would happen."""
    row = queries.way(ctx(), name)
    press, back, there = PressForm(), url_for("sso.way", name=row.name), list[Response]()

    def act() -> None:
        actions.forget_answers()
        there.append(pages.begin_trip(row, pages.TEST, to=back))

    try:
        status = submit_form(press, act) if press.is_submitted() else 200
    except SignInRefused as refusal:
        return pages.refused_page(refusal.code, pages.WayName.of(row), back=back, words=refusal.words)
    if status:
        form = WayForm.of(row)
        form.form_errors.extend(press.form_errors)
        return _show(row, form, status)
    return there[0]


@sso.route("/admin/sign-in/<name>/delete", methods=["GET", "POST"])
@configures
@proved_recently
def delete_way(name: str) -> Any:
    """Ask, and remove it."""
    row = queries.way(ctx(), name, lock=False)
    form = PressForm()
    status = submit_form(form, lambda: actions.delete_way(ctx(), row)) if form.is_submitted() else 200
    if status:
        count = queries.count_sign_ins(ctx(), [row]).get(row.id, 0)
        return page("sso/way_delete.html", status, form=form, way=row, count=count)
    flash(_("%(label)s was removed.", label=row.label), "success")
    return see(url_for("sso.ways"))


def _show(row: SignInWay, form: WayForm, status: int = 200) -> Response:
    _fill_choices(form)
    if not form.is_submitted():
        form.client_secret.data = ""
    pages.allow_ways(row)
    try:
        issuer = queries.client_of(ctx(), row, pages.issuers()).issuer
    except SignInRefused:
        issuer = row.issuer
    return page(
        "sso/way.html",
        status,
        way=row,
        form=form,
        issuer=issuer,
        redirect_address=pages.redirect_address(row.name),
        logout_address=pages.logout_address(row.name),
        domains=queries.domains(ctx(), row.organization_id),
    )


def _fill_choices(form: WayForm) -> None:
    everybody = [("", _("Everybody: support and all organizations"))]
    form.organization.choices = everybody + [(str(row.id), row.name) for row in organization_choices(ctx())]
