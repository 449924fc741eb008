"""The choice of a manager, for the administration and for an organization's own pages."""

import uuid

from flask import request
from flask_babel import gettext as _

from portal.kernel.ids import parse_id
from portal.tenants.actions import reporting_lines as actions
from portal.tenants.forms import ManagerForm
from portal.tenants.models import Contact, Organization
from portal.tenants.queries import reporting_lines as queries
from portal.web.current import ctx
from portal.web.edit_conflict import fingerprint
from portal.web.urls import search_words

# The colleagues that the form offers; a search finds the others.
OFFERED = 200


def sent_form() -> ManagerForm:
    """The form as it was sent."""
    return ManagerForm()


def filled_form(contact: Contact) -> ManagerForm:
    """The form as it stands."""
    return ManagerForm(manager=str(contact.reports_to_id or ""), version=version(contact))


def version(contact: Contact) -> str:
    """What an open page compares."""
    return fingerprint(contact.reports_to_id)


def save_manager(contact: Contact, form: ManagerForm) -> None:
    """Do what *form* says; a value that is no id is nobody of this organization."""
    chosen = parse_id(form.manager.data)
    actions.set_manager(ctx(), contact, chosen or (uuid.UUID(int=0) if form.manager.data else None))


def manager_sentence(contact: Contact) -> str:
    """What holds now."""
    found = queries.line_of(ctx(), contact).manager
    if found is None:
        return _("%(name)s reports to nobody now.", name=contact.user.name)
    return _("%(name)s reports to %(manager)s now.", name=contact.user.name, manager=found.name)


def manager_facts(row: Organization, contact: Contact) -> dict[str, object]:
    """What both sides' pages of the choice need."""
    words = search_words()
    now = queries.line_of(ctx(), contact).manager
    choices = list(queries.possible_managers(ctx(), contact, OFFERED + 1, words=words))
    more = len(choices) > OFFERED
    del choices[OFFERED:]
    if now is not None and str(now.contact_id) not in dict(choices):
        choices.insert(0, (str(now.contact_id), now.name))
    return {
        "row": row,
        "contact": contact,
        "choices": choices,
        "q": words,
        "is_long": more or bool(words) or request.args.get("q") is not None,
    }
