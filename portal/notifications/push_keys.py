"""The keys with which a provider proves to push services who pushes (VAPID, RFC 8292).

They are derived from SECRET_KEY, so that there is nothing to store; one pair for each provider, so that a push service
cannot tell that two belong together."""

import base64
from dataclasses import dataclass
from functools import lru_cache

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

# The order of the curve P-256.
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


@dataclass(frozen=True, slots=True)
class PushKeys:
    """A pair as PEM, and its public part as browsers want it (`applicationServerKey`)."""

    private_pem: bytes
    public_pem: bytes
    public_key: str


@lru_cache(maxsize=256)
def derive_push_keys(secret_key: str, provider_id: str) -> PushKeys:
    """The pair of the provider with this id. With another SECRET_KEY it is another one, and devices must be added
    again."""
    info = f"parley push {provider_id}".encode()
    # 48 bytes, so that no number below the order is noticeably more likely than another.
    drawn = HKDF(algorithm=hashes.SHA256(), length=48, salt=None, info=info).derive(secret_key.encode())
    key = ec.derive_private_key(int.from_bytes(drawn) % (_ORDER - 1) + 1, ec.SECP256R1())
    encoding, shape = serialization.Encoding, serialization.PublicFormat
    point = key.public_key().public_bytes(encoding.X962, shape.UncompressedPoint)
    return PushKeys(
        key.private_bytes(encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()),
        key.public_key().public_bytes(encoding.PEM, shape.SubjectPublicKeyInfo),
        base64.urlsafe_b64encode(point).rstrip(b"=").decode(),
    )
