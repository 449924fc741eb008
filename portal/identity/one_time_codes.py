"""Codes that work once: those of an authenticator app (TOTP), recovery codes, and the key as a picture."""

import hmac
import secrets

import pyotp
import segno
from markupsafe import Markup

from portal.kernel import encryption, tokens
from portal.kernel.actor import Id

STEP_SECONDS = 30
# Phones are seldom further off than one step.
STEPS_AROUND = 1
CODES_IN_SET = 10
# Without letters and digits that look alike: 31 characters, so ten of them have 31^10 = 8 × 10^14 possibilities.
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
_LENGTH = 10


def new_secret() -> str:
    """A key for an authenticator app: 160 bits in base 32."""
    return pyotp.random_base32()


def encrypt_secret(secret: str, user_id: Id) -> str:
    """The key of the app of *user_id*, as it is stored."""
    return encryption.encrypt(secret, f"authenticator {user_id}")


def decrypt_secret(sealed: str, user_id: Id) -> str:
    """The key of the app of *user_id*. Raises encryption.Undecryptable."""
    return encryption.decrypt(sealed, f"authenticator {user_id}")


def find_step(secret: str, code: str, seconds: float, *, after: int = 0) -> int | None:
    """The step of 30 seconds, at most STEPS_AROUND from *seconds* (since 1970) and later than *after*, whose code is
    *code*; None if there is none. Every step is compared, so that the time tells nothing."""
    app, now = pyotp.TOTP(secret), int(seconds) // STEP_SECONDS
    found = None
    for step in range(now - STEPS_AROUND, now + STEPS_AROUND + 1):
        if hmac.compare_digest(app.generate_otp(step).encode(), code.encode("utf-8", "replace")) and step > after:
            found = step
    return found


def key_address(secret: str, *, account: str, issuer: str) -> str:
    """The `otpauth:` address that an authenticator app reads."""
    return pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=issuer)


def draw_qr_code(text: str) -> Markup:
    """*text* as an SVG element to put into a page: dark on white in every theme, because cameras need it so."""
    picture = segno.make(text, error="m", micro=False)
    # Black and white squares only: nothing of *text* stands in it.
    return Markup(picture.svg_inline(border=2, dark="#000", light="#fff", omitsize=True))  # noqa: S704


def spell_key(secret: str) -> str:
    """*secret* in groups of four letters, to be typed from the screen."""
    return " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))


def new_recovery_codes() -> list[str]:
    """A set of recovery codes, as they are shown."""
    codes = ["".join(secrets.choice(_ALPHABET) for _letter in range(_LENGTH)) for _code in range(CODES_IN_SET)]
    return [f"{code[:5]}-{code[5:]}" for code in codes]


def clean_code(typed: str) -> str:
    """*typed* without the blanks and dashes that people put into codes, in lower case."""
    return "".join(letter for letter in typed.casefold() if letter.isalnum())[:40]


def hash_recovery_code(code: str, user_id: Id) -> bytes:
    """How the recovery code *code* of *user_id* is stored."""
    key = tokens.signing_key("recovery codes")
    return hmac.digest(key, f"{user_id} {clean_code(code)}".encode("utf-8", "replace"), "sha256")
