"""The question before an address outside the organization comes into copy: every form with a copy field asks it."""

from typing import Any

from flask_babel import gettext as _

from portal.cases.forms.fields import complete_emails
from portal.cases.queries.shown_people import copied_organization, outside_addresses
from portal.kernel.actor import Id
from portal.kernel.context import Context


def is_copy_confirmed(context: Context, form: Any, organization_id: Id | None) -> bool:
    """Whether every address in *form*.cc is of the organization, or was confirmed by the box `outside`.

    Otherwise the form gets an error and `asked`, the addresses that its page asks about (components/copies.html). Every
    address outside is asked about alike, whoever knows it. What is no address is left to the action, and so are
    outsiders whom the organization does not allow at all. Every page with a copy field sends `outside`, ticked or
    empty; who sends no such field is a program that drew no page, and is not asked.
    """
    if not form.outside.raw_data:
        return True
    emails = complete_emails(form.cc) if organization_id is not None else []
    if organization_id is None or not emails:
        return True
    outside = outside_addresses(context, organization_id, emails)
    if not outside:
        return True
    organization = copied_organization(context, organization_id)
    if not organization.outside_copy:
        return True
    form.asked, form.asked_organization = outside, organization.name
    if {email.casefold() for email in outside} <= set((form.outside.data or "").casefold().split()):
        return True
    form.cc.errors = [
        *form.cc.errors,
        _(
            "Somebody outside %(organization)s would read the whole conversation: %(emails)s. Tick the box below the "
            "field if that is right",
            organization=organization.name,
            emails=", ".join(outside),
        ),
    ]
    return False
