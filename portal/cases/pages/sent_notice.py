"""The notice after a reply of support."""

from flask_babel import gettext as _

from portal.cases import labels
from portal.cases.actions.reply_with_status import NextStatus
from portal.cases.models import Case
from portal.cases.queries.people import customer_readers
from portal.cases.receivers import find_receivers
from portal.cases.vocabulary import vocabulary
from portal.kernel.context import Context

# The event of each status that a reply sets.
_EVENTS = {"waiting": "case.asked", "resolved": "case.resolved", "open": "case.reopened"}


def sent_notice(context: Context, case: Case, next_status: NextStatus, *, silent: bool) -> str:
    """The notice after a reply: who gets it, and the status of the case."""
    if silent:
        return _("Your reply was added. Nobody was emailed.")
    told = find_receivers(context, case, _EVENTS.get(next_status.status, "case.answered"))
    notice = labels.sent_sentence(told, readable=bool(told or customer_readers(context, case)))
    if next_status.status in ("", "keep"):
        return notice
    state = vocabulary(context, "staff").of(case)
    return f"{notice} {_('The case is “%(state)s” now.', state=state)}"
