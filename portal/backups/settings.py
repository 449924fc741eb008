"""What a backup says about the settings: their names, values that are no secret, and a fingerprint of the key."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from typing import Annotated

from pydantic import StringConstraints

from portal.config import SECRET, Config

Hexadecimal = Annotated[str, StringConstraints(pattern=r"^([0-9a-f]{2})+$")]


@dataclass(frozen=True)
class KeyFingerprint:
    """A salted, slow digest of SECRET_KEY, from which the key cannot be found; both in hexadecimal."""

    salt: Hexadecimal
    digest: Hexadecimal


def describe_settings(config: Config) -> dict[str, str | None]:
    """The settings that differ from their defaults, by the name of their variable; None in place of a secret."""
    changed = {
        name: getattr(config, name)
        for name, field in type(config).model_fields.items()
        if getattr(config, name) != field.default
    }
    return {name.upper(): None if name in SECRET else str(value) for name, value in changed.items()}


def fingerprint(key: str, salt: str = "") -> KeyFingerprint:
    """The fingerprint of *key*, with a new salt if none is given."""
    salt = salt or secrets.token_hex(16)
    digest = hashlib.scrypt(key.encode(), salt=bytes.fromhex(salt), n=2**14, r=8, p=1, dklen=32)
    return KeyFingerprint(salt, digest.hex())


def is_key_of(key: str, known: KeyFingerprint) -> bool:
    """Whether *known* is the fingerprint of *key*."""
    return hmac.compare_digest(fingerprint(key, known.salt).digest, known.digest)
