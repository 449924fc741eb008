"""The surface of notifications in the product."""

from portal.notifications.mail_rules import find_receivers
from portal.notifications.queries import unread
from portal.notifications.routes import mark_case_read, notifications
from portal.web.feature import Feature

FEATURE = Feature(
    name="notifications",
    blueprints=[notifications],
    view_observers=[mark_case_read],
    receivers=find_receivers,
    counts={"bell": unread},
)
