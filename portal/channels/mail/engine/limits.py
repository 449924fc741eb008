"""The limits within which a message is read. What is above them is cut or refused, never waited for."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes in bytes, text in characters."""

    # A larger message is refused before it is read.
    message_bytes: int = 25 * 1_048_576
    # The header block of the message. What lies behind is not read.
    header_bytes: int = 262_144
    header_length: int = 4_000
    # Parts and nested boundaries of the whole message. Above them only the headers are read.
    parts: int = 1_000
    boundaries: int = 100
    attachments: int = 100
    addresses: int = 200
    references: int = 100
    # The text of one message, and the HTML that text is made of.
    text_length: int = 200_000
    html_length: int = 2_000_000
    # A winmail.dat or .msg above this size stays a file; so do those of a message beyond the first ones.
    outlook_bytes: int = 25 * 1_048_576
    winmails: int = 2


LIMITS = Limits()
