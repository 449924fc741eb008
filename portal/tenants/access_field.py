"""The field in which a person's access is given by hand."""

from collections.abc import Sequence

from portal.authz.roles import ContactRole
from portal.tenants.models import AccessSource, Account, Contact
from portal.tenants.queries.contacts import access_choices
from portal.web.current import ctx
from portal.web.pairs_field import PairsField
from portal.web.role_labels import role_choices


def offer_access(
    field: PairsField, accounts: Sequence[Account], contact: Contact | None = None
) -> list[tuple[str, str]]:
    """Let *field* offer places in *accounts* (nobody gives access that they do not have) with what *contact* already
    holds, and return them. Where a group of the identity provider gives them access, none must be given by hand."""
    field.left_choices = places = access_choices(ctx(), accounts, contact)
    field.right_choices = role_choices(ContactRole)
    if contact is not None and any(row.source == AccessSource.GROUP for row in contact.access):
        field.validators = ()
    return places
