"""/chat: the chat of a contact."""

import uuid
from typing import Any

from flask import Response, flash, redirect, request, url_for
from flask_babel import gettext as _

from portal.attachments.form_files import collect_files, upload_rows
from portal.cases.models import Case
from portal.cases.queries import by_key
from portal.cases.queries.default_accounts import default_account_key, openable_accounts
from portal.chat import labels
from portal.chat.actions import chats as chat_actions
from portal.chat.actions.chats import Question
from portal.chat.forms import ChatStartForm, LineForm, written_files
from portal.chat.models import Chat
from portal.chat.pages import talk
from portal.chat.queries import chats
from portal.chat.queries.availability import Offer, chat_offer
from portal.chat.queries.settings import chat_settings
from portal.chat.routes.blueprint import chat
from portal.chat.rules import Availability
from portal.kernel.context import Context
from portal.kernel.ids import parse_id
from portal.tenants.queries import accounts as account_queries
from portal.tenants.queries import environments as environment_queries
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.forms import PressForm
from portal.web.guards import on_portal
from portal.web.htmx import page, see, wants_fragment
from portal.web.urls import text_parameter


@chat.get("/chat")
@on_portal
def start_form() -> Any:
    """The form that starts a chat; when it opens, if it is closed. An open chat goes on."""
    context = ctx()
    live = chats.own_live_chat(context)
    if live is not None and in_panel():
        return render_panel(context, chats.find_chat(context, live.id))
    if live is not None:
        return redirect(url_for("chat.show", chat_id=live.id))
    form = ChatStartForm(formdata=None)
    form.account.data = text_parameter("account", 10).upper() or default_account_key(context)
    form.about.data = text_parameter("about", 20).upper()
    form.draw_anew()
    return render_start(context, form)


@chat.post("/chat")
@on_portal
def start() -> Any:
    """Start a chat; with `leave` open a case in its place."""
    context = ctx()
    form = ChatStartForm()
    accounts = fill_choices(context, form)
    results: list[Chat | Case] = []

    def act() -> None:
        about = by_key(context, form.about.data, lock=True) if form.about.data and not leaves() else None
        account = account_queries.account_by_key(context, form.account.data or (about.account.key if about else ""))
        text = form.body.data or ""
        key = form.key(text, account.key, form.environment.data or "", form.about.data or "")
        question = Question(text, parse_id(form.environment.data), idempotency_key=key)
        if leaves():
            results.append(chat_actions.open_case(context, account, question))
        else:
            results.append(chat_actions.start_chat(context, account, question, about=about))

    def check() -> bool:
        if len(accounts) > 1 and not form.account.data and not form.about.data:
            form.account.errors = [_("Choose an account")]
            return False
        return True

    status = submit_form(form, act, check=check)
    if status:
        return render_start(context, form, status)
    made = results[0]
    if isinstance(made, Case):
        account = next(row for row in accounts if row.id == made.account_id)
        return see(url_for("cases.show", key=f"{account.key}-{made.number}", opened=1))
    if in_panel():
        return render_panel(context, chats.find_chat(context, made.id))
    return see(url_for("chat.show", chat_id=made.id))


def in_panel() -> bool:
    """Whether the panel over another page asks (chat.js). Its parts have ids of their own there."""
    return wants_fragment() and "panel" in request.args


def leaves() -> bool:
    """Whether the button was pressed that opens a case in place of a chat."""
    return bool(request.form.get("leave"))


def fill_choices(context: Context, form: ChatStartForm) -> list[Any]:
    """Fill the choices of *form* with what the actor may use; returns the accounts in which they may open cases."""
    accounts = list(openable_accounts(context))
    form.account.choices = [(row.key, f"{row.name} ({row.key})") for row in accounts]
    if len(accounts) == 1:
        form.account.data = form.account.data or accounts[0].key
    else:
        form.account.choices.insert(0, ("", _("Choose an account")))
    if form.account.data not in [value for value, _label in form.account.choices] and not form.is_submitted():
        form.account.data = ""
    names = {row.id: row.name for row in accounts}
    found = environment_queries.active_environments(context, list(names)) if accounts else []
    several = len(accounts) > 1
    form.environment.choices = [
        ("", _("I don't know")),
        *((str(row.id), f"{names[row.account_id]}: {row.name}" if several else row.name) for row in found),
    ]
    cases = chats.cases_to_chat_about(context)
    form.about.choices = [("", _("Something new")), *((row.key, f"{row.key} · {row.subject}") for row in cases)]
    return accounts


def render_start(context: Context, form: ChatStartForm, status: int = 200) -> Any:
    """The page that starts a chat, or says why there is none now."""
    accounts = fill_choices(context, form)
    if in_panel():
        form.rename_fields("chat")
    offer = chat_offer(context, [row.id for row in accounts])
    settings = chat_settings(context)
    return page_or_panel(
        "chat/start.html",
        status,
        form=form,
        offer=offer,
        opens=opening_sentence(context, offer),
        closes=labels.closing_sentence(offer.hours, context.now) if offer.hours and is_open(offer) else "",
        greeting=settings.greeting if settings is not None else "",
        several=len(accounts) > 1,
        may_open=bool(accounts),
        live=chats.own_live_chat(context),
    )


