"""What identity asks of later features about signing in: which ways there are besides the password, and whether a
method is closed to somebody."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from portal.kernel.context import Context


@dataclass(frozen=True, slots=True)
class SignInButton:
    """A button on the page of sign-in: where its form leads, and where it may be led on to."""

    name: str
    label: str
    kind: str
    origins: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class SignInWays:
    """Functions of the feature of single sign-on."""

    # The buttons for everybody.
    list_buttons: Callable[[Context], Sequence[SignInButton]]
    # The name of the way of the organization to which the domain of an address belongs, and whether it is required;
    # None where there is none. It depends on the domain only.
    find_way: Callable[[Context, str], tuple[str, bool] | None]
    # A sentence where *method* ('password', 'link', …) is closed to a person, else ''.
    closed_sentence: Callable[[Context, Any, str], str]


_ways: SignInWays | None = None


def register_sign_in_ways(ways: SignInWays | None) -> None:
    """Use *ways*; None: there are only passwords and links."""
    global _ways
    _ways = ways


def list_sign_in_buttons(ctx: Context) -> Sequence[SignInButton]:
    """The ways to sign in that are offered to everybody."""
    return _ways.list_buttons(ctx) if _ways else ()


def find_sign_in_way(ctx: Context, email: str) -> tuple[str, bool] | None:
    """The way of the organization to which the domain of *email* belongs, and whether it is required."""
    return _ways.find_way(ctx, email) if _ways else None


def closed_method_sentence(ctx: Context, person: Any, method: str) -> str:
    """Why *person* may not sign in by *method*, or ''."""
    return _ways.closed_sentence(ctx, person, method) if _ways else ""
