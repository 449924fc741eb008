"""The link that ends mails of one kind: what it leads to, as the person to whom the mail went."""

from dataclasses import dataclass

from portal.announcements.models import Announcement
from portal.announcements.queries import announcement, own_mode
from portal.authz.scopes import scope
from portal.identity.models import User
from portal.identity.queries import current_user_id
from portal.kernel.context import Context
from portal.kernel.errors import NotFound
from portal.kernel.events import Event
from portal.kernel.system_context import act_as, as_system
from portal.notifications.mail_links import MailLink
from portal.notifications.models import OutgoingMail
from portal.notifications.queries import own_mail_choices
from portal.notifications.rules import ENDED_BY_LINK, Topic
from portal.tenants.queries import actors


@dataclass(frozen=True, slots=True)
class TopicChoice:
    """The choice that a link makes, for whom, and how it is now. *followed*: an announcement that they follow, which
    would go on mailing them."""

    topic: Topic
    person: User
    mailed: bool
    followed: Announcement | None = None


def load_topic_choice(ctx: Context, link: MailLink) -> TopicChoice:
    """What *link* ends. Afterwards the request acts as the person of the mail. It never gets too old.

    NotFound for a person whose access ended, and for a mail of another kind."""
    with as_system(ctx, with_own_rows=True) as inner:
        mail = inner.session.scalars(
            scope(inner.actor, OutgoingMail).where(OutgoingMail.id == link.mail_id)
        ).one_or_none()
        topic = ENDED_BY_LINK.get(mail.kind) if mail is not None else None
        if mail is None or topic is None or mail.user_id is None:
            raise NotFound
        person = inner.session.get(User, current_user_id(inner, mail.user_id))
        actor = actors.contact_actors(inner, [person]).get(person.id) if person is not None else None
        event = inner.session.scalars(scope(inner.actor, Event).where(Event.id == mail.event_id)).one_or_none()
    if person is None or person.ended_at is not None or actor is None:
        raise NotFound
    act_as(ctx, actor)
    followed = _followed(ctx, event) if topic is Topic.ANNOUNCEMENTS else None
    return TopicChoice(topic, person, own_mail_choices(ctx, [topic])[topic], followed)


def _followed(ctx: Context, event: Event | None) -> Announcement | None:
    """The announcement of the mail, if its reader follows it."""
    if event is None or event.subject_id is None:
        return None
    try:
        row = announcement(ctx, event.subject_id)
    except NotFound:
        return None
    return row if own_mode(ctx, row) == "follow" else None
