"""Mails to addresses that get the status page: the one that asks whether they want it, and one for each news of it.

They go to nobody of the portal, and say only what everybody can read at `/status`."""

import datetime as dt
import hashlib
import uuid
from typing import Any

from flask import render_template
from flask_babel import force_locale, get_locale
from flask_babel import gettext as _
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from portal.announcements import queries
from portal.announcements.labels import titled
from portal.announcements.models import StatusPost, StatusSubscriber
from portal.authz.scopes import scope
from portal.kernel import ids, outbox, retention
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.events import Event
from portal.kernel.system_context import as_system
from portal.kernel.text import clean_line
from portal.notifications import labels, mime, urls
from portal.notifications.mail_links import Purpose, link_mark
from portal.notifications.mail_rules import MAIL
from portal.notifications.models import OutgoingMail
from portal.notifications.rendering import finish_text, inline_styles
from portal.tenants.queries import providers as provider_queries
from portal.web import language, provider_texts

CONFIRM, NEWS = "status_confirm", "status_news"
# The kind of due work that writes the mails of one event, so many at a time.
WORK = "status_mails"
BATCH = 200
_CONFIRMS = {"all": Purpose.CONFIRM_ALL, "outages": Purpose.CONFIRM_OUTAGES}


def ask_subscriber(ctx: Context, event: Event) -> None:
    """Write the mail that asks an address whether it wants what the status page says."""
    row = queries.subscriber(ctx, event.subject_id) if event.subject_id else None
    if row is None:
        return
    _store(ctx, row, event, CONFIRM)


def begin_telling(ctx: Context, event: Event) -> None:
    """Let the worker write the mails of *event* to everybody who gets the status page."""
    outbox.schedule(ctx.session, ctx.provider_id, WORK, event.id, ctx.now)


def tell_more_subscribers(ctx: Context, event_id: Id) -> None:
    """Due work: write the mails of one event to the next BATCH subscribers; the rest follows. Who was told already is
    told once, and nobody who confirmed later."""
    event = ctx.session.scalars(scope(ctx.actor, Event).where(Event.id == event_id)).one_or_none()
    post = queries.told_post(ctx, event.subject_id) if event is not None else None
    if event is None or post is None:
        return
    told = select(OutgoingMail.id).where(
        OutgoingMail.subscriber_id == StatusSubscriber.id, OutgoingMail.event_id == event.id
    )
    found = queries.subscribers_to_tell(ctx, post, event.recorded_at, told.exists(), BATCH)
    for row in found:
        _store(ctx, row, event, NEWS, post)
    if len(found) == BATCH:
        outbox.schedule(ctx.session, ctx.provider_id, WORK, event.id, ctx.now)


def is_still_wanted(ctx: Context, mail: OutgoingMail) -> bool:
    """Whether the subscriber of *mail* is still one, and news are still public, at the moment of sending."""
    row = queries.subscriber(ctx, mail.subscriber_id) if mail.subscriber_id is not None else None
    if row is None or mail.kind == CONFIRM:
        return row is not None
    event = ctx.session.scalars(scope(ctx.actor, Event).where(Event.id == mail.event_id)).one_or_none()
    return event is not None and queries.told_post(ctx, event.subject_id) is not None


def forget_mails(ctx: Context, event: Event) -> None:
    """Reaction to `status.unsubscribed`: nothing keeps the address, and what was not sent yet is not sent."""
    with as_system(ctx) as inner:
        own = (OutgoingMail.provider_id == ctx.provider_id, OutgoingMail.subscriber_id == event.subject_id)
        inner.session.execute(delete(OutgoingMail).where(*own).execution_options(synchronize_session=False))


def delete_old_asks(ctx: Context, before: dt.datetime, limit: int) -> int:
    """Retention: delete at most *limit* addresses that nobody confirmed, and the mails that asked."""
    old_mails = (OutgoingMail.kind == CONFIRM, OutgoingMail.created_at < before)
    return retention.delete_rows(ctx, OutgoingMail, limit, *old_mails) + retention.delete_rows(
        ctx, StatusSubscriber, limit, StatusSubscriber.confirmed_at.is_(None), StatusSubscriber.asked_at < before
    )


