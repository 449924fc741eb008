"""A text with pictures of its own: lines that name one show it (`kernel.picture_lines`), everything else is drawn by
`rich_text`."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import gettext as _
from markupsafe import Markup

from portal.kernel.picture_lines import PictureLine, read_picture_line
from portal.web.rich_text import rich_text
from portal.web.rich_text.blocks import find_fences

_FIGURE = Markup(
    '<figure class="picture"><a href="{url}"><img src="{url}" alt="{alt}" width="{width}" height="{height}"'
    ' loading="lazy" decoding="async"></a>{caption}</figure>'
)


@dataclass(frozen=True, slots=True)
class TextPicture:
    """A picture that a text may show: its address, and its size on a page in CSS pixels."""

    url: str
    width: int
    height: int


def draw_with_pictures(body: str, pictures: Mapping[str, TextPicture]) -> Markup:
    """*body* as HTML, whole, with the pictures of *pictures* (by key) where a line names them. Lines in code are
    code."""
    if not pictures or "![" not in body:
        return rich_text(body, whole=True)
    lines = body.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    inside = {at for start, end in find_fences(lines).items() for at in range(start, end)}
    drawn: list[Markup] = []
    waiting: list[str] = []

    def draw_waiting() -> None:
        if any(line.strip() for line in waiting):
            drawn.append(rich_text("\n".join(waiting), whole=True))
        waiting.clear()

    for at, line in enumerate(lines):
        named = None if at in inside else read_picture_line(line)
        if named is None or named.key not in pictures:
            waiting.append(line)
            continue
        draw_waiting()
        drawn.append(_draw_figure(named, pictures[named.key]))
    draw_waiting()
    return Markup().join(drawn)


def _draw_figure(named: PictureLine, picture: TextPicture) -> Markup:
    caption = Markup("<figcaption><bdi>{}</bdi></figcaption>").format(named.words) if named.words else ""
    alt = named.words or _("Picture")
    return _FIGURE.format(url=picture.url, alt=alt, width=picture.width, height=picture.height, caption=caption)
