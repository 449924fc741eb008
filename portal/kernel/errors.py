"""The errors of Parley. A PortalError has a sentence for a person; `web.errors` makes a page of it. A RuleProblem of a
pure rule has a code; its feature makes a sentence of it.
"""

from collections.abc import Iterable
from enum import StrEnum


class PortalError(Exception):
    """Base: *message* is a whole sentence for the person, already translated where it was raised."""

    status = 400

    def __init__(self, message: str = "") -> None:
        super().__init__(message)
        self.message = message


class NotFound(PortalError):
    """The object is missing or not visible to the actor: both look the same (DESIGN 2.7)."""

    status = 404


class Forbidden(PortalError):
    """The actor sees the object but may not do this; *who_may* names the roles that could."""

    status = 403

    def __init__(self, message: str = "", who_may: Iterable[str] = ()) -> None:
        super().__init__(message)
        self.who_may = tuple(who_may)


class Conflict(PortalError):
    """Somebody else changed the object first, or its state does not allow the verb."""

    status = 409


class Refused(PortalError):
    """The input cannot be accepted; *field* names the form field that should say so."""

    status = 422

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.field = field


class Gone(PortalError):
    """A link that was used or is too old."""

    status = 410


class TooMany(PortalError):
    """Too many tries; *wait* is the number of seconds until the next one is accepted."""

    status = 429

    def __init__(self, message: str, wait: int) -> None:
        super().__init__(message)
        self.wait = wait


class RuleProblem(ValueError):
    """The error of a rule in the `engine` of a feature, without a sentence.

    *code* names the reason and is the same in every language; *field* is the part of the data that should say so.
    *written* is the text that was not understood, *limit* the number that was exceeded; both where the reason has one.
    The module `refusals` of the feature has the sentence of each code.
    """

    def __init__(self, code: StrEnum, field: str = "", *, written: str = "", limit: int = 0) -> None:
        super().__init__(code.value)
        self.code = code
        self.field = field
        self.written = written
        self.limit = limit
