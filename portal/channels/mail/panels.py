"""What mail that arrived shows on pages of cases: people whom a mail proposes."""

from flask_babel import gettext as _

from portal.authz.access import can
from portal.authz.permissions import Permission
from portal.cases.models import Case
from portal.cases.queries.interface import Panel
from portal.channels.mail.queries.copies import open_proposals
from portal.kernel.context import Context
from portal.kernel.events import Event


def copies_panel(ctx: Context, case: Case) -> Panel | None:
    """For whoever may add people: how many wait. One statement, and none for a case without any."""
    if not case.open_proposals or not can(ctx.actor, Permission.CASE_PEOPLE, case):
        return None
    rows = open_proposals(ctx, case)
    if not rows:
        return None
    base = f"/cases/{case.key}" if ctx.actor.is_contact else f"/desk/cases/{case.key}"
    return Panel("aside", "channels/mail/_copies.html", {"proposals": rows, "href": f"{base}/proposals"})


def copies_line(event: Event) -> str:
    """The line of an event about proposals in the history of a case."""
    if event.name == "case.copy_dismissed":
        return _("Not put in copy: %(email)s", email=event.facts["email"])
    return _("In the email, not in copy: %(emails)s", emails=", ".join(event.facts["emails"]))
