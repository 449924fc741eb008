"""The pages of notifications: the bell, what is mailed, and the links in mails. One module for each resource."""

from portal.notifications.routes import mail_actions, preferences, push  # noqa: F401 - the views register themselves
from portal.notifications.routes.bell import mark_case_read
from portal.notifications.routes.blueprint import notifications

__all__ = ["mark_case_read", "notifications"]
