"""Draws the icon of a provider's app: the first letter of its name on its accent."""

import hashlib
import io
from functools import lru_cache

from PIL import Image, ImageDraw, ImageFont

from portal.kernel.accent_colors import derive_accent_colors

# What phones and computers ask for; 180 is the one of iPhones.
SIZES = (180, 192, 512)
# Letters that the font of Pillow draws; for any other the icon is a speech bubble, as in static/favicon.svg.
_DRAWN = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
# Changes with the drawing, so that what a browser keeps of an older one is left.
_DRAWING = "1"


def icon_version(name: str, accent: str) -> str:
    """A word for addresses that changes with the icon."""
    return hashlib.sha256(f"{_DRAWING} {_letter(name)} {accent}".encode()).hexdigest()[:10]


def icon_path(name: str, accent: str, size: int) -> str:
    """The address of the icon in one of SIZES."""
    return f"/app-icon/{size}-{icon_version(name, accent)}.png"


@lru_cache(maxsize=64)
def draw_icon(name: str, accent: str, size: int) -> bytes:
    """The icon of *size* pixels as PNG. It fills its square, with its sign inside the circle that phones may cut out
    (`maskable`)."""
    colors = derive_accent_colors(accent).light
    image = Image.new("RGB", (size, size), colors.button)
    draw = ImageDraw.Draw(image)
    letter = _letter(name)
    if letter:
        font = ImageFont.load_default(size * 0.5)
        draw.text((size / 2, size / 2), letter, colors.on_button, font, anchor="mm")
    else:
        _draw_bubble(draw, size, colors.on_button)
    content = io.BytesIO()
    image.save(content, "PNG", optimize=True)
    return content.getvalue()


def _letter(name: str) -> str:
    first = name.strip()[:1].upper()
    return first if first in _DRAWN else ""


def _draw_bubble(draw: ImageDraw.ImageDraw, size: int, ink: str) -> None:
    points = [
        (x * size / 32, y * size / 32) for x, y in ((9, 10), (23, 10), (23, 20), (15, 20), (11, 24), (11, 20), (9, 20))
    ]
    draw.line([*points, points[0], points[1]], ink, max(2, size // 14), "curve")
