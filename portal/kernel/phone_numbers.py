"""Phone numbers: what people write becomes E.164, and E.164 is shown as people read it."""

from functools import lru_cache

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat

# A written number is never longer; the library refuses more than 250 characters itself.
LONGEST = 50


def parse_number(written: str, region: str = "") -> str | None:
    """*written* as E.164 ("+48221002030"); None for what cannot be dialed. Without the country's code it is a number of
    *region* (ISO code); without a region such a number is refused."""
    if len(written) > LONGEST:
        return None
    typed = written.strip()
    typed = f"+{typed[2:]}" if typed.startswith("00") else typed
    try:
        found = phonenumbers.parse(typed, region or None)
    except NumberParseException:
        return None
    if not phonenumbers.is_possible_number(found) or found.extension:
        return None
    return str(phonenumbers.format_number(found, PhoneNumberFormat.E164))


def is_hotline(number: str) -> bool:
    """Whether *number* (E.164) exists in its country's numbering plan, as a number of the provider must."""
    return bool(phonenumbers.is_valid_number(phonenumbers.parse(number, None)))


@lru_cache(maxsize=4096)
def show_number(number: str) -> str:
    """ "+48 22 100 20 30" for "+48221002030"; any other text as it is."""
    try:
        return str(phonenumbers.format_number(phonenumbers.parse(number, None), PhoneNumberFormat.INTERNATIONAL))
    except NumberParseException:
        return number


def region_of(number: str) -> str:
    """The ISO code of the country of *number* (E.164); '' if it belongs to none."""
    try:
        return phonenumbers.region_code_for_number(phonenumbers.parse(number, None)) or ""
    except NumberParseException:
        return ""


def dialed_digits(written: str) -> str:
    """The digits of an extension or a number that is dialed, so that both can be compared: "+48 22 100-20 31" is
    "48221002031", "0048…" as well."""
    digits = "".join(sign for sign in written if sign.isascii() and sign.isdigit())
    return digits[2:] if digits.startswith("00") else digits
