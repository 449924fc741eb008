"""/desk/replies: the replies of whoever is signed in."""

import uuid
from typing import Any

from portal.canned_replies.pages import editing
from portal.canned_replies.pages.editing import OWN
from portal.canned_replies.routes.blueprint import answers, canned_replies


@canned_replies.get("/desk/replies")
@answers
def own_list() -> Any:
    """All of them, by title."""
    return editing.show_list(OWN)


@canned_replies.route("/desk/replies/new", methods=["GET", "POST"])
@answers
def own_new() -> Any:
    """Add one."""
    return editing.add(OWN)


@canned_replies.route("/desk/replies/<uuid:reply_id>", methods=["GET", "POST"])
@answers
def own_change(reply_id: uuid.UUID) -> Any:
    """Change one, and see how it reads."""
    return editing.change(OWN, reply_id)


@canned_replies.route("/desk/replies/<uuid:reply_id>/end", methods=["GET", "POST"])
@answers
def own_end(reply_id: uuid.UUID) -> Any:
    """Offer one no more."""
    return editing.press(OWN, reply_id, "end")


@canned_replies.route("/desk/replies/<uuid:reply_id>/resume", methods=["GET", "POST"])
@answers
def own_resume(reply_id: uuid.UUID) -> Any:
    """Offer an ended one again."""
    return editing.press(OWN, reply_id, "resume")


@canned_replies.route("/desk/replies/<uuid:reply_id>/delete", methods=["GET", "POST"])
@answers
def own_delete(reply_id: uuid.UUID) -> Any:
    """Delete one."""
    return editing.press(OWN, reply_id, "delete")
