"""Names of files as senders write them: no folders, nothing that hides or reorders, never empty."""

from portal.channels.mail.engine.headers import decode_words
from portal.kernel.text import clean_line

_ENDINGS = {
    "text/calendar": "ics",
    "text/html": "html",
    "text/plain": "txt",
    "message/rfc822": "eml",
    "application/pdf": "pdf",
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/gif": "gif",
}


def clean_filename(name: str, media_type: str) -> str:
    """*name* without folders and deceiving characters, at most 150 characters; made from the type if nothing is
    left."""
    base = clean_line(decode_words(name).replace("\\", "/").rpartition("/")[2]).strip(". ")
    base = "".join(letter for letter in base if letter not in '<>:"|?*')
    stem, dot, ending = base.rpartition(".")
    if dot and stem and len(ending) <= 12:
        return f"{stem[:137]}.{ending}"
    if base:
        return base[:150]
    return f"file.{_ENDINGS.get(media_type, 'bin')}"
