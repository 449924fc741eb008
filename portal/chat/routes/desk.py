"""/desk/chat: who takes chats, who waits, and the talks of an agent."""

import uuid
from typing import Any

from flask import Response, flash, redirect, request, url_for
from flask_babel import gettext as _

from portal.attachments.form_files import collect_files, upload_rows
from portal.authz.access import can, require
from portal.authz.permissions import Permission
from portal.cases.models import Case
from portal.chat.actions import agents
from portal.chat.actions import chats as chat_actions
from portal.chat.forms import AgentLineForm, HandOverForm, TakeForm, written_files
from portal.chat.models import Chat
from portal.chat.pages import console, replies, talk
from portal.chat.queries import articles, chats
from portal.chat.routes.blueprint import chat
from portal.kernel.context import Context
from portal.kernel.ids import parse_id
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.forms import PressForm
from portal.web.guards import requires
from portal.web.htmx import page, see, wants_fragment
from portal.web.urls import outside_url, text_parameter

answers = requires(Permission.CASE_ANSWER)
reads = requires(Permission.CASE_READ)


@chat.get("/desk/chat")
@reads
def console_page() -> Any:
    """Who waits, and one's own chats."""
    return render_console(ctx())


def render_console(context: Context, status: int = 200, *, take: Any = None) -> Any:
    """The page without a chat; *take* is the form of the switch if it was refused."""
    values = console.page_values(context)
    take = take or filled_switch(values)
    tag = console.page_tag(values["lists"], None)
    return page("chat/desk/index.html", status, chat=None, state=None, tag=tag, after="", take=take, **values)


def filled_switch(values: Any) -> TakeForm:
    """The form of the switch with what is stored."""
    form = TakeForm(formdata=None)
    form.takes.data = values["agent"] is not None and values["agent"].takes
    form.most.data = values["most"]
    return form


@chat.post("/desk/chat/taking")
@answers
def take() -> Any:
    """Say whether, and how many chats one takes."""
    context = ctx()
    form = TakeForm()
    status = submit_form(form, lambda: agents.take_chats(context, takes=form.takes.data, most=form.most.data or 0))
    if status:
        return render_console(context, status, take=form)
    flash(_("You take chats now.") if form.takes.data else _("You take no chats now."), "success")
    return see(url_for("chat.console_page"))


@chat.get("/desk/chat/taking")
@reads
def show_console() -> Any:
    """The page that has the switch."""
    return redirect(url_for("chat.console_page"))


@chat.get("/desk/chat/<uuid:chat_id>/accept")
@chat.get("/desk/chat/<uuid:chat_id>/messages")
@chat.get("/desk/chat/<uuid:chat_id>/typing")
@reads
def lead_back_to_talk(chat_id: uuid.UUID) -> Any:
    """The page of the chat, which has the button and the box."""
    return redirect(url_for("chat.talk_page", chat_id=chats.find_chat(ctx(), chat_id).id))


@chat.get("/desk/chat/news")
@reads
def console_news() -> Any:
    """What is new on the page without a chat; 304 for a page that knows it."""
    return console.answer_news(ctx(), None)


@chat.get("/desk/chat/<uuid:chat_id>")
@reads
def talk_page(chat_id: uuid.UUID) -> Any:
    """One chat with its lines."""
    context = ctx()
    row = chats.find_chat(context, chat_id)
    form = AgentLineForm(formdata=None)
    form.draw_anew()
    return render_talk(context, row, form)


def render_talk(context: Context, row: Chat, form: AgentLineForm, status: int = 200, *, staged: Any = ()) -> Any:
    """The page of *row* with *form* as the box; htmx gets the box alone."""
    used = replies.used_in(context, row, form)
    if wants_fragment() and request.method == "POST":
        return page("chat/desk/_write.html", status, chat=row, form=form, staged=staged, used=used)
    lines = chats.chat_lines(context, row)
    state = console.open_state(context, row)
    talk.note_look(context, row)
    values = console.page_values(context)
    return page(
        "chat/desk/show.html",
        status,
        chat=row,
        form=form,
        staged=staged,
        used=used,
        state=state,
        tag=console.page_tag(values["lists"], state),
        lines=talk.shown_lines(context, row, lines),
        after=talk.newest_id(lines, row.case_id),
        take=filled_switch(values),
        may_answer=can(context.actor, Permission.CASE_ANSWER, row.case),
        owns=row.accepted_by_id == context.actor.staff_id,
        **values,
    )


@chat.get("/desk/chat/<uuid:chat_id>/news")
@reads
def talk_news(chat_id: uuid.UUID) -> Any:
    """What is new on the page of a chat; 304 for a page that knows it."""
    return console.answer_news(ctx(), chats.find_chat(ctx(), chat_id))


