"""People to choose a contact from, as choices of a form."""

from collections.abc import Sequence

from portal.identity.models import User
from portal.identity.queries import sign_ins
from portal.kernel.context import Context
from portal.tenants.labels import contact_label
from portal.tenants.models import Contact


def contact_options(context: Context, people: Sequence[tuple[Contact, User]]) -> list[tuple[str, str]]:
    """(id of the contact, label) for each of *people*; the label marks who cannot sign in."""
    found = sign_ins(context, [user.id for _contact, user in people]) if people else {}
    return [(str(contact.id), contact_label(user.name, found[user.id].state)) for contact, user in people]
