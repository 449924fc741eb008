"""The surface of notifications in the product."""

from portal.kernel.gauges import ProviderGauge
from portal.notifications.mail_rules import find_receivers
from portal.notifications.push_devices import delete_unseen_devices
from portal.notifications.queries import MAIL_STATES, count_unsent_mails, find_sent_mail, unread
from portal.notifications.routes import mark_case_read, notifications
from portal.notifications.subscriber_mails import delete_old_asks, delete_old_news
from portal.web.feature import Feature

FEATURE = Feature(
    name="notifications",
    blueprints=[notifications],
    view_observers=[mark_case_read],
    receivers=find_receivers,
    find_sent_mail=find_sent_mail,
    counts={"bell": unread},
    retention={"status_asks": delete_old_asks, "status_news": delete_old_news, "push_devices": delete_unseen_devices},
    gauges={
        "parley_mails": ProviderGauge("Mails that wait or that no server took.", MAIL_STATES, count_unsent_mails),
    },
)
