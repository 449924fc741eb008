"""The question to which account a mail belongs: what its link leads to, as the person to whom the question went."""

from collections.abc import Sequence
from dataclasses import dataclass

from portal.authz.scopes import load, scope
from portal.channels.mail.models import InboundMail
from portal.channels.mail.queries.account_choices import accounts_of
from portal.channels.mail.queries.log import case_key_of, inbound_mail
from portal.identity.models import User
from portal.identity.queries import current_user_id
from portal.kernel.context import Context
from portal.kernel.errors import Gone, NotFound
from portal.kernel.events import Event
from portal.kernel.ids import parse_id
from portal.kernel.system_context import act_as, as_system
from portal.notifications.mail_links import LASTS, MailLink
from portal.notifications.models import OutgoingMail
from portal.tenants.models import Account
from portal.tenants.queries import actors


@dataclass(frozen=True, slots=True)
class AccountQuestion:
    """The mail that waits, its sender, the accounts in which they may open a case now, and the key of the case that it
    became ('': none that they see)."""

    mail: InboundMail
    person: User
    accounts: Sequence[Account]
    case_key: str = ""


def load_account_question(ctx: Context, link: MailLink, *, lock: bool = False) -> AccountQuestion:
    """What *link* asks; with *lock* its mail is locked. Afterwards the request acts as the person of the question.

    NotFound for a person whose access ended. Gone for a link that is too old and a mail that still waits: it is not
    lost, support decides about it.
    """
    with as_system(ctx, with_own_rows=True) as inner:
        question = load(inner, OutgoingMail, OutgoingMail.id == link.mail_id)
        event = inner.session.scalars(scope(inner.actor, Event).where(Event.id == question.event_id)).one_or_none()
        mail_id = parse_id(event.facts.get("mail")) if event is not None else None
        if question.user_id is None or mail_id is None:
            raise NotFound
        person = inner.session.get(User, current_user_id(inner, question.user_id))
        if person is None or person.ended_at is not None:
            raise NotFound
        mail = inbound_mail(inner, mail_id, lock=lock)
        actor = actors.contact_actors(inner, [person]).get(person.id)
        accounts = accounts_of(inner, actor) if actor else []
    if actor is None:
        raise NotFound
    act_as(ctx, actor)
    if mail.waits and question.created_at + LASTS <= ctx.now:
        raise Gone
    return AccountQuestion(mail, person, accounts, "" if mail.waits else case_key_of(ctx, mail))


def read_account_question(ctx: Context, event: Event, person: User) -> AccountQuestion:
    """What the mail about *event* asks *person*."""
    mail_id = parse_id(event.facts["mail"])
    assert mail_id is not None
    accounts = accounts_of(ctx, actors.contact_actors(ctx, [person])[person.id])
    return AccountQuestion(inbound_mail(ctx, mail_id), person, accounts)
