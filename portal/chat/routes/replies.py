"""/desk/chat/<id>/replies: canned replies for the box of an agent."""

import uuid
from typing import Any

from portal.attachments.form_files import collect_files, upload_rows
from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.canned_replies.actions.uses import REPLIES
from portal.canned_replies.labels import language_label
from portal.canned_replies.offers import FRESH, find_offer, find_offers, find_used
from portal.cases.queries.detail import by_id
from portal.chat.forms import PickForm
from portal.chat.queries import chats
from portal.chat.routes.blueprint import chat
from portal.kernel.errors import NotFound
from portal.kernel.ids import parse_id
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.guards import requires
from portal.web.htmx import page, wants_fragment
from portal.web.urls import search_words, text_parameter


@chat.route("/desk/chat/<uuid:chat_id>/replies", methods=["GET", "POST"])
@requires(Permission.CASE_ANSWER)
def pick_for_chat(chat_id: uuid.UUID) -> Any:
    """Replies with these words; htmx gets the list alone. What was written waits on the page, and with a chosen reply
    the box has both."""
    context = ctx()
    row = chats.find_chat(context, chat_id)
    require(context.actor, Permission.CASE_ANSWER, row.case)
    case = by_id(context, row.case_id)
    form = PickForm()
    files = collect_files(context, form) if form.is_submitted() else []
    words = (form.q.data or "")[:100] if form.is_submitted() else search_words()
    draft = (form.with_replies.data or "") if form.is_submitted() else text_parameter(REPLIES, 500)
    if not form.is_submitted() and wants_fragment():
        offers = find_offers(context, case, row.user, words, macros=False, draft=draft)
        return page("canned_replies/_offers.html", offers=offers, language_label=language_label)
    if not form.mark.data:
        form.draw_anew()
    status = submit_form(form, lambda: None) if form.is_submitted() else 0
    used = None
    if form.with_pick.data and not status:
        offer = find_offer(context, case, row.user, parse_id(form.with_pick.data), macros=False, draft=draft)
        if offer is None:
            raise NotFound
        written = (form.body.data or "").rstrip()
        form.body.data = f"{written}\n\n{offer.text.text}" if written else offer.text.text
        answers = {REPLIES: ",".join(map(str, offer.used.ids)), FRESH: "y"}
        used = find_used(context, case, row.user, answers, macros=False)
    return page(
        "chat/desk/replies.html",
        status or 200,
        chat=row,
        form=form,
        used=used,
        staged=upload_rows(context, files),
        offers=find_offers(context, case, row.user, words, macros=False, draft=draft),
        words=words,
        language_label=language_label,
    )
