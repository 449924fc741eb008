"""The devices to which people let notifications be pushed, and of which topics."""

import base64
import datetime as dt
import uuid
from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec
from flask_babel import gettext as _
from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert

from portal.authz.scopes import load, scope
from portal.identity.models import BrowserSession
from portal.kernel import ids, outbox
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.errors import Gone, Refused
from portal.kernel.events import record, wake_after_commit
from portal.kernel.system_context import as_system
from portal.notifications.models import PushChoice, PushDevice
from portal.notifications.rules import Topic

# Kinds of due work: one notification to all devices of its person, and a test to one device.
PUSH, PUSH_TEST = "push", "push_test"
MOST_DEVICES = 10


def add_device(
    ctx: Context, *, endpoint: str, p256dh: str, auth: str, user_agent: str, plain_http: bool = False
) -> PushDevice:
    """Let notifications be pushed to the browser that this sign-in is in; one that is known is kept up to date. Records
    `person.push_device_added` for a new one.

    A browser belongs to whoever signed in there last. Raises Refused for what no browser says, for an address without
    TLS (unless *plain_http*), and beyond MOST_DEVICES.
    """
    _check(endpoint, p256dh, auth, plain_http=plain_http)
    # The address is a secret of the browser, so whoever knows it is that browser.
    with as_system(ctx, with_own_rows=True) as inner:
        rows = scope(inner.actor, PushDevice).where(PushDevice.endpoint == endpoint)
        locked = rows.with_for_update().execution_options(populate_existing=True)
        known = inner.session.scalars(locked).one_or_none()
        if known is not None and known.user_id != ctx.actor.user_id:
            inner.session.delete(known)
            inner.session.flush()
            known = None
    if ctx.session_id is None:
        raise Gone
    if known is not None:
        known.p256dh, known.auth, known.session_id, known.seen_at = p256dh, auth, ctx.session_id, ctx.now
        known.failed_at = None
        return known
    own = scope(ctx.actor, PushDevice).with_only_columns(func.count())
    if (ctx.session.scalar(own) or 0) >= MOST_DEVICES:
        raise Refused(_("Notifications are pushed to at most %(limit)d devices. Remove one first", limit=MOST_DEVICES))
    device = PushDevice(
        provider_id=ctx.provider_id,
        user_id=ctx.actor.user_id,
        session_id=ctx.session_id,
        endpoint=endpoint,
        p256dh=p256dh,
        auth=auth,
        user_agent=user_agent[:300],
        created_at=ctx.now,
        seen_at=ctx.now,
    )
    ctx.session.add(device)
    ctx.session.flush()
    record(ctx, "person.push_device_added", ctx.person)
    return device


def renew_device(ctx: Context, endpoint: str) -> None:
    """Say that the browser with *endpoint* is in use, in this sign-in. Raises Gone where it is none of the actor's: the
    browser then ends it."""
    rows = scope(ctx.actor, PushDevice).where(PushDevice.endpoint == endpoint)
    device = ctx.session.scalars(rows).one_or_none()
    if device is None or ctx.session_id is None:
        raise Gone
    device.session_id, device.seen_at = ctx.session_id, ctx.now


def own_devices(ctx: Context) -> Sequence[PushDevice]:
    """The actor's devices, the newest first."""
    return ctx.session.scalars(scope(ctx.actor, PushDevice).order_by(PushDevice.id.desc())).all()


def own_device(ctx: Context, device_id: Id | None) -> PushDevice:
    """One of the actor's devices; NotFound otherwise."""
    return load(ctx, PushDevice, PushDevice.id == device_id)


def remove_device(ctx: Context, device: PushDevice) -> None:
    """Push nothing to *device* any more; records `person.push_device_removed`."""
    record(ctx, "person.push_device_removed", ctx.person)
    ctx.session.delete(device)
    ctx.session.flush()


def test_device(ctx: Context, device: PushDevice) -> None:
    """Push a test to *device*. Records no event: nothing changes."""
    outbox.schedule(ctx.session, ctx.provider_id, PUSH_TEST, device.id, ctx.now)
    wake_after_commit(ctx)


