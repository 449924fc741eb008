"""What a customer does about an announcement that reaches them: join it, follow it, say whether it works again."""

import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from flask import flash, request
from flask_babel import gettext as _

from portal.announcements import actions, labels, queries
from portal.announcements.forms import AnnouncementAnswerForm, AnnouncementFollowForm, AnnouncementJoinForm
from portal.announcements.models import Announcement
from portal.announcements.routes.blueprint import announcements
from portal.announcements.rules import AnnouncementPlace
from portal.kernel.context import Context
from portal.tenants.queries import accounts as account_queries
from portal.tenants.queries import environments as environment_queries
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.guards import on_portal
from portal.web.htmx import page, see


@announcements.route("/announcements/<uuid:announcement_id>/join", methods=["GET", "POST"])
@on_portal
def join(announcement_id: uuid.UUID) -> Any:
    """Say that it hits the reader too, in a place of theirs."""
    context = ctx()
    row = queries.announcement(context, announcement_id)
    offered = _own_places(context)
    form = AnnouncementJoinForm()
    form.place.choices = [(value, label) for value, (label, _place) in offered.items()]

    def act() -> None:
        actions.join(context, row, offered[form.place.data or ""][1], impact=form.impact.data or "")

    return _verb("join", row, form, act, _("Support sees that it hits you. You are told of every update."))


@announcements.route("/announcements/<uuid:announcement_id>/follow", methods=["GET", "POST"])
@on_portal
def follow(announcement_id: uuid.UUID) -> Any:
    """Choose what the reader hears of it."""
    context = ctx()
    row = queries.announcement(context, announcement_id)
    form = AnnouncementFollowForm()
    if not form.is_submitted():
        form.mode.data = queries.own_mode(context, row) or "follow"
    return _verb("follow", row, form, lambda: actions.follow(context, row, form.mode.data or ""), _("Saved."))


@announcements.route("/announcements/<uuid:announcement_id>/answer", methods=["GET", "POST"])
@on_portal
def answer(announcement_id: uuid.UUID) -> Any:
    """Say whether it works again; if not, go on to a new case about it."""
    context = ctx()
    row = queries.announcement(context, announcement_id)
    form = AnnouncementAnswerForm()
    after = ""
    if form.answer.data == "broken":
        subject = _("Still broken: %(title)s", title=row.title)[:140]
        after = f"/new?{urlencode({'subject': subject})}"
    return _verb(
        "answer",
        row,
        form,
        lambda: actions.answer(context, row, form.answer.data or ""),
        _("Saved. Tell us here what is still broken.") if after else _("Thank you. Support sees that it works again."),
        after=after,
    )


def _verb(verb: str, row: Announcement, form: Any, act: Callable[[], None], said: str, *, after: str = "") -> Any:
    """The page of a verb, or what follows once it was done."""
    context = ctx()
    status = 200
    if request.method == "POST":
        status = submit_form(form, act)
        if not status:
            flash(said, "success")
            return see(after or f"/announcements/{row.id}")
    return page(
        "announcements/verb.html", status, verb=verb, row=row, form=form, fits=_fits(context, verb, row), labels=labels
    )


def _fits(context: Context, verb: str, row: Announcement) -> bool:
    if verb == "join":
        return actions.may_join(context, row)
    if verb == "answer":
        return row.state == "ended" and bool(queries.joins_of(context, row))
    return row.state == "published"


def _own_places(context: Context) -> dict[str, tuple[str, AnnouncementPlace]]:
    """The accounts and environments of the reader, by value: the label and the place."""
    found: dict[str, tuple[str, AnnouncementPlace]] = {}
    accounts = account_queries.account_choices(context)
    environments = environment_queries.active_environments(context, [account.id for account in accounts])
    for account in accounts:
        place = {"account_id": account.id, "organization_id": account.organization_id}
        for one in environments:
            if one.account_id == account.id:
                label = _("%(account)s: %(environment)s", account=account.name, environment=one.name)
                found[str(one.id)] = (label, AnnouncementPlace(**place, environment_id=one.id))
        found[str(account.id)] = (str(account.name), AnnouncementPlace(**place))
    return found
