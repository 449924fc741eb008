"""/community/posts: what customers do with one text."""

import uuid
from typing import Any

from flask import flash, request
from flask_babel import gettext as _

from portal.cases.queries.request_types import request_types
from portal.community.actions import private_cases, writing
from portal.community.actions.private_cases import may_open_case
from portal.community.forms import PlaceForm, ReasonForm
from portal.community.pages import (
    accept_page,
    back_to,
    edit_page,
    load_post,
    press,
    show,
    switch_page,
    versions_page,
)
from portal.community.queries import topics as queries
from portal.community.routes.blueprint import community, reads
from portal.kernel.errors import Forbidden, NotFound
from portal.tenants.queries import accounts as account_queries
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.forms import PressForm
from portal.web.guards import on_portal
from portal.web.htmx import see


@community.route("/community/posts/<uuid:post_id>/edit", methods=["GET", "POST"])
@on_portal
def edit(post_id: uuid.UUID) -> Any:
    """Correct one's own text."""
    return edit_page(post_id)


@community.route("/community/posts/<uuid:post_id>/report", methods=["GET", "POST"])
@on_portal
def report(post_id: uuid.UUID) -> Any:
    """Tell support what is wrong with a text."""
    post = load_post(post_id)
    form = ReasonForm()
    return press(
        post,
        form,
        lambda: writing.report_post(ctx(), post, form.why.data or ""),
        title=_("Report to support"),
        lines=[_("Only support reads your report, and your name with it.")],
        fields=[form.why],
        send=_("Report"),
        said=_("Support was told."),
    )


@community.route("/community/posts/<uuid:post_id>/helpful", methods=["GET", "POST"])
@on_portal
def helpful(post_id: uuid.UUID) -> Any:
    """Say that a text helped, once, or take it back."""
    post = load_post(post_id)
    return switch_page(
        post,
        post.id in queries.voted_posts(ctx(), [post]),
        lambda helpful: writing.set_helpful(ctx(), post, helpful=helpful),
        (_("Helpful"), _("Not helpful any more")),
        (_("Thank you. Your answer was stored."), _("Your answer was taken back.")),
    )


@community.route("/community/posts/<uuid:post_id>/accept", methods=["GET", "POST"])
@on_portal
def accept(post_id: uuid.UUID) -> Any:
    """Say which answer solved one's question, or take it back."""
    return accept_page(post_id)


@community.get("/community/posts/<uuid:post_id>/versions")
@on_portal
def versions(post_id: uuid.UUID) -> Any:
    """How one's own text read before."""
    post = load_post(post_id)
    if post.author_id != ctx().actor.user_id:
        raise NotFound
    return versions_page(post)


@community.get("/desk/community/posts/<uuid:post_id>/versions")
@reads
def staff_versions(post_id: uuid.UUID) -> Any:
    """How a text read before."""
    return versions_page(load_post(post_id))


@community.route("/community/posts/<uuid:post_id>/case", methods=["GET", "POST"])
@on_portal
def open_case(post_id: uuid.UUID) -> Any:
    """Open a private case about one's own text, after reading what goes into it."""
    context = ctx()
    post = load_post(post_id)
    if not may_open_case(context, post):
        raise Forbidden(_("Only the author of a text opens a case about it, once."))
    form = PlaceForm()
    accounts = account_queries.account_choices(context)
    kinds = request_types(context, {row.id for row in accounts})
    form.account.choices = [(str(row.id), row.name) for row in accounts]
    form.kind.choices = [(row.key, row.name) for row in kinds]
    made: list[str] = []

    def act() -> None:
        account = account_queries.account(context, _key_of(accounts, form.account.data))
        kind = next(row for row in kinds if row.key == form.kind.data)
        case = private_cases.open_case(context, post, account, kind)
        made.append(f"{account.key}-{case.number}")

    status = submit_form(form, act) if request.method == "POST" else 200
    if not status:
        flash(_("Your case was opened. Only you and support see it."), "success")
        return see(f"/cases/{made[0]}")
    return show(
        "community/case.html", status, form=form, post=post, topic=post.topic, back=back_to(post), base="/community"
    )


@community.route("/community/posts/<uuid:post_id>/decline", methods=["GET", "POST"])
@on_portal
def decline_case(post_id: uuid.UUID) -> Any:
    """Keep the text in the community only."""
    post = load_post(post_id)
    return press(
        post,
        PressForm(),
        lambda: private_cases.decline_case(ctx(), post),
        title=_("No private case"),
        send=_("No, keep it here"),
        said=_("No case is opened."),
    )


def _key_of(accounts: Any, value: str | None) -> str:
    return next(row.key for row in accounts if str(row.id) == value)
