"""What identity asks of later features about registration: whether it is offered, and what an address may."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from portal.kernel.context import Context

# From closed to open. INVITED: nobody without an invitation. CONTACTS: listed people may ask for a link. APPROVAL:
# people of the organization's domains wait for a decision. AUTOMATIC: they get access at once. ANYONE: everybody may
# register, and waits for a decision of the provider.
INVITED, CONTACTS, APPROVAL, AUTOMATIC, ANYONE = MODES = ("invited", "contacts", "approval", "automatic", "anyone")
# The modes in which somebody who is not listed may register.
OPEN_TO_STRANGERS = frozenset({APPROVAL, AUTOMATIC, ANYONE})


@dataclass(frozen=True, slots=True)
class RegistrationRules:
    """Functions of the feature of registrations."""

    # Whether the page where people register is there at all. It depends on no address.
    is_offered: Callable[[Context], bool]
    # One of MODES for an address, and for the person who holds it (None: nobody here).
    find_mode: Callable[[Context, str, Any], str]


_rules: RegistrationRules | None = None


def register_registration_rules(rules: RegistrationRules | None) -> None:
    """Use *rules*; None: only the provider's own setting counts."""
    global _rules
    _rules = rules


def is_registration_offered(ctx: Context) -> bool:
    """Whether people may ask for an account at all."""
    offered: bool = _rules.is_offered(ctx) if _rules else ctx.provider.registration != INVITED
    return offered


def find_registration_mode(ctx: Context, email: str, person: Any = None) -> str:
    """One of MODES: what *email* may, which *person* holds (None: nobody here). The caller acts as the system."""
    mode: str = _rules.find_mode(ctx, email, person) if _rules else ctx.provider.registration
    return mode
