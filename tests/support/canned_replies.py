"""Ways to write canned replies in tests, through the actions that people use."""

from typing import Any

from portal.canned_replies.actions.replies import ReplyContent, add_reply
from portal.canned_replies.engine.macros import Macro
from portal.canned_replies.models import CannedReply
from tests.support.world import World


def write_reply(
    world: World, title: str = "Greeting", text: str = "Hello {contact first name}", *, by: str = "lee", **how: Any
) -> CannedReply:
    """A shared reply, or an own one with shared=False. `texts` and `department_id` are its own, the rest its macro."""
    shared, texts = how.pop("shared", True), how.pop("texts", {"en": text})
    department = how.pop("department_id", None)
    content = ReplyContent(title, texts, department, Macro(**how))
    return add_reply(world.ctx(by, "staff"), content, shared=shared)
