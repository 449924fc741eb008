"""Sentences about people and their addresses."""

from flask_babel import gettext as _

from portal.identity.actions import AddressFate
from portal.identity.devices import describe_device

__all__ = ["correction_sentence", "describe_device"]


def correction_sentence(fate: AddressFate, email: str) -> str:
    """What correcting somebody did."""
    if fate is AddressFate.ASKED:
        return _(
            "Saved. %(email)s got a link by email; the address changes once it is used. The old address was told.",
            email=email,
        )
    return _("Saved.")