@chat.post("/desk/chat/<uuid:chat_id>/accept")
@answers
def accept(chat_id: uuid.UUID) -> Any:
    """Take a chat that waits; 409 where somebody was faster."""
    context = ctx()
    row, case = chats.lock_chat(context, chat_id)
    form = PressForm()
    status = submit_form(form, lambda: chat_actions.accept_chat(context, row, case))
    if status:
        box = AgentLineForm(formdata=None)
        box.draw_anew()
        box.conflict = form.conflict
        box.form_errors = [*form.form_errors, *form.csrf_token.errors]
        return render_talk(context, chats.find_chat(context, chat_id), box, status)
    return see(url_for("chat.talk_page", chat_id=chat_id, _anchor="latest"))


@chat.post("/desk/chat/<uuid:chat_id>/messages")
@answers
def answer(chat_id: uuid.UUID) -> Any:
    """Add a line of support."""
    context = ctx()
    chats.find_chat(context, chat_id)
    form = AgentLineForm()
    files = collect_files(context, form)
    row, case = chats.lock_chat(context, chat_id)
    require(context.actor, Permission.CASE_ANSWER, case)
    body = form.body.data or ""
    status = submit_form(
        form,
        lambda: chat_actions.write_as_agent(
            context,
            row,
            case,
            body=body,
            staged=files,
            idempotency_key=form.key(body, written_files(files)),
            anyway=form.send_anyway(),
            answers=form.answers(),
        ),
    )
    if status:
        return render_talk(context, chats.find_chat(context, chat_id), form, status, staged=upload_rows(context, files))
    url = url_for("chat.talk_page", chat_id=chat_id, _anchor="latest")
    return talk.answer_written(url, "chat/desk/_write.html", AgentLineForm, row)


@chat.post("/desk/chat/<uuid:chat_id>/typing")
@answers
def agent_typing(chat_id: uuid.UUID) -> Any:
    """The agent is typing."""
    row = chats.find_chat(ctx(), chat_id)
    form = PressForm()
    submit_form(form, lambda: chat_actions.note_typing(ctx(), row))
    return Response(status=204)


@chat.route("/desk/chat/<uuid:chat_id>/hand-over", methods=["GET", "POST"])
@answers
def hand_over(chat_id: uuid.UUID) -> Any:
    """Give the chat to a colleague, with an internal note."""
    context = ctx()
    row, case = chats.lock_chat(context, chat_id) if request.method == "POST" else _read(context, chat_id)
    require(context.actor, Permission.CASE_ANSWER, case)
    form = HandOverForm()
    found = chat_actions.possible_colleagues(context, case)
    form.staff.choices = [
        ("", _("Choose a colleague")),
        *(
            (
                str(one.staff_id),
                _("%(name)s, %(live)d of %(most)d chats", name=one.name, live=one.live, most=one.most)
                if one.here
                else _("%(name)s (not there now)", name=one.name),
            )
            for one in found
        ),
    ]
    if not form.is_submitted():
        return page("chat/desk/hand_over.html", chat=row, form=form, nobody=not found)
    status = submit_form(
        form,
        lambda: chat_actions.hand_over(
            context, row, case, staff_id=parse_id(form.staff.data), note=form.note.data or ""
        ),
    )
    if status:
        return page("chat/desk/hand_over.html", status, chat=row, form=form, nobody=not found)
    flash(_("The chat was handed over."), "success")
    return see(url_for("chat.console_page"))


def _read(context: Context, chat_id: uuid.UUID) -> tuple[Chat, Case]:
    row = chats.find_chat(context, chat_id)
    return row, row.case


@chat.route("/desk/chat/<uuid:chat_id>/end", methods=["GET", "POST"])
@answers
def agent_end(chat_id: uuid.UUID) -> Any:
    """Ask, then end the chat; the case stays as it is."""
    context = ctx()
    row, case = chats.lock_chat(context, chat_id) if request.method == "POST" else _read(context, chat_id)
    require(context.actor, Permission.CASE_ANSWER, case)
    form = PressForm()
    if form.is_submitted():
        status = submit_form(form, lambda: chat_actions.end_as_agent(context, row, case))
        if not status:
            flash(_("The chat has ended. The case goes on."), "success")
            return see(url_for("chat.console_page"))
        return page("chat/desk/end.html", status, chat=row, form=form)
    return page("chat/desk/end.html", chat=row, form=form)


@chat.get("/desk/chat/<uuid:chat_id>/articles")
@answers
def offer_article(chat_id: uuid.UUID) -> Any:
    """Help articles that the contact may read, about the words of `?q=`; one of them prefills the box."""
    context = ctx()
    row = chats.find_chat(context, chat_id)
    require(context.actor, Permission.CASE_ANSWER, row.case)
    words = text_parameter("q", 200) or row.case.subject
    found = articles.articles_for_contact(context, row, words)
    slug = text_parameter("article", 70)
    chosen = next((one for one in found if one.slug == slug), None)
    form = AgentLineForm(formdata=None)
    form.draw_anew()
    if chosen is not None:
        url = outside_url(f"/help/articles/{chosen.slug}")
        form.body.data = _("This article may help: %(title)s", title=chosen.title) + f"\n{url}"
    return page("chat/desk/articles.html", chat=row, rows=found, words=words, chosen=chosen, form=form, staged=[])
