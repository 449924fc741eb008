"""What a way to sign in may be called, and where its identity provider is."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from portal.config import FORMS, Config
from portal.sso.engine.kinds import ANY_DIRECTORY, GOOGLE, MICROSOFT, TENANT, is_directory
from portal.sso.models import SignInWay

# Roles that newcomers may get by themselves: nobody becomes an administrator by arriving.
ARRIVAL_ROLES = ("requester", "member", "coordinator")
_NAME = re.compile(r"[a-z][a-z0-9-]{1,38}[a-z0-9]")
# Methods of sessions, and words of the addresses of signing in.
_WORDS = """
password link link-request invitation reset factor factors passkey passkeys verify code recovery
with callback logout new test add domains sign-in sign-up sign-out email sso scim saml magic totp
"""
_RESERVED = frozenset(_WORDS.split())


@dataclass(frozen=True, slots=True)
class Issuers:
    """The issuers of the installation; that of Microsoft has the place `{tenant}`."""

    google: str
    microsoft: str

    @classmethod
    def of(cls, config: Config) -> "Issuers":
        """The settings that *config* states."""
        return cls(config.google_issuer.rstrip("/"), config.microsoft_issuer.rstrip("/"))

    def issuer_of(self, way: SignInWay) -> str:
        """The issuer of *way*, of Microsoft with the place `{tenant}`."""
        return way.issuer or {GOOGLE: self.google, MICROSOFT: self.microsoft}.get(way.kind, "")

    def find_directory(self, issuer: str) -> str:
        """The directory of Microsoft that *issuer* names; '' where it is none of Microsoft."""
        before, place, after = self.microsoft.partition(TENANT)
        if not place or not issuer.startswith(before) or not issuer.endswith(after):
            return ""
        found = issuer[len(before) : len(issuer) - len(after)].lower()
        return found if is_directory(found) else ""


def is_way_name(name: str) -> bool:
    """Whether a way to sign in may be called *name* in its addresses."""
    return bool(_NAME.fullmatch(name)) and name not in _RESERVED


def choose_directory(directories: Sequence[str]) -> str:
    """Where Microsoft is asked about people of *directories*: at the one, or at all of them."""
    return directories[0] if len(directories) == 1 else ANY_DIRECTORY


def is_service_address(url: str) -> bool:
    """Whether *url* may be an issuer: https, or http on this machine, where nobody listens."""
    return len(url) <= 500 and re.fullmatch(FORMS["google_issuer"][0], url) is not None


def list_origins(rows: Sequence[SignInWay], issuers: Issuers) -> list[str]:
    """Where forms that lead to *rows* may end: the origins of their identity providers."""
    found = []
    for row in rows:
        parts = urlsplit(issuers.issuer_of(row))
        found += [row.authorize_origin, f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""]
    return list(dict.fromkeys(filter(None, found)))
