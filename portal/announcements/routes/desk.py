"""/desk/announcements: writing, publishing, updating and ending announcements."""

import uuid
from collections.abc import Callable, Mapping
from typing import Any

from flask import flash, request
from flask_babel import gettext as _

from portal.announcements import actions, labels, queries
from portal.announcements.forms import (
    BODY_LIMIT,
    TITLE_LIMIT,
    AnnouncementEndForm,
    AnnouncementForm,
    AnnouncementUpdateForm,
    PublicWordsForm,
    PublishForm,
    read_time,
    write_time,
)
from portal.announcements.models import Announcement, StatusPost
from portal.announcements.routes.blueprint import announcements
from portal.announcements.rules import UNPUBLISHED, AnnouncementKind, AnnouncementPlace, AnnouncementState, Reach
from portal.authz.permissions import Permission
from portal.cases.queries import by_key
from portal.cases.queries.conversation import pinned_workaround
from portal.kernel.context import Context
from portal.kernel.errors import NotFound
from portal.knowledge.queries.cases import redact_for_others
from portal.tenants.queries import accounts as account_queries
from portal.tenants.queries import environments as environment_queries
from portal.tenants.queries import services as service_queries
from portal.web.current import ctx
from portal.web.edit_conflict import VersionedForm
from portal.web.form_flow import submit_form
from portal.web.guards import requires
from portal.web.htmx import page, see
from portal.web.urls import number_parameter, text_parameter

BASE = "/desk/announcements"
# Verbs about the public status page.
PUBLIC_VERBS = ("status", "unstatus")
writes = requires(Permission.ANNOUNCEMENT_WRITE)
reads = requires(Permission.DESK_USE)


@announcements.get("/desk/announcements")
@reads
def staff_index() -> Any:
    """One list: what is published, drafts, or what has ended."""
    shown = text_parameter("show", 20)
    shown = shown if shown in queries.LISTS else "current"
    rows = queries.staff_page(ctx(), shown, number_parameter("page", 1, highest=50))
    some = bool(rows.rows) or queries.has_any(ctx())
    return page("announcements/desk/index.html", rows=rows, shown=shown, some=some, labels=labels)


@announcements.route("/desk/announcements/new", methods=["GET", "POST"])
@writes
def new() -> Any:
    """Write a draft."""
    context = ctx()
    form = _announcement_form(context, None)
    made: list[Announcement] = []
    if form.is_submitted():
        status = submit_form(form, lambda: made.append(actions.write_draft(context, form.facts())))
        if not status:
            flash(_("The draft was saved. Nobody outside of support sees it until it is published."), "success")
            return see(f"{BASE}/{made[0].id}")
        return _form_page(form, None, status)
    form.mailed.data = True
    form.audience.data = "chosen"
    if key := text_parameter("workaround", 40):
        _fill_from_workaround(context, form, key)
    return _form_page(form, None)


def _fill_from_workaround(context: Context, form: AnnouncementForm, key: str) -> None:
    """Show the words of the workaround that is pinned in a case, with marks instead of what names somebody. Nothing
    ties the announcement to the case; NotFound where the reader sees none."""
    case = by_key(context, key)
    pinned = pinned_workaround(context, case)
    if pinned is None:
        raise NotFound
    form.kind.data = str(AnnouncementKind.WORKAROUND)
    form.title.data = redact_for_others(context, case, case.subject)[:TITLE_LIMIT]
    form.body.data = redact_for_others(context, case, pinned.body)[:BODY_LIMIT]


@announcements.get("/desk/announcements/<uuid:announcement_id>")
@reads
def staff_show(announcement_id: uuid.UUID) -> Any:
    """One announcement as staff see it."""
    context = ctx()
    row = queries.announcement(context, announcement_id)
    return page(
        "announcements/desk/show.html",
        row=row,
        updates=queries.updates_of(context, row),
        places=queries.places_of(context, row),
        may_write=actions.may_write(context, row),
        may_say_public=context.actor.all_accounts,
        post=queries.post_of(context, row),
        joins=queries.joins_of(context, row),
        counts=queries.join_counts(context, row),
        labels=labels,
        base=f"{BASE}/{row.id}",
    )