def delete_old_news(ctx: Context, before: dt.datetime, limit: int) -> int:
    """Retention: delete at most *limit* news that were mailed long ago."""
    return retention.delete_rows(ctx, OutgoingMail, limit, OutgoingMail.kind == NEWS, OutgoingMail.created_at < before)


def _store(ctx: Context, row: StatusSubscriber, event: Event, kind: str, post: StatusPost | None = None) -> None:
    """Store one mail and owe its sending; nothing where it is stored already."""
    site, chosen = urls.site_url(ctx), str(event.facts.get("chosen", ""))
    confirms = _CONFIRMS.get(chosen, Purpose.CONFIRM_ALL)
    with (
        force_locale(language.supported_language(row.locale) or language.ENGLISH),
        provider_texts.use_texts_of(ctx.provider),
    ):
        said = {
            "provider": ctx.provider,
            "locale": str(get_locale() or "en"),
            "status_url": f"{site}/status",
            "confirm_url": f"{site}/a/{link_mark(row.id, confirms)}",
            "unsubscribe_url": f"{site}/a/{link_mark(row.id, Purpose.UNSUBSCRIBE)}",
            "chosen": chosen,
            "told": _news_values(ctx, event, post) if post is not None else {},
        }
        asked = _("Confirm: emails about the status of %(portal)s", portal=ctx.provider.called)
        heading = said["told"].get("heading", asked)
        text = render_template(f"notifications/emails/{kind}.txt", **said)
        html = inline_styles(render_template(f"notifications/emails/{kind}.html", **said), ctx.provider.accent)
    digest = hashlib.sha256(f"{event.id}:{row.id}:{kind}".encode()).hexdigest()[:32]
    mail = insert(OutgoingMail).values(
        id=ids.new_id(),
        provider_id=ctx.provider_id,
        subscriber_id=row.id,
        event_id=event.id,
        kind=kind,
        message_id=f"<{digest}@{provider_queries.primary_host(ctx)}>",
        sender=mime.sender_address(ctx),
        recipient=row.email,
        subject=clean_line(heading),
        text=finish_text(text),
        html=html,
        state="queued",
        attempts=0,
        created_at=ctx.now,
    )
    stored: uuid.UUID | None = ctx.session.scalar(mail.on_conflict_do_nothing().returning(OutgoingMail.id))
    if stored is not None:
        outbox.schedule(ctx.session, ctx.provider_id, MAIL, stored, ctx.now)


def _news_values(ctx: Context, event: Event, post: StatusPost) -> dict[str, Any]:
    """What is said of *post*: its heading, its text or its update, its times in the zone of the provider."""
    about, update = event.facts["about"], queries.told_update(ctx, ids.parse_id(event.facts["update"]))
    zone, title = ctx.provider.zone, titled(post)
    lines = []
    if post.starts_at is not None and about != "ended":
        lines.append(_("Begins: %(time)s", time=labels.format_time(post.starts_at, zone)))
    if post.ends_at is not None and about != "ended":
        lines.append(_("Ends: %(time)s", time=labels.format_time(post.ends_at, zone)))
    if post.ended_at is not None:
        lines.append(_("Over since: %(time)s", time=labels.format_time(post.ended_at, zone)))
    elif post.next_update_at is not None:
        lines.append(_("Next update by: %(time)s", time=labels.format_time(post.next_update_at, zone)))
    headings = {
        "updated": lambda: _("Update on %(title)s", title=title),
        "ended": lambda: _("Ended: %(title)s", title=title),
    }
    body = update.body if update is not None else post.body if about == "published" else ""
    return {"heading": headings.get(about, lambda: title)(), "lines": lines, "body": body}
