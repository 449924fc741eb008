"""Encryption of what must be read again, such as the password of a mailbox, with a key that is derived from SECRET_KEY.

Each text is bound to what it belongs to (*purpose*): copied to another row it cannot be read. With another SECRET_KEY
nothing can be read, so that a copy of the database alone contains no password.
"""

import base64
import hashlib
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

# The form of what is stored; another form would get another mark.
_MARK = "1:"
_NONCE = 12
_key = hashlib.sha256(b"").digest()


class Undecryptable(Exception):
    """The text was encrypted with another SECRET_KEY, for something else, or is damaged."""


def configure_encryption_key(secret_key: str) -> None:
    """Derive the key from the application's secret, once, at start."""
    global _key
    _key = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=b"parley encryption").derive(secret_key.encode())


def encrypt(text: str, purpose: str) -> str:
    """*text* encrypted (AES-256-GCM) and bound to *purpose*, as printable characters."""
    nonce = os.urandom(_NONCE)
    sealed = AESGCM(_key).encrypt(nonce, text.encode(), purpose.encode())
    return _MARK + base64.urlsafe_b64encode(nonce + sealed).decode()


def decrypt(sealed: str, purpose: str) -> str:
    """The text of `encrypt`. Raises Undecryptable."""
    try:
        raw = base64.urlsafe_b64decode(sealed.removeprefix(_MARK).encode())
        return AESGCM(_key).decrypt(raw[:_NONCE], raw[_NONCE:], purpose.encode()).decode()
    except (InvalidTag, ValueError) as problem:
        raise Undecryptable from problem
