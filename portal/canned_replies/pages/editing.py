"""What the pages of shared and of own replies have in common: list, form, questions."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import flash, request, url_for
from flask_babel import gettext as _

from portal.authz.access import can
from portal.authz.permissions import Permission
from portal.canned_replies.actions import replies as actions
from portal.canned_replies.engine.placeholders import resolve
from portal.canned_replies.forms import CannedReplyForm, reply_form
from portal.canned_replies.labels import example_values, macro_lines, placeholder_rows, values_in
from portal.canned_replies.models import CannedReply
from portal.canned_replies.offers import choose_text
from portal.canned_replies.queries import replies
from portal.canned_replies.queries.case_facts import read_facts
from portal.cases.models import Case
from portal.cases.queries import by_key
from portal.kernel.context import Context
from portal.kernel.errors import NotFound
from portal.kernel.ids import parse_id
from portal.knowledge.labels import language_choices, language_name
from portal.tenants.queries.departments import active_departments
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.forms import PressForm
from portal.web.htmx import page, see
from portal.web.urls import list_page, search_words, text_parameter


@dataclass(frozen=True, slots=True)
class Place:
    """Where replies are written: the shared ones in the administration, the own ones on the desk."""

    name: str
    shared: bool

    def url(self, what: str, **values: Any) -> str:
        """The address of a page of this place."""
        return url_for(f"canned_replies.{self.name}_{what}", **values)

    def of(self, what: str, reply: CannedReply) -> str:
        """The address of a page about *reply*."""
        return self.url(what, reply_id=reply.id)


SHARED, OWN = Place("shared", shared=True), Place("own", shared=False)


def show_list(place: Place) -> Any:
    """The replies of *place*, with a search, by department, and the ended ones."""
    context = ctx()
    departments = active_departments(context)
    chosen = next((row for row in departments if row.id == parse_id(text_parameter("department", 40))), None)
    q, ended = search_words(), text_parameter("show", 10) == "archived"
    found = replies.list_replies(
        context,
        shared=place.shared,
        q=q,
        department_id=chosen.id if chosen else None,
        active=not ended,
        number=list_page(),
    )
    return page(
        f"canned_replies/{place.name}_list.html",
        place=place,
        found=found,
        q=q,
        ended=ended,
        chosen=str(chosen.id) if chosen else "",
        departments=[(str(row.id), row.name) for row in departments],
        is_any=bool(found.rows) or replies.has_replies(context, shared=place.shared),
        excerpt=lambda reply: choose_text(context, reply, str(context.person.locale if context.person else "")),
        language_name=language_name,
        macro_lines=lambda reply: macro_lines(context, reply),
        may_share=can(context.actor, Permission.CANNED_REPLY_SHARE),
    )


def add(place: Place) -> Any:
    """The form of a new reply."""
    context = ctx()
    form = reply_form(context, language_choices(context))
    status = 200
    if form.is_submitted():
        status = submit_form(form, lambda: actions.add_reply(context, form.content(), shared=place.shared))
    if status:
        return _show_form(place, form, None, status)
    _say_saved(form, _("The reply was added."))
    return see(place.url("list"))


def change(place: Place, reply_id: uuid.UUID) -> Any:
    """The form of a reply with its preview."""
    context = ctx()
    reply = replies.find_reply(context, reply_id, shared=place.shared, lock=request.method == "POST")
    form = reply_form(context, language_choices(context), reply)
    status = 200
    if form.is_submitted():
        status = submit_form(form, lambda: actions.change_reply(context, reply, form.content()), current=reply.version)
    if status:
        return _show_form(place, form, reply, status)
    _say_saved(form, _("Saved."))
    return see(place.of("change", reply))


def press(place: Place, reply_id: uuid.UUID, verb: str) -> Any:
    """Ask whether to do *verb* ('end', 'resume' or 'delete'), and do it."""
    context = ctx()
    reply = replies.find_reply(context, reply_id, shared=place.shared, lock=request.method == "POST")
    act: Callable[..., None]
    act, said = {
        "end": (actions.end_reply, _("The reply is not offered any more.")),
        "resume": (actions.resume_reply, _("The reply is offered again.")),
        "delete": (actions.delete_reply, _("The reply was deleted.")),
    }[verb]
    form = PressForm()
    status = submit_form(form, lambda: act(context, reply)) if form.is_submitted() else 200
    if status:
        return page(f"canned_replies/{place.name}_press.html", status, place=place, reply=reply, verb=verb, form=form)
    flash(said, "success")
    return see(place.url("list"))


def _show_form(place: Place, form: CannedReplyForm, reply: CannedReply | None, status: int) -> Any:
    context = ctx()
    return page(
        f"canned_replies/{place.name}_reply.html",
        status,
        place=place,
        form=form,
        reply=reply,
        languages=language_choices(context),
        placeholders=placeholder_rows(),
        uses=replies.reply_uses(context, reply) if reply is not None else 0,
        **(_preview(context, reply) if reply is not None else {}),
    )


def _preview(context: Context, reply: CannedReply) -> dict[str, Any]:
    """The saved texts of *reply* as they read on the case of `?case=`, or with examples."""
    key = text_parameter("case", 20)
    case = _case_with(context, key) if key else None
    facts = read_facts(context, case, case.contact_user) if case is not None else None
    names = dict(language_choices(context))
    texts = {
        code: resolve(text, values_in(facts, code) if facts is not None else example_values(context))
        for code, text in reply.texts.items()
    }
    return {
        "previews": [(code, names.get(code, code), text) for code, text in texts.items()],
        "preview_key": key,
        "preview_case": case,
        "sets": macro_lines(context, reply),
    }


def _case_with(context: Context, key: str) -> Case | None:
    """The visible case with *key*; None for what is none."""
    try:
        return by_key(context, key)
    except NotFound:
        return None


def _say_saved(form: CannedReplyForm, said: str) -> None:
    """Flash *said*, and what in the texts only looks like a placeholder."""
    flash(said, "success")
    if unknown := form.unknown_placeholders():
        flash(
            _("There is no placeholder %(names)s: it stays in the text as it is.", names=", ".join(unknown)), "warning"
        )