@announcements.route("/desk/announcements/<uuid:announcement_id>/edit", methods=["GET", "POST"])
@writes
def edit(announcement_id: uuid.UUID) -> Any:
    """Change what it says."""
    context = ctx()
    row = queries.announcement(context, announcement_id, lock=request.method == "POST")
    actions.require_writing(context, row)
    form = _announcement_form(context, row)
    if not form.is_submitted():
        form.fill(row, _chosen_values(queries.targets_of(context, row)))
        form.version.data = str(row.version)
        return _form_page(form, row)
    status = submit_form(form, lambda: actions.change(context, row, form.facts()), current=row.version)
    if status:
        return _form_page(form, row, status)
    flash(_("Saved."), "success")
    return see(f"{BASE}/{row.id}")


@announcements.route("/desk/announcements/<uuid:announcement_id>/publish", methods=["GET", "POST"])
@writes
def publish(announcement_id: uuid.UUID) -> Any:
    """Publish it, now or later."""
    form = PublishForm()

    def act(row: Announcement) -> None:
        actions.publish(ctx(), row, rhythm=int(form.rhythm.data or 0), at=read_time(form.at))

    return _verb("publish", announcement_id, form, act, lambda row: _published_sentence(row))


@announcements.route("/desk/announcements/<uuid:announcement_id>/update", methods=["GET", "POST"])
@writes
def update(announcement_id: uuid.UUID) -> Any:
    """Write an update."""
    form = AnnouncementUpdateForm()

    def act(row: Announcement) -> None:
        public = form.public.data or ""
        actions.write_update(ctx(), row, body=form.body.data or "", rhythm=int(form.rhythm.data or 0), public=public)

    return _verb("update", announcement_id, form, act, lambda _row: _("The update was published."))


@announcements.route("/desk/announcements/<uuid:announcement_id>/end", methods=["GET", "POST"])
@writes
def end(announcement_id: uuid.UUID) -> Any:
    """End it."""
    form = AnnouncementEndForm()
    return _verb(
        "end",
        announcement_id,
        form,
        lambda row: actions.end(ctx(), row, body=form.body.data or "", public=form.public.data or ""),
        lambda _row: _("The announcement has ended."),
    )


@announcements.route("/desk/announcements/<uuid:announcement_id>/discard", methods=["GET", "POST"])
@writes
def discard(announcement_id: uuid.UUID) -> Any:
    """Delete one that was never published."""
    form = VersionedForm()
    return _verb(
        "discard",
        announcement_id,
        form,
        lambda row: actions.discard(ctx(), row),
        lambda _row: _("The draft was deleted."),
        after=f"{BASE}?show=drafts",
    )


@announcements.route("/desk/announcements/<uuid:announcement_id>/status", methods=["GET", "POST"])
@writes
def status_words(announcement_id: uuid.UUID) -> Any:
    """Write what the public status page says of it."""
    form = PublicWordsForm()

    def act(row: Announcement) -> None:
        actions.show_in_public(ctx(), row, title=form.title.data or "", body=form.body.data or "")

    return _verb("status", announcement_id, form, act, lambda _row: _("Saved."))


@announcements.route("/desk/announcements/<uuid:announcement_id>/status/remove", methods=["GET", "POST"])
@writes
def remove_status(announcement_id: uuid.UUID) -> Any:
    """Take it off the public status page."""
    form = VersionedForm()

    def act(row: Announcement) -> None:
        actions.take_from_public(ctx(), row)

    return _verb("unstatus", announcement_id, form, act, lambda _row: _("The status page does not show it any more."))


