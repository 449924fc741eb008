"""The surface of chats in the product."""

from flask_babel import lazy_gettext as _l

from portal.authz.permissions import Permission
from portal.chat import labels
from portal.chat.panels import chat_panel
from portal.chat.queries.chats import waiting_count
from portal.chat.queries.settings import is_chat_offered
from portal.chat.routes import chat
from portal.web.feature import Feature, NavigationItem

FEATURE = Feature(
    name="chat",
    blueprints=[chat],
    navigation=[
        NavigationItem(
            "work", 25, "chat", _l("Chat"), "/desk/chat", "chat", Permission.CASE_READ, is_shown=is_chat_offered
        ),
        NavigationItem("promises", 40, "chat-settings", _l("Chat"), "/admin/chat", "chat"),
    ],
    panels={39: chat_panel},
    counts={"chat": waiting_count},
    history_lines=dict.fromkeys(labels.HISTORY, labels.history_line),
)
