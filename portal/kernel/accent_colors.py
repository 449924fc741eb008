"""Colors with enough contrast, derived from a provider's accent color.

Pure arithmetic (ux.md 3.5) in OKLCH: the hue stays, lightness changes by hundredths until the contrast is enough, and
chroma is reduced only to what a screen can show. Focus, status, severity and danger are never branded.
"""

import hashlib
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

LIGHT_SHEET, LIGHT_CANVAS, DARK_SHEET = "#FFFFFF", "#F5F6F7", "#161A21"
LIGHT_GROUNDS = (LIGHT_SHEET, LIGHT_CANVAS, "#ECEEF1", "#FFF7D6")
DARK_GROUNDS = (DARK_SHEET, "#0E1116", "#1F252E", "#2B2712")
WHITE, LIGHT_INK, DARK_INK = "#FFFFFF", "#14181F", "#08121A"
TEXT, EDGE = 4.5, 3.0
STEP = 0.01
# The accent of a provider that chose none: that of static/css/1-base.css.
BUILT_IN = "#0c5a6b"
ACCENT = re.compile(r"#[0-9a-f]{6}\Z")


@dataclass(frozen=True, slots=True)
class ColorSet:
    """The colors of one theme: link, button with its text and border ('' without), hover, and tint."""

    link: str
    button: str
    on_button: str
    hover: str
    edge: str
    tint: str


@dataclass(frozen=True, slots=True)
class AccentColors:
    """The corrected colors of an accent."""

    light: ColorSet
    dark: ColorSet


@lru_cache(maxsize=256)
def derive_accent_colors(accent: str) -> AccentColors:
    """The theme of *accent*, a color such as #0c5a6b."""
    lightness, chroma, hue = to_oklch(accent)
    light_tint = from_oklch(0.955, min(chroma, 0.03), hue)
    dark_tint = from_oklch(0.30, min(chroma, 0.05), hue)
    return AccentColors(
        _light(accent.upper(), (lightness, chroma, hue), light_tint),
        _dark(accent.upper(), (lightness, chroma, hue), dark_tint),
    )


def _light(accent: str, color: tuple[float, float, float], tint: str) -> ColorSet:
    link = _move_lightness(accent, color, -STEP, lambda c: all(contrast(c, g) >= TEXT for g in (*LIGHT_GROUNDS, tint)))
    button, text = accent, WHITE if contrast(WHITE, accent) >= TEXT else LIGHT_INK
    if contrast(text, button) < TEXT:
        text = WHITE
        button = _move_lightness(accent, color, -STEP, lambda c: contrast(WHITE, c) >= TEXT)
    edge = ""
    if contrast(button, LIGHT_CANVAS) < EDGE:
        edge = _move_lightness(button, to_oklch(button), -STEP, lambda c: contrast(c, LIGHT_CANVAS) >= EDGE)
    return ColorSet(link, button, text, _hover(button, text), edge, tint)


def _dark(accent: str, color: tuple[float, float, float], tint: str) -> ColorSet:
    link = _move_lightness(accent, color, STEP, lambda c: all(contrast(c, g) >= TEXT for g in (*DARK_GROUNDS, tint)))

    def readable(c: str) -> bool:
        return contrast(c, DARK_SHEET) >= EDGE and max(contrast(WHITE, c), contrast(DARK_INK, c)) >= TEXT

    button = _move_lightness(accent, color, STEP, readable)
    text = WHITE if contrast(WHITE, button) >= TEXT else DARK_INK
    return ColorSet(link, button, text, _hover(button, text), "", tint)


def _hover(button: str, text: str) -> str:
    """The hover color: a little further from the text color, so that the contrast increases."""
    lightness, chroma, hue = to_oklch(button)
    return from_oklch(min(max(lightness + (-0.06 if text == WHITE else 0.06), 0.0), 1.0), chroma, hue)


def _move_lightness(start: str, color: tuple[float, float, float], step: float, fine: Callable[[str], bool]) -> str:
    """*start* if it is *fine*, else the first lightness in steps of *step* that is."""
    if fine(start):
        return start
    lightness, chroma, hue = color
    while 0.0 <= lightness <= 1.0:
        lightness += step
        candidate = from_oklch(min(max(lightness, 0.0), 1.0), chroma, hue)
        if fine(candidate):
            return candidate
    return WHITE if step > 0 else "#000000"


# -- the style sheet --------------------------------------------------------------------------------------------------


def build_stylesheet(accent: str) -> str:
    """The layer `theme` for *accent*."""
    theme = derive_accent_colors(accent)
    light, dark = theme.light, theme.dark

    def both(name: str) -> str:
        return f"light-dark({getattr(light, name) or 'transparent'}, {getattr(dark, name) or 'transparent'})"

    return (
        "@layer theme { :root { "
        f"--accent: {both('button')}; --accent-hover: {both('hover')}; --accent-edge: {both('edge')}; "
        f"--on-accent: {both('on_button')}; --accent-text: {both('link')}; --accent-tint: {both('tint')}; "
        "} }\n"
    )


@lru_cache(maxsize=256)
def stylesheet_path(accent: str) -> str:
    """The path of the style sheet. It contains a hash of the colors, so browsers may cache it for ever. '' without an
    accent."""
    if not ACCENT.match(accent):
        return ""
    return f"/theme/{accent.removeprefix('#')}-{hashlib.sha256(build_stylesheet(accent).encode()).hexdigest()[:10]}.css"


# -- color ------------------------------------------------------------------------------------------------------------


def contrast(one: str, other: str) -> float:
    """The contrast of two colors by WCAG 2, from 1 to 21."""
    first, second = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (first + 0.05) / (second + 0.05)


def _channels(color: str) -> tuple[float, float, float]:
    value = color.removeprefix("#")
    red, green, blue = (int(value[i : i + 2], 16) / 255 for i in (0, 2, 4))
    return red, green, blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)


def _gamma(channel: float) -> float:
    return channel * 12.92 if channel <= 0.0031308 else float(1.055 * channel ** (1 / 2.4) - 0.055)


def _luminance(color: str) -> float:
    red, green, blue = (_linear(channel) for channel in _channels(color))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def to_oklch(color: str) -> tuple[float, float, float]:
    """Lightness 0 to 1, chroma, hue in radians (Björn Ottosson's Oklab)."""
    red, green, blue = (_linear(channel) for channel in _channels(color))
    long = math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    middle = math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    lightness = 0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short
    a = 1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short
    b = 0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short
    return lightness, math.hypot(a, b), math.atan2(b, a)


def from_oklch(lightness: float, chroma: float, hue: float) -> str:
    """The nearest color that a screen can show: as much of *chroma* as fits."""
    low, high = 0.0, chroma
    if not _fits(_rgb(lightness, chroma, hue)):
        for _round in range(20):
            middle = (low + high) / 2
            low, high = (middle, high) if _fits(_rgb(lightness, middle, hue)) else (low, middle)
        chroma = low
    channels = (round(min(max(_gamma(max(c, 0.0)), 0.0), 1.0) * 255) for c in _rgb(lightness, chroma, hue))
    return "#" + "".join(f"{channel:02X}" for channel in channels)


def _fits(rgb: tuple[float, float, float]) -> bool:
    return all(-0.0005 <= channel <= 1.0005 for channel in rgb)


def _rgb(lightness: float, chroma: float, hue: float) -> tuple[float, float, float]:
    a, b = chroma * math.cos(hue), chroma * math.sin(hue)
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short,
    )
