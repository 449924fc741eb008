"""Limits of uploads, and which of them are pictures. `cases.policies` determines who sees a file."""

from flask_babel import gettext as _

from portal.kernel.errors import Refused

FILES_AT_ONCE = 10
# Pictures that browsers show and that get a thumbnail. SVG can hold scripts, so it is a plain file.
PICTURE_TYPES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
# What phones make of a photo. Few browsers show it, so it is downloaded; its thumbnail shows what it is.
PHONE_PICTURE = "image/heic"
# The brands of such a file, in its bytes 8 to 12 behind `ftyp`.
PHONE_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"mif1"})
# Programs that a mail client or desktop would run on a click.
BLOCKED = frozenset(
    [
        "exe",
        "bat",
        "cmd",
        "com",
        "scr",
        "pif",
        "msi",
        "msp",
        "vbs",
        "vbe",
        "js",
        "jse",
        "wsf",
        "wsh",
        "ps1",
        "psm1",
        "jar",
        "hta",
        "cpl",
        "lnk",
        "reg",
        "dll",
        "sys",
        "app",
        "dmg",
        "apk",
    ]
)


def check_name(filename: str) -> None:
    """Raise Refused for a type of file that is not accepted."""
    if filename.rpartition(".")[2].casefold() in BLOCKED:
        raise Refused(
            _("%(name)s cannot be accepted. Put it in a password-free ZIP or send a link", name=filename), "attachments"
        )


def check_count(count: int) -> None:
    """Raise Refused for too many files in one form."""
    if count > FILES_AT_ONCE:
        raise Refused(
            _("You can attach %(limit)d files; remove %(over)d", limit=FILES_AT_ONCE, over=count - FILES_AT_ONCE),
            "attachments",
        )
