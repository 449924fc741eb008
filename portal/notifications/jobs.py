"""Jobs of notifications: thin functions around `actions`, `rendering`, `digests` and `mail_queue`."""

from portal.cases.models import Case
from portal.cases.queries.detail import by_id
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.errors import NotFound
from portal.kernel.events import Event
from portal.notifications import (
    actions,
    daily_news,
    digests,
    mail_queue,
    mail_rules,
    push_queue,
    recipients,
    rendering,
    subscriber_mails,
)
from portal.notifications.rules import PERSON_EVENTS


def ring_bells(ctx: Context, event: Event) -> None:
    """Consumer of events: add a notification for every recipient who may see the case, if there is one, and owe its
    push to their devices."""
    case = _case_of(ctx, event) if event.case_id is not None else None
    if event.case_id is None:
        told = recipients.find_without_case(ctx, event)
    elif case is not None:
        rules = recipients.rules_of(event.name, mail=False)
        told = recipients.find_recipients(ctx, event, case, rules)
    else:
        return
    push_queue.plan_pushes(ctx, case, told, actions.notify(ctx, event, case, told))


def write_mails(ctx: Context, event: Event) -> None:
    """Consumer of events with mails: store one mail for each person and schedule its sending. Mails about several cases
    are gathered first."""
    if event.name in PERSON_EVENTS:
        letters = list(mail_rules.person_mails(ctx, event))
    elif event.case_id is None:
        letters = list(mail_rules.mails_without_case(ctx, event))
    else:
        case = _case_of(ctx, event)
        letters = list(mail_rules.case_mails(ctx, event, case)) if case is not None else []
    daily = mail_rules.mails_of_the_day(ctx, letters)
    gathered = [letter for letter in letters if letter not in daily and digests.is_gathered(letter)]
    digests.gather(ctx, gathered)
    daily_news.gather_news(ctx, daily)
    for letter in letters:
        if letter not in gathered and letter not in daily:
            rendering.store_mail(ctx, letter)


def ask_subscriber(ctx: Context, event: Event) -> None:
    """Consumer of `status.subscription_asked`."""
    subscriber_mails.ask_subscriber(ctx, event)


def tell_subscribers(ctx: Context, event: Event) -> None:
    """Consumer of `status.told`."""
    subscriber_mails.begin_telling(ctx, event)


def tell_more_subscribers(ctx: Context, event_id: Id) -> None:
    """Due work: write the next mails about an event of the status page."""
    subscriber_mails.tell_more_subscribers(ctx, event_id)


def write_digest(ctx: Context, user_id: Id) -> None:
    """Due work: write the gathered mail of a person."""
    digests.write_digest(ctx, user_id)


def write_news(ctx: Context, user_id: Id) -> None:
    """Due work: write the mail of the day of a person."""
    daily_news.write_news(ctx, user_id)


def send_mail(ctx: Context, mail_id: Id) -> None:
    """Due work: pass one stored mail to the SMTP server."""
    mail_queue.send(ctx, mail_id)


def send_push(ctx: Context, notification_id: Id) -> None:
    """Due work: push one line of the bell to the devices of its person."""
    push_queue.send_push(ctx, notification_id)


def send_test(ctx: Context, device_id: Id) -> None:
    """Due work: push a test to one device."""
    push_queue.send_test(ctx, device_id)


def _case_of(ctx: Context, event: Event) -> Case | None:
    try:
        return by_id(ctx, event.case_id) if event.case_id else None
    except NotFound:
        return None
