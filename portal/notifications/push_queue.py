"""Pushing notifications to devices: planned with the line at the bell, sent by the worker."""

import datetime as dt
import json
import logging
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

import requests
from flask import current_app
from flask_babel import force_locale
from flask_babel import gettext as _
from webpush import WebPush, WebPushSubscription

from portal.cases.models import Case
from portal.cases.queries.detail import by_id
from portal.kernel import outbox
from portal.kernel.accent_colors import BUILT_IN
from portal.kernel.actor import Id, Side
from portal.kernel.app_icon import icon_path
from portal.kernel.context import Context
from portal.kernel.errors import NotFound
from portal.kernel.events import Event
from portal.kernel.outward_http import guard_session
from portal.notifications import labels, mime, push_devices, recipients
from portal.notifications.models import Notification, PushDevice, QuietHours
from portal.notifications.push_keys import derive_push_keys
from portal.notifications.queries import has_exclusions, quiet_hours_by_person
from portal.notifications.recipients import Recipient
from portal.notifications.rules import end_of_quiet, is_urgent
from portal.web import language, provider_texts
from portal.web.times import load_zone

log = logging.getLogger(__name__)

# After that nobody needs a push any more: the bell has it. The service of a push keeps it as long for a device that is
# off.
WORTH = dt.timedelta(hours=12)
FIRST_TRY_AGAIN = dt.timedelta(minutes=1)
# What a push service says of a device that is gone for good.
GONE = (404, 410)


def plan_pushes(ctx: Context, case: Case | None, told: Sequence[Recipient], lines: Mapping[Id, uuid.UUID]) -> None:
    """Owe a push of each new line of *lines* (person to id) to people with a device who want it: now, or at the end of
    their quiet hours."""
    people = [one for one in told if one.user.id in lines]
    reached = push_devices.people_with_devices(ctx, [one.user.id for one in people]) if people else set()
    if not reached:
        return
    unwanted = push_devices.unwanted_topics(ctx, reached)
    quiet = quiet_hours_by_person(ctx, reached)
    for one in people:
        topic = one.rule.topic if one.rule is not None else None
        if one.user.id in reached and (topic is None or (one.user.id, str(topic)) not in unwanted):
            due = _due_time(ctx, one, case, quiet.get(one.user.id))
            outbox.schedule(ctx.session, ctx.provider_id, push_devices.PUSH, lines[one.user.id], due)


def _due_time(ctx: Context, one: Recipient, case: Case | None, hours: QuietHours | None) -> dt.datetime:
    """Now, or the end of the person's quiet *hours* where the line can wait."""
    kind = one.rule.mail if one.rule is not None else ""
    if hours is None or is_urgent(kind, case.severity if case is not None else None):
        return ctx.now
    return end_of_quiet(ctx.now, load_zone(one.user.zone or ctx.provider.zone), hours.begins, hours.ends)


def send_push(ctx: Context, notification_id: Id) -> None:
    """Push one line of the bell to the devices of its person, at least once each: unless it was read, is older than
    WORTH, or its person may not see the case any more. What a push service cannot take now is tried again."""
    line = ctx.session.get(Notification, notification_id)
    if line is None or line.read_at is not None or ctx.now - line.created_at > WORTH:
        return
    reader = _reader(ctx, line)
    if reader is None:
        return
    case, one = reader
    with (
        force_locale(language.language_of(one.user, ctx.provider) or language.ENGLISH),
        provider_texts.use_texts_of(ctx.provider),
    ):
        said = _describe_line(ctx, line, case, one)
    later = [
        device
        for device in push_devices.reachable_devices(ctx, line.user_id)
        if (device.pushed_id is None or device.pushed_id < line.id) and not _push(ctx, device, said, line.id)
    ]
    if later:
        # The longer it failed, the longer it waits; the oldest failure tells how long that is.
        failing = max(ctx.now - (device.failed_at or ctx.now) for device in later)
        outbox.schedule(
            ctx.session, ctx.provider_id, push_devices.PUSH, line.id, ctx.now + max(failing, FIRST_TRY_AGAIN)
        )


