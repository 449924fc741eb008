"""The appearance of a provider's portal: accent and logo."""

import hashlib
import re
from typing import IO, Protocol

from flask_babel import gettext as _

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.kernel.context import Context
from portal.kernel.errors import Refused
from portal.kernel.events import record
from portal.kernel.storage import storage
from portal.kernel.text import clean_line
from portal.tenants.models import Provider

LARGEST_LOGO = 200 * 1024


_ACCENT = re.compile(r"#?([0-9a-f]{6}|[0-9a-f]{3})\Z")


# The first bytes of image files, and the media types they are served with.
_IMAGES = ((b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg"))


# An SVG is a document: what could act or load in it is refused, and it is served in a sandbox all the same.
_ACTIVE_CONTENT = re.compile(
    r"<!doctype|<!entity|<script|<foreignobject|\son\w+\s*=|javascript:|href\s*=\s*[\"']?\s*(?!#)", re.I
)


class LogoUpload(Protocol):
    """An uploaded file of the web server."""

    filename: str | None
    stream: IO[bytes]


def clean_accent(value: str) -> str:
    """*value* as `#rrggbb` in lower case; '' stays ''. Raises Refused for anything else."""
    typed = clean_line(value).strip().lower()
    if not typed:
        return ""
    found = _ACCENT.match(typed)
    if not found:
        raise Refused(_("Write the color like #0c5a6b"), "accent")
    digits = found[1]
    return "#" + (digits if len(digits) == 6 else "".join(2 * digit for digit in digits))


def set_logo(ctx: Context, provider: Provider, upload: LogoUpload) -> None:
    """Show this image in the header; records `provider.logo_set`. Raises Refused for anything but a small PNG, JPEG or
    SVG without scripts."""
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    content = upload.stream.read(LARGEST_LOGO + 1)
    if not content:
        raise Refused(_("That file is empty"), "logo")
    if len(content) > LARGEST_LOGO:
        raise Refused(_("Choose an image of at most 200 kB"), "logo")
    kind = _kind_of(content)
    name = f"logo-{provider.id.hex}-{hashlib.sha256(content).hexdigest()[:20]}"
    storage().write(name, [content])
    provider.logo_file, provider.logo_type = name, kind
    provider.version += 1
    ctx.session.flush()
    record(ctx, "provider.logo_set", provider, kind=kind)


def remove_logo(ctx: Context, provider: Provider) -> None:
    """Remove the logo, so that the monogram is shown; records `provider.logo_removed`. The file stays, because an open
    page may still load it."""
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    if not provider.logo_file:
        return
    provider.logo_file = provider.logo_type = ""
    provider.version += 1
    ctx.session.flush()
    record(ctx, "provider.logo_removed", provider)


def _kind_of(content: bytes) -> str:
    for beginning, kind in _IMAGES:
        if content.startswith(beginning):
            return kind
    try:
        drawing = content.decode("utf-8")
    except UnicodeDecodeError:
        drawing = ""
    if "<svg" in drawing[:2000].lower():
        if _ACTIVE_CONTENT.search(drawing):
            raise Refused(_("That drawing loads or runs something. Save it as a plain SVG, or as PNG"), "logo")
        return "image/svg+xml"
    raise Refused(_("Choose a PNG, JPEG or SVG image"), "logo")
