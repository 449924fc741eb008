"""Canned replies in the composer of a case: the button with its picker, and what a draft uses."""

from collections.abc import Mapping

from portal.canned_replies.actions.uses import MACRO, REPLIES, WARNED
from portal.canned_replies.offers import FRESH, find_offer, find_used
from portal.cases.models import Case
from portal.cases.queries.interface import ComposerInsert, Panel, Verb
from portal.kernel import ids
from portal.kernel.context import Context
from portal.kernel.errors import NotFound


def composer_panel(ctx: Context, verb: Verb) -> Panel:
    """In the composer of a case: the button, and what the draft uses. No statement unless it uses a reply."""
    case = verb.case
    used = find_used(ctx, case, case.contact_user, verb.answers, macros=True) if verb.answers.get(REPLIES) else None
    values = {
        "used": used,
        "picker": f"/desk/cases/{case.key}/replies",
        "below": "canned_replies/_picker.html",
    }
    return Panel("composer", "canned_replies/_in_composer.html", values)


def insert_reply(ctx: Context, case: Case, chosen: str, answers: Mapping[str, str]) -> ComposerInsert:
    """The text of the chosen reply for *case*, and what it sets; NotFound for one that is not offered."""
    draft = answers.get(REPLIES, "")
    offer = find_offer(ctx, case, case.contact_user, ids.parse_id(chosen), macros=True, draft=draft)
    if offer is None:
        raise NotFound
    used = ",".join(map(str, offer.used.ids))
    return ComposerInsert(
        offer.text.text, offer.fields, {REPLIES: used, MACRO: offer.used.macro, WARNED: "", FRESH: "y"}
    )