def page_or_panel(template: str, status: int = 200, **values: Any) -> Any:
    """The page *template*, or the panel with the same values."""
    if in_panel():
        return page("chat/_panel.html", status, panel=True, **{"chat": None, **values})
    return page(template, status, **values)


def is_open(offer: Offer) -> bool:
    """Whether a chat can be started now."""
    return offer.state is Availability.OPEN


def opening_sentence(context: Context, offer: Offer) -> str:
    """When a chat that is closed opens; '' for any other."""
    if offer.state is not Availability.CLOSED or offer.hours is None:
        return ""
    return labels.opening_sentence(offer.hours, context.now)


@chat.get("/chat/<uuid:chat_id>")
@on_portal
def show(chat_id: uuid.UUID) -> Any:
    """One's own chat: its lines, who has it, and the box to write in."""
    context = ctx()
    row = chats.find_chat(context, chat_id)
    form = LineForm(formdata=None)
    form.draw_anew()
    return render_chat(context, row, form)


def render_panel(context: Context, row: Chat) -> Any:
    """The panel with the live chat *row*."""
    form = LineForm(formdata=None)
    form.draw_anew()
    return render_whole(context, row, form)


def render_chat(context: Context, row: Chat, form: LineForm, status: int = 200, *, staged: Any = ()) -> Any:
    """The page of *row* with *form* as the box; htmx gets the box alone."""
    if wants_fragment() and request.method == "POST":
        panel = in_panel()
        if panel:
            form.rename_fields("chat")
        return page("chat/_write.html", status, chat=row, form=form, staged=staged, panel=panel)
    return render_whole(context, row, form, status, staged=staged)


def render_whole(context: Context, row: Chat, form: LineForm, status: int = 200, *, staged: Any = ()) -> Any:
    """The page of *row*, or the panel, with its lines and *form* as the box."""
    if in_panel():
        form.rename_fields("chat")
    lines = chats.chat_lines(context, row)
    state = talk.chat_state(context, row)
    talk.note_look(context, row)
    return page_or_panel(
        "chat/show.html",
        status,
        chat=row,
        form=form,
        staged=staged,
        state=state,
        tag=talk.state_tag(state, row),
        lines=talk.shown_lines(context, row, lines, in_panel=in_panel()),
        after=talk.newest_id(lines, row.case_id),
    )


@chat.get("/chat/<uuid:chat_id>/messages")
@chat.get("/chat/<uuid:chat_id>/typing")
@on_portal
def lead_back(chat_id: uuid.UUID) -> Any:
    """The page of the chat, which has the box."""
    return redirect(url_for("chat.show", chat_id=chats.find_chat(ctx(), chat_id).id))


@chat.post("/chat/<uuid:chat_id>/messages")
@on_portal
def write(chat_id: uuid.UUID) -> Any:
    """Add a line."""
    context = ctx()
    chats.find_chat(context, chat_id)
    form = LineForm()
    files = collect_files(context, form)
    row, case = chats.lock_chat(context, chat_id)
    body = form.body.data or ""
    status = submit_form(
        form,
        lambda: chat_actions.write_as_contact(
            context, row, case, body=body, staged=files, idempotency_key=form.key(body, written_files(files))
        ),
    )
    if status:
        return render_chat(context, chats.find_chat(context, chat_id), form, status, staged=upload_rows(context, files))
    return talk.answer_written(
        url_for("chat.show", chat_id=chat_id, _anchor="latest"), "chat/_write.html", LineForm, row, panel=in_panel()
    )


@chat.get("/chat/<uuid:chat_id>/news")
@on_portal
def news(chat_id: uuid.UUID) -> Any:
    """What is new; 304 for a page that knows it."""
    return talk.answer_news(ctx(), chats.find_chat(ctx(), chat_id), in_panel=in_panel())


@chat.post("/chat/<uuid:chat_id>/typing")
@on_portal
def typing(chat_id: uuid.UUID) -> Any:
    """The contact is typing."""
    row = chats.find_chat(ctx(), chat_id)
    form = PressForm()
    submit_form(form, lambda: chat_actions.note_typing(ctx(), row))
    return Response(status=204)


@chat.route("/chat/<uuid:chat_id>/end", methods=["GET", "POST"])
@on_portal
def end(chat_id: uuid.UUID) -> Any:
    """Ask, then end the chat: the case stays."""
    context = ctx()
    row = chats.find_chat(context, chat_id)
    form = PressForm()
    if not form.is_submitted():
        return page("chat/end.html", chat=row, form=form)
    row, case = chats.lock_chat(context, chat_id)
    status = submit_form(form, lambda: chat_actions.end_as_contact(context, row, case))
    if status:
        return page("chat/end.html", status, chat=row, form=form)
    flash(_("The chat has ended. The case goes on."))
    return see(url_for("chat.show", chat_id=chat_id))
