"""/desk/cases/<KEY>/replies: the replies that can be put into the composer of a case."""

from typing import Any

from flask import request

from portal.attachments.form_files import collect_files
from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.canned_replies.actions.uses import REPLIES
from portal.canned_replies.forms import PickerForm
from portal.canned_replies.labels import language_label
from portal.canned_replies.offers import find_offers
from portal.canned_replies.routes.blueprint import answers, canned_replies
from portal.cases.queries import by_key
from portal.kernel.text import clean_line
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.htmx import page, wants_fragment
from portal.web.urls import search_words, text_parameter

# The fields of a composer that wait, with what was written in them, while somebody chooses.
DRAFT_FIELDS = (
    *("body", "kind", "status", "check", "reason", "until", "take", "silent", "anyway", "anyway_for"),
    *("version", "draft_version", "last", "was", "once", "with_replies", "with_macro", "with_warned"),
)


@canned_replies.route("/desk/cases/<key:key>/replies", methods=["GET", "POST"])
@answers
def pick_for_case(key: str) -> Any:
    """Replies with these words; htmx gets the list alone. What was written in the composer waits on the page (POST)."""
    context = ctx()
    case = by_key(context, key)
    require(context.actor, Permission.CASE_ANSWER, case)
    if request.method == "GET":
        draft = text_parameter(REPLIES, 500)
        offers = find_offers(context, case, case.contact_user, search_words(), draft=draft)
        if wants_fragment():
            return page("canned_replies/_offers.html", offers=offers, language_label=language_label)
        form, written, status = PickerForm(formdata=None, q=search_words()), [], 200
    else:
        form = PickerForm()
        files = collect_files(context, form)
        status = submit_form(form, lambda: None) or 200
        written = draft_fields(files)
        draft = clean_line(request.form.get(REPLIES, ""))[:500]
        offers = find_offers(context, case, case.contact_user, (form.q.data or "")[:100], draft=draft)
    return page(
        "canned_replies/pick.html",
        status,
        case=case,
        form=form,
        offers=offers,
        written=written,
        base=f"/desk/cases/{case.key}",
        language_label=language_label,
    )


def draft_fields(files: Any) -> list[tuple[str, str]]:
    """(name, value) of the fields of the draft that was sent, and of its files."""
    texts = [(name, value) for name in DRAFT_FIELDS if (value := request.form.get(name))]
    return texts + [("staged", str(file)) for file in files]
