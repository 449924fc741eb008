"""/admin/replies: the replies that everybody of the provider uses."""

import uuid
from typing import Any

from portal.canned_replies.pages import editing
from portal.canned_replies.pages.editing import SHARED
from portal.canned_replies.routes.blueprint import canned_replies, shares


@canned_replies.get("/admin/replies")
@shares
def shared_list() -> Any:
    """All of them, by title."""
    return editing.show_list(SHARED)


@canned_replies.route("/admin/replies/new", methods=["GET", "POST"])
@shares
def shared_new() -> Any:
    """Add one."""
    return editing.add(SHARED)


@canned_replies.route("/admin/replies/<uuid:reply_id>", methods=["GET", "POST"])
@shares
def shared_change(reply_id: uuid.UUID) -> Any:
    """Change one, and see how it reads."""
    return editing.change(SHARED, reply_id)


@canned_replies.route("/admin/replies/<uuid:reply_id>/end", methods=["GET", "POST"])
@shares
def shared_end(reply_id: uuid.UUID) -> Any:
    """Offer one no more."""
    return editing.press(SHARED, reply_id, "end")


@canned_replies.route("/admin/replies/<uuid:reply_id>/resume", methods=["GET", "POST"])
@shares
def shared_resume(reply_id: uuid.UUID) -> Any:
    """Offer an ended one again."""
    return editing.press(SHARED, reply_id, "resume")


@canned_replies.route("/admin/replies/<uuid:reply_id>/delete", methods=["GET", "POST"])
@shares
def shared_delete(reply_id: uuid.UUID) -> Any:
    """Delete one."""
    return editing.press(SHARED, reply_id, "delete")
