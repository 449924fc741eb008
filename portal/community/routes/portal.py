"""/community: lists of topics, one topic, asking and answering, for customers."""

import uuid
from typing import Any

from flask import flash, request
from flask_babel import gettext as _

from portal.community.actions import writing
from portal.community.forms import AnswerForm, TopicForm
from portal.community.models import CommunityTopic
from portal.community.pages import follow_page, show, topic_values
from portal.community.queries import spaces as space_queries
from portal.community.queries import topics as queries
from portal.community.routes.blueprint import community
from portal.community.rules import PostState
from portal.kernel.errors import NotFound
from portal.web.current import ctx
from portal.web.drafts import open_form
from portal.web.form_flow import is_valid, submit_form
from portal.web.guards import on_portal
from portal.web.htmx import page_or_fragment, see
from portal.web.urls import list_page, search_words, text_parameter


@community.get("/community")
@on_portal
def index() -> Any:
    """One list of topics, with search. NotFound where no space is for the reader."""
    context = ctx()
    spaces = _spaces()
    shown = text_parameter("show", 20)
    shown = shown if shown in queries.LISTS else "newest"
    chosen = next((row for row in spaces if str(row.id) == text_parameter("space", 40)), None)
    q = search_words()
    found = queries.topics_page(context, shown, q=q, space_id=chosen.id if chosen else None, number=list_page())
    return show(
        "community/index.html",
        found=found,
        authors=queries.authors_of(context, found.rows),
        hits=queries.found_answers(context, found.rows, q),
        spaces=spaces,
        chosen=chosen,
        shown=shown,
        q=q,
        base="/community",
    )


@community.route("/community/new", methods=["GET", "POST"])
@on_portal
def new() -> Any:
    """Ask. Without scripts a press shows topics like it before it is sent."""
    context = ctx()
    spaces = _spaces()
    form = TopicForm() if request.method == "POST" else open_form(TopicForm, request.path)
    status, similar = 200, None
    form.offer(spaces)
    made: list[CommunityTopic] = []
    if request.method == "POST" and "look" in request.form:
        is_valid(form)
        similar = queries.similar_topics(context, form.title.data or "")
    elif request.method == "POST":

        def act() -> None:
            space = next(row for row in spaces if str(row.id) == form.space.data)
            made.append(writing.start_topic(context, space, title=form.title.data or "", body=form.body.data or ""))

        status = submit_form(form, act)
        if not status:
            flash(_published_words(made[0].state), "success")
            return see(f"/community/{made[0].id}")
    return show("community/new.html", status, form=form, similar=similar, spaces=spaces)


@community.get("/community/alike")
@on_portal
def alike() -> Any:
    """Topics like the one that is being written."""
    _spaces()
    rows = queries.similar_topics(ctx(), text_parameter("title", 140))
    return page_or_fragment("community/alike.html", "community/_alike.html", similar=rows)


@community.get("/community/<uuid:topic_id>")
@on_portal
def topic(topic_id: uuid.UUID) -> Any:
    """One topic with its answers."""
    row = queries.topic(ctx(), topic_id)
    return show("community/show.html", **topic_values(row, open_form(AnswerForm, f"/community/{row.id}/answers")))


@community.route("/community/<uuid:topic_id>/answers", methods=["GET", "POST"])
@on_portal
def answer(topic_id: uuid.UUID) -> Any:
    """Answer a topic."""
    context = ctx()
    row = queries.topic(context, topic_id, lock=request.method == "POST")
    form = AnswerForm() if request.method == "POST" else open_form(AnswerForm, request.path)
    if request.method == "GET":
        return show("community/show.html", **topic_values(row, form))
    made: list[Any] = []
    status = submit_form(form, lambda: made.append(writing.write_answer(context, row, form.body.data or "")))
    if status:
        return show("community/show.html", status, **topic_values(row, form))
    flash(_published_words(made[0].state), "success")
    return see(f"/community/{row.id}#post-{made[0].id}")


@community.route("/community/<uuid:topic_id>/follow", methods=["GET", "POST"])
@on_portal
def follow(topic_id: uuid.UUID) -> Any:
    """Follow a topic, or stop it."""
    return follow_page(queries.topic(ctx(), topic_id))


def _spaces() -> Any:
    """The spaces of the reader; NotFound where there is none: the community is off."""
    rows = space_queries.spaces(ctx())
    if not rows:
        raise NotFound
    return rows


def _published_words(state: str) -> str:
    if state == PostState.HELD:
        return _("Your text waits for approval. Others read it once support has looked at it.")
    return _("Your text was published.")