def send_test(ctx: Context, device_id: Id) -> None:
    """Push a test to one device. A failure is stored with it, and its person reads it on the page of devices."""
    device = ctx.session.get(PushDevice, device_id)
    if device is None:
        return
    person = recipients.find_person(ctx, device.user_id)
    if person is None or device not in push_devices.reachable_devices(ctx, device.user_id):
        return
    with force_locale(language.language_of(person, ctx.provider) or language.ENGLISH):
        said = _describe(ctx, _("This is a test: notifications reach this device."), "/me/notifications", "test")
    _push(ctx, device, said, None)


def _reader(ctx: Context, line: Notification) -> tuple[Case | None, Recipient] | None:
    """The case of *line* and its person, on its side; None where they may not see it any more."""
    if line.case_id is None:
        one = recipients.find_reader(ctx, line.user_id, Side(line.side), line.event_id)
        return (None, one) if one is not None else None
    try:
        case = by_id(ctx, line.case_id)
    except NotFound:
        return None
    side = recipients.staff_recipients if line.side == Side.STAFF else recipients.contact_recipients
    return next(((case, one) for one in side(ctx, case, line.user_id)), None)


def _describe_line(ctx: Context, line: Notification, case: Case | None, one: Recipient) -> dict[str, Any]:
    """What a device shows, in the reader's language.

    It says nothing of a private case, and of one that somebody is kept out of: a locked screen is read by whoever holds
    the phone.
    """
    event = ctx.session.get_one(Event, line.event_id)
    if case is None:
        path = labels.event_path(event, one.actor) or "/notifications"
        return _describe(ctx, labels.event_sentence(event, str(one.side), line.reason), path, str(line.id))
    path = f"{'/desk' if one.side is Side.STAFF else ''}/cases/{case.key}"
    if case.is_private or has_exclusions(ctx, case.id):
        return _describe(ctx, _("There is news in one of your cases."), path, str(line.id))
    happened = labels.event_sentence(event, str(one.side), line.reason)
    return _describe(ctx, f"{case.key}: {happened}", path, str(line.id))


def _describe(ctx: Context, body: str, path: str, tag: str) -> dict[str, Any]:
    """What the service worker shows. A second one with the same *tag* takes the place of the first."""
    provider = ctx.provider
    return {
        "title": provider.called,
        "body": body[:300],
        "path": path,
        "tag": tag,
        "icon": icon_path(provider.called, provider.accent or BUILT_IN, 192),
    }


def _push(ctx: Context, device: PushDevice, said: dict[str, Any], line_id: uuid.UUID | None) -> bool:
    """Push *said* to *device*; whether that is over: it arrived, or it never will. A device that its service does not
    know any more is deleted."""
    keys = derive_push_keys(current_app.config["SECRET_KEY"], str(ctx.provider_id))
    where = {"endpoint": device.endpoint, "keys": {"p256dh": device.p256dh, "auth": device.auth}}
    subscription = WebPushSubscription.model_validate(where)
    pusher = WebPush(keys.private_pem, keys.public_pem, mime.sender_address(ctx), int(WORTH.total_seconds()))
    message = pusher.get(json.dumps(said), subscription)
    session = requests.Session()
    guard_session(session, most_bytes=10_000, seconds=10, answer_seconds=15)
    try:
        answer = session.post(
            device.endpoint, data=message.encrypted, headers=dict(message.headers), allow_redirects=False
        )
        status = answer.status_code
    except requests.RequestException:
        status = 0
    if status in GONE:
        ctx.session.delete(device)
        ctx.session.flush()
        return True
    if status // 100 == 2:
        device.pushed_id, device.failed_at = line_id or device.pushed_id, None
        return True
    log.warning("a notification was not pushed", extra={"device": str(device.id), "status": status})
    device.failed_at = device.failed_at or ctx.now
    # What is refused for another reason will be refused again.
    return status // 100 == 4 and status != 429
