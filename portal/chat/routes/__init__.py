"""The pages of chats: those of the contact, those of the desk, and the settings."""

from portal.chat.routes import contact, desk, replies, settings  # noqa: F401 - views register themselves
from portal.chat.routes.blueprint import chat

__all__ = ["chat"]
