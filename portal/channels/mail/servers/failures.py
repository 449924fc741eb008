"""Why a mail server could not be used, as codes; `labels` has the sentence of each."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager

from portal.kernel import outward

# Trying again does not help until somebody has changed something.
LASTING = frozenset({"password", "secret", "address", "internal_host", "consent"})
_WORDS = 300


class MailServerFailure(Exception):
    """*code* names the reason; *words* are what the server said, or the error's own."""

    def __init__(self, code: str, words: str = "") -> None:
        super().__init__(f"{code}: {words}")
        self.code = code
        self.words = "".join(c if c.isprintable() else " " for c in words)[:_WORDS].strip()


@contextmanager
def naming_network_failures() -> Iterator[None]:
    """Raise MailServerFailure for what keeps the block from reaching a server."""
    try:
        yield
    except outward.UnknownHost as problem:
        raise MailServerFailure("unknown_host", str(problem)) from problem
    except outward.InternalHost as problem:
        raise MailServerFailure("internal_host", str(problem)) from problem
    except ssl.SSLCertVerificationError as problem:
        raise MailServerFailure("certificate", problem.verify_message) from problem
    except ssl.SSLError as problem:
        raise MailServerFailure("tls", problem.reason or str(problem)) from problem
    except TimeoutError as problem:
        raise MailServerFailure("timeout", str(problem)) from problem
    except OSError as problem:
        raise MailServerFailure("unreachable", problem.strerror or str(problem)) from problem
