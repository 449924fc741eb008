"""Loading what the link in a mail leads to, as the person to whom the mail went."""

from dataclasses import dataclass

from portal.authz.scopes import scope
from portal.cases.models import Case
from portal.cases.queries import people
from portal.cases.queries.detail import by_id
from portal.identity.models import User
from portal.identity.queries import current_user_id
from portal.kernel.context import Context
from portal.kernel.errors import Gone, NotFound
from portal.kernel.events import Event
from portal.kernel.system_context import act_as, as_system
from portal.notifications.mail_links import LASTS, Purpose, read_link_token
from portal.notifications.models import OutgoingMail
from portal.notifications.queries import has_exclusions
from portal.notifications.rules import STAFF_KINDS
from portal.tenants.queries import actors

# A decision belongs to the solution, or to the end, that its mail told of: one of these after it takes its links away.
_OUTDATING = ("case.resolved", "case.rejected", "case.reopened")


@dataclass(frozen=True, slots=True)
class MailAction:
    """The link of a mail: what it does, for whom, in which case. *shows_content*: nobody is kept out of the case, so
    that its words may stand on a page that needs no sign-in."""

    purpose: Purpose
    person: User
    case: Case
    on_desk: bool
    muted: bool
    shows_content: bool


def load_mail_action(ctx: Context, token: str, *, lock: bool = False) -> MailAction:
    """What *token* leads to; with *lock* the case is locked. Afterwards the request acts as the person of the mail.

    NotFound for a wrong token and for a case that this person may not see any more. Gone for a link that is too old, or
    whose case had another solution since.
    """
    link = read_link_token(ctx, token)
    if link is None:
        raise NotFound
    with as_system(ctx, with_own_rows=True) as inner:
        rows = scope(inner.actor, OutgoingMail).where(OutgoingMail.id == link.mail_id)
        mail = inner.session.scalars(rows).one_or_none()
        if mail is None or mail.user_id is None or mail.case_id is None:
            raise NotFound
        person = inner.session.get(User, current_user_id(inner, mail.user_id))
        if person is None or person.ended_at is not None:
            raise NotFound
        on_desk = mail.kind in STAFF_KINDS
        found = actors.staff_actors(inner, [person]) if on_desk else actors.contact_actors(inner, [person])
        actor = found.get(person.id)
        is_old = mail.created_at + LASTS <= ctx.now or (link.purpose is not Purpose.MUTE and _is_outdated(inner, mail))
        shows_content = not has_exclusions(inner, mail.case_id)
    if actor is None:
        raise NotFound
    act_as(ctx, actor)
    case = by_id(ctx, mail.case_id, lock=lock)
    if is_old:
        raise Gone
    muted = people.subscription(ctx, case) == "mute"
    return MailAction(link.purpose, person, case, on_desk, muted, shows_content)


def _is_outdated(ctx: Context, mail: OutgoingMail) -> bool:
    told = ctx.session.get(Event, mail.event_id) if mail.event_id else None
    if told is None:
        return True
    later = scope(ctx.actor, Event).where(
        Event.case_id == mail.case_id, Event.name.in_(_OUTDATING), Event.recorded_at > told.recorded_at
    )
    return ctx.session.scalar(later.with_only_columns(Event.id).limit(1)) is not None
