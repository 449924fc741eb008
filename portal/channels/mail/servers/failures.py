"""Why a mail server could not be used, as codes; `labels` has the sentence of each."""

import datetime as dt
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager

from portal.kernel import outward

# Trying again does not help until somebody has changed something.
LASTING = frozenset({"password", "secret", "address", "internal_host", "consent", "no_consent", "client", "access"})
# Nothing but a new permission helps, and the service has said so: the mailbox is paused at once.
CONSENT_ENDED = frozenset({"consent", "no_consent"})
_WORDS = 300
_TOKEN = re.compile(r"[A-Za-z0-9._~+/=-]{40,}")


class MailServerFailure(Exception):
    """*code* names the reason; *words* are what the server said, or the error's own. *retry_after*: how long the server
    wants to be left alone. `about_mail`: it came while a mail was handed over, and may be about this mail alone."""

    about_mail = False

    def __init__(self, code: str, words: str = "", *, retry_after: dt.timedelta | None = None) -> None:
        printable = "".join(c if c.isprintable() else " " for c in words)
        # A server may repeat what it was sent: whatever looks like a token is left out.
        self.words = _TOKEN.sub("…", printable)[:_WORDS].strip()
        super().__init__(f"{code}: {self.words}")
        self.code = code
        self.retry_after = retry_after

    def leave_out(self, secret: str) -> None:
        """Remove *secret* from the words."""
        if secret and secret in self.words:
            self.words = self.words.replace(secret, "…")
            self.args = (f"{self.code}: {self.words}",)


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
