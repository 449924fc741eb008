"""/desk/community: what waits for support, and topics as staff see them."""

import uuid
from typing import Any

from flask import flash, request
from flask_babel import gettext as _

from portal.authz.access import can
from portal.authz.permissions import Permission
from portal.community.actions import spaces as space_actions
from portal.community.actions import writing
from portal.community.forms import AnswerForm, SwitchForm, TopicForm
from portal.community.labels import DESK_LIST_NAMES
from portal.community.pages import follow_page, show, topic_values
from portal.community.queries import moderation
from portal.community.queries import spaces as space_queries
from portal.community.queries import topics as queries
from portal.community.routes.blueprint import answers, community, reads
from portal.kernel.bounded_counts import count_text
from portal.kernel.errors import NotFound
from portal.web.current import ctx
from portal.web.drafts import open_form
from portal.web.form_flow import submit_form
from portal.web.htmx import see
from portal.web.urls import list_page, search_words, text_parameter

BASE = "/desk/community"


@community.get("/desk/community")
@reads
def staff_index() -> Any:
    """One list: topics without an official answer by the time that is due, reports, what waits for approval, all."""
    context = ctx()
    shown = text_parameter("show", 20)
    shown = shown if shown in DESK_LIST_NAMES else "unanswered"
    q = search_words() if shown == "newest" else ""
    if shown == "unanswered":
        found: Any = moderation.waiting_page(context, list_page())
    elif shown == "reports":
        found = moderation.reported_page(context, list_page())
    elif shown == "held":
        found = moderation.held_page(context, list_page())
    else:
        found = queries.topics_page(context, "newest", q=q, number=list_page())
    return show(
        "community/desk/index.html",
        found=found,
        reasons=moderation.reasons_of(context, found.rows) if shown == "reports" else {},
        authors=queries.authors_of(context, found.rows),
        hits=queries.found_answers(context, found.rows, q),
        spaces=space_queries.spaces(context, active=False),
        watched=space_queries.watched_spaces(context),
        counts={word: count_text(number) for word, number in moderation.open_counts(context).items() if number},
        shown=shown,
        q=q,
        base=BASE,
    )


@community.get("/desk/community/topics/<uuid:topic_id>")
@reads
def staff_topic(topic_id: uuid.UUID) -> Any:
    """One topic as staff see it."""
    return _topic_page(topic_id, open_form(AnswerForm, f"{BASE}/topics/{topic_id}/answers"))


@community.route("/desk/community/topics/<uuid:topic_id>/answers", methods=["GET", "POST"])
@answers
def staff_answer(topic_id: uuid.UUID) -> Any:
    """Answer as support."""
    context = ctx()
    if request.method == "GET":
        return _topic_page(topic_id, open_form(AnswerForm, request.path))
    row = queries.topic(context, topic_id, lock=True)
    form = AnswerForm()
    made: list[Any] = []

    def act() -> None:
        body = form.body.data or ""
        made.append(writing.write_answer(context, row, body, official=bool(form.official.data)))

    status = submit_form(form, act)
    if status:
        return _topic_page(topic_id, form, status)
    flash(_("Your text was published."), "success")
    return see(f"{BASE}/topics/{row.id}#post-{made[0].id}")


@community.route("/desk/community/new", methods=["GET", "POST"])
@answers
def staff_new() -> Any:
    """Start a topic as support. NotFound where no space is in use."""
    context = ctx()
    spaces = space_queries.spaces(context)
    if not spaces:
        raise NotFound
    form = TopicForm() if request.method == "POST" else open_form(TopicForm, request.path)
    status = 200
    form.offer(spaces)
    made: list[Any] = []

    def act() -> None:
        space = next(row for row in spaces if str(row.id) == form.space.data)
        made.append(writing.start_topic(context, space, title=form.title.data or "", body=form.body.data or ""))

    if request.method == "POST":
        status = submit_form(form, act)
        if not status:
            flash(_("Your text was published."), "success")
            return see(f"{BASE}/topics/{made[0].id}")
    return show("community/desk/new.html", status, form=form, spaces=spaces, base=BASE)


@community.route("/desk/community/topics/<uuid:topic_id>/follow", methods=["GET", "POST"])
@reads
def staff_follow(topic_id: uuid.UUID) -> Any:
    """Follow a topic on the desk, or stop it."""
    context = ctx()
    row = queries.topic(context, topic_id)
    return follow_page(row)


@community.route("/desk/community/spaces/<uuid:space_id>/watch", methods=["GET", "POST"])
@reads
def watch(space_id: uuid.UUID) -> Any:
    """Be told of topics of a space that wait too long, or not any more."""
    context = ctx()
    row = space_queries.space(context, space_id)
    form = SwitchForm()
    if request.method == "GET":
        form.on.data = "" if row.id in space_queries.watched_spaces(context) else "1"
    watches = form.on.data == "1"
    status = 200
    if request.method == "POST":
        status = submit_form(form, lambda: space_actions.watch_space(context, row, watches=watches))
    if status:
        return show("community/desk/watch.html", status, form=form, space=row, watches=watches, base=BASE)
    flash(
        _("You will be told of topics that wait too long.") if watches else _("You are not told of them any more."),
        "success",
    )
    return see(BASE)


def _topic_page(topic_id: uuid.UUID, form: AnswerForm, status: int = 200) -> Any:
    context = ctx()
    row = queries.topic(context, topic_id)
    values = topic_values(row, form)
    posts = [values["question"], *values["found"].rows]
    return show(
        "community/desk/show.html",
        status,
        **values,
        blocks=moderation.blocked_authors(context, posts),
        moderates=can(context.actor, Permission.COMMUNITY_MODERATE),
        may_write_article=can(context.actor, Permission.ARTICLE_WRITE),
    )
