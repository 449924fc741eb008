"""The address of a mail server as a URL: `imaps://user@host:993/INBOX`, `imap://…`, `smtp://…`, `smtps://…`."""

import ipaddress
import re
from dataclasses import dataclass, field
from urllib.parse import quote, unquote, urlsplit

# Scheme → (the port without one, whether the connection begins with TLS).
SCHEMES = {"imaps": (993, True), "imap": (143, False), "smtps": (465, True), "smtp": (587, False)}
_HOST = re.compile(r"[a-z0-9_]([a-z0-9._-]{0,251}[a-z0-9_])?")


@dataclass(frozen=True, slots=True)
class ServerAddress:
    """Where a mail server answers, who signs in, and for IMAP the folder that is read. It holds no password."""

    scheme: str
    host: str
    port: int
    user: str = ""
    folder: str = "INBOX"

    @property
    def begins_with_tls(self) -> bool:
        """Whether the connection begins with TLS; otherwise it is asked for (STARTTLS)."""
        return SCHEMES[self.scheme][1]

    @property
    def url(self) -> str:
        """The address as text, from which `parse_server_url` reads it again."""
        user = f"{quote(self.user, safe='')}@" if self.user else ""
        host = f"[{self.host}]" if ":" in self.host else self.host
        path = f"/{quote(self.folder)}" if self.scheme.startswith("imap") else ""
        return f"{self.scheme}://{user}{host}:{self.port}{path}"


@dataclass(frozen=True, slots=True)
class Server:
    """An address and the password of its user; '' keeps the password that is stored."""

    address: ServerAddress
    password: str = field(default="", repr=False)


def clean_host(host: str) -> str:
    """*host*, a name or an IP address, in ASCII. Raises ValueError for anything else."""
    try:
        return str(ipaddress.ip_address(host.strip("[]")))
    except ValueError:
        name = host.encode("idna").decode("ascii").lower()
        if not _HOST.fullmatch(name):
            raise ValueError("not a host") from None
        return name


def parse_server_url(url: str, kind: str) -> tuple[ServerAddress, str]:
    """(address, password) of *url*, whose scheme begins with *kind* ('imap' or 'smtp'). Raises ValueError."""
    parts = urlsplit(url.strip())
    scheme = parts.scheme.lower()
    if scheme not in SCHEMES or not scheme.startswith(kind) or not parts.hostname:
        raise ValueError(f"not the address of a server: {kind}")
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    folder = unquote(parts.path.strip("/")) or "INBOX"
    if any(_has_controls(text) for text in (user, password, folder)):
        raise ValueError("control characters")
    port = parts.port or SCHEMES[scheme][0]
    return ServerAddress(scheme, clean_host(parts.hostname), port, user, folder), password


def is_readable(address: ServerAddress) -> bool:
    """Whether `parse_server_url` reads *address* back from its text."""
    try:
        parse_server_url(address.url, "imap" if address.scheme.startswith("imap") else "smtp")
    except ValueError:
        return False
    return True


def _has_controls(text: str) -> bool:
    return any(ord(character) < 32 or ord(character) == 127 for character in text)