def _verb(
    verb: str,
    announcement_id: uuid.UUID,
    form: Any,
    act: Callable[[Announcement], None],
    said: Callable[[Announcement], str],
    *,
    after: str = "",
) -> Any:
    """Show the page of a verb, or do the verb; after a conflict the form keeps the text."""
    context = ctx()
    row = queries.announcement(context, announcement_id, lock=request.method == "POST")
    (actions.require_public_writing if verb in PUBLIC_VERBS else actions.require_writing)(context, row)
    post = queries.post_of(context, row)
    status = 200 if _fits(verb, row, post) else 409
    if form.is_submitted():
        status = submit_form(form, lambda: act(row), current=row.version)
        if not status:
            flash(said(row), "success")
            return see(after or f"{BASE}/{row.id}")
    else:
        form.version.data = str(row.version)
        if "rhythm" in form:
            form.rhythm.data = str(row.rhythm)
        if "at" in form:
            form.at.data = write_time(row.publish_at)
        if verb == "status":
            form.title.data, form.body.data = (post.title, post.body) if post is not None else ("", "")
    reach = queries.reach_of(context, row) if verb == "publish" else Reach()
    return page(
        f"announcements/desk/{verb}.html",
        status,
        form=form,
        row=row,
        fits=_fits(verb, row, post),
        post=post,
        says_public=post is not None and context.actor.all_accounts,
        organizations=len(queries.reached_organizations(context, reach)) if verb == "publish" else 0,
        people=queries.count_reached_people(context, reach) if verb == "publish" else 0,
        labels=labels,
        base=f"{BASE}/{row.id}",
        trail=[(_("Announcements"), BASE), (row.title, f"{BASE}/{row.id}")],
    )


def _fits(verb: str, row: Announcement, post: StatusPost | None) -> bool:
    """Whether *verb* can be used in the state of *row*; its page says so where not."""
    if verb in PUBLIC_VERBS:
        return post is not None or (verb == "status" and row.state != AnnouncementState.ENDED)
    return row.state in UNPUBLISHED if verb in ("publish", "discard") else row.state == AnnouncementState.PUBLISHED


def _published_sentence(row: Announcement) -> str:
    if row.state == AnnouncementState.SCHEDULED:
        return _("It is published by itself at the time that you chose.")
    return _("The announcement was published.")


def _form_page(form: AnnouncementForm, row: Announcement | None, status: int = 200) -> Any:
    return page("announcements/desk/edit.html", status, form=form, row=row, labels=labels, base=BASE)


def _announcement_form(context: Context, row: Announcement | None) -> AnnouncementForm:
    form = AnnouncementForm()
    form.offer_targets(_offered_targets(context, row))
    return form


def _offered_targets(context: Context, row: Announcement | None) -> Mapping[str, tuple[str, AnnouncementPlace]]:
    """What the actor may choose, by value: services, then each account with its environments; and what *row* is for
    already, even if nobody could choose it now."""
    found: dict[str, tuple[str, AnnouncementPlace]] = {}
    if context.actor.all_accounts:
        for service in service_queries.all_services(context):
            found[f"service:{service.id}"] = (
                _("Service: %(name)s", name=service.name),
                AnnouncementPlace(service_id=service.id),
            )
    accounts = account_queries.account_choices(context)
    environments: dict[uuid.UUID, list[Any]] = {}
    for one in environment_queries.active_environments(context, [account.id for account in accounts]):
        environments.setdefault(one.account_id, []).append(one)
    for account in accounts:
        place = {"account_id": account.id, "organization_id": account.organization_id}
        found[f"account:{account.id}"] = (f"{account.name} ({account.key})", AnnouncementPlace(**place))
        for one in environments.get(account.id, []):
            label = _("%(account)s: %(environment)s", account=account.name, environment=one.name)
            found[f"environment:{one.id}"] = (label, AnnouncementPlace(**place, environment_id=one.id))
    if row is not None:
        for place in queries.places_of(context, row):
            found.setdefault(_value(place), (labels.place_name(place), _target_at(place)))
    return found


def _target_at(place: Any) -> AnnouncementPlace:
    return AnnouncementPlace(place.account_id, place.organization_id, place.environment_id, place.service_id)


def _value(target: Any) -> str:
    """A target as the form sends it."""
    if target.service_id is not None:
        return f"service:{target.service_id}"
    if target.environment_id is not None:
        return f"environment:{target.environment_id}"
    return f"account:{target.account_id}"


def _chosen_values(targets: Any) -> list[str]:
    return [_value(target) for target in targets]
