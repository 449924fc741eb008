"""What the worker does about telling people: named shells around `actions`, `writing` and `sending`."""

from portal.cases.models import Case
from portal.cases.queries.one import by_id
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.errors import NotFound
from portal.kernel.events import Event
from portal.notifications import actions, mails, recipients, sending, writing


def ring_bells(ctx: Context, event: Event) -> None:
    """Consumer of case events: a line behind the bell of everybody whom it concerns and who may see the case."""
    case = _case_of(ctx, event)
    if case is not None:
        actions.ring(ctx, event, case, recipients.to_tell(ctx, event, case))


def write_mails(ctx: Context, event: Event) -> None:
    """Consumer of events that are told by mail: stores one mail a person and owes its sending."""
    if event.name in mails.TO_PERSON:
        letters = list(mails.about_person(ctx, event))
    elif event.name in mails.TO_STAFF:
        case = _case_of(ctx, event)
        about = mails.about_promise if event.name == "sla.alarm" else mails.about_survey
        letters = list(about(ctx, event, case)) if case is not None else []
    else:
        case = _case_of(ctx, event)
        letters = list(mails.about_case(ctx, event, case)) if case is not None else []
    for letter in letters:
        writing.write(ctx, letter)


def send_mail(ctx: Context, mail_id: Id) -> None:
    """Due work: hand one stored mail to the SMTP server."""
    sending.send(ctx, mail_id)


def _case_of(ctx: Context, event: Event) -> Case | None:
    try:
        return by_id(ctx, event.case_id) if event.case_id else None
    except NotFound:
        return None