def own_push_choices(ctx: Context, topics: Iterable[Topic]) -> dict[Topic, bool]:
    """Whether news of each of *topics* are pushed to the actor's devices: what they chose, or else yes."""
    rows = ctx.session.scalars(scope(ctx.actor, PushChoice))
    chosen = {row.topic: row.pushed for row in rows}
    return {topic: chosen.get(str(topic), True) for topic in topics}


def choose_pushes(ctx: Context, choices: Mapping[Topic, bool]) -> None:
    """Store of which topics news are pushed to the actor's devices; records `person.pushes_chosen`."""
    rows = [
        {
            "id": ids.new_id(),
            "provider_id": ctx.provider_id,
            "user_id": ctx.actor.user_id,
            "topic": str(topic),
            "pushed": pushed,
        }
        for topic, pushed in choices.items()
    ]
    statement = insert(PushChoice).values(rows)
    ctx.session.execute(
        statement.on_conflict_do_update(
            index_elements=["provider_id", "user_id", "topic"], set_={"pushed": statement.excluded.pushed}
        )
    )
    record(ctx, "person.pushes_chosen", ctx.person)


def people_with_devices(ctx: Context, user_ids: Iterable[Id]) -> set[uuid.UUID]:
    """Those of *user_ids* who have a device."""
    rows = select(PushDevice.user_id).where(PushDevice.user_id.in_(list(user_ids))).distinct()
    return set(ctx.session.scalars(rows))


def unwanted_topics(ctx: Context, user_ids: Iterable[Id]) -> set[tuple[uuid.UUID, str]]:
    """Of which topics *user_ids* want nothing pushed: (person, topic)."""
    rows = select(PushChoice.user_id, PushChoice.topic).where(
        PushChoice.user_id.in_(list(user_ids)), PushChoice.pushed.is_(False)
    )
    return {(user_id, topic) for user_id, topic in ctx.session.execute(rows)}


def reachable_devices(ctx: Context, user_id: Id) -> Sequence[PushDevice]:
    """The devices of a person whose sign-in there goes on, locked."""
    going_on = select(BrowserSession.id).where(BrowserSession.user_id == user_id, BrowserSession.ended_at.is_(None))
    rows = select(PushDevice).where(PushDevice.user_id == user_id, PushDevice.session_id.in_(going_on))
    return ctx.session.scalars(
        rows.order_by(PushDevice.id).with_for_update().execution_options(populate_existing=True)
    ).all()


def delete_unseen_devices(ctx: Context, before: dt.datetime, limit: int) -> int:
    """Delete at most *limit* devices that were not in use since *before*; returns how many."""
    old = select(PushDevice.id).where(PushDevice.provider_id == ctx.provider_id, PushDevice.seen_at < before)
    gone = ctx.session.scalars(
        delete(PushDevice)
        .where(PushDevice.id.in_(old.order_by(PushDevice.id).limit(limit).with_for_update(skip_locked=True)))
        .returning(PushDevice.id)
        .execution_options(synchronize_session=False)
    ).all()
    return len(gone)


def _check(endpoint: str, p256dh: str, auth: str, *, plain_http: bool) -> None:
    """Raise Refused unless this is what the Push API of a browser gives."""
    refused = Refused(_("This browser gave no address for notifications. Try again, or use another browser"))
    try:
        place = urlsplit(endpoint)
        point = base64.urlsafe_b64decode(p256dh + "=" * (-len(p256dh) % 4))
        secret = base64.urlsafe_b64decode(auth + "=" * (-len(auth) % 4))
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
        has_port = place.port is None or place.port > 0
    except ValueError:
        raise refused from None
    schemes = ("https", "http") if plain_http else ("https",)
    fits = endpoint.isascii() and endpoint.isprintable() and len(endpoint) <= 1000 and len(p256dh) <= 100
    if not fits or place.scheme not in schemes or not place.hostname or not has_port or place.username is not None:
        raise refused
    if len(point) != 65 or len(secret) != 16 or len(auth) > 40:
        raise refused
