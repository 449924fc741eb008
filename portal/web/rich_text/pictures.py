"""A text with pictures of its own: lines that name one show it (`kernel.picture_lines`), everything else is drawn by
`rich_text`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from flask_babel import gettext as _
from markupsafe import Markup

from portal.kernel.picture_lines import PictureLine, picture_key, read_picture_line
from portal.web.read_only_view import link_attributes
from portal.web.rich_text import rich_text
from portal.web.rich_text.blocks import find_fences

_FIGURE = Markup(
    '<figure class="picture"><a{link}{marks}><img src="{url}" alt="{alt}" width="{width}" height="{height}"'
    ' loading="lazy" decoding="async"></a>{caption}</figure>'
)
_UNDRAWN = Markup('<p class="picture"><a{link}><bdi>{name}</bdi></a> <span class="muted">{why}</span></p>')


@dataclass(frozen=True, slots=True)
class TextPicture:
    """A picture that a text may show: its address, and its size on a page in CSS pixels (0 where it cannot be drawn).

    A smaller picture leads to the *original*, whose file has the *name*, and the *size* in words if browsers show it.
    """

    url: str
    width: int
    height: int
    original: str = ""
    name: str = ""
    size: str = ""


def draw_with_pictures(body: str, pictures: Mapping[str, TextPicture], *, whole: bool = True) -> Markup:
    """*body* as HTML with the pictures of *pictures* (by key) where a line names them. Lines in code are code. Unless
    *whole*, long texts between the pictures are folded."""
    if not pictures or "![" not in body:
        return rich_text(body, whole=whole)
    drawn: list[Markup] = []
    waiting: list[str] = []

    def draw_waiting() -> None:
        if any(line.strip() for line in waiting):
            drawn.append(rich_text("\n".join(waiting), whole=whole))
        waiting.clear()

    for line, named in read_picture_lines(body):
        if named is None or named.key not in pictures:
            waiting.append(line)
            continue
        draw_waiting()
        drawn.append(_draw_picture(named, pictures[named.key]))
    draw_waiting()
    return Markup().join(drawn)


def name_pictures(body: str, names: Mapping[str, str]) -> str:
    """*body* as text in which each line that stands for a picture of *names* (by key) says so with its name."""
    if not names or "![" not in body:
        return body
    return "\n".join(
        line if named is None or named.key not in names else _("[Picture: %(name)s]", name=names[named.key])
        for line, named in read_picture_lines(body)
    )


def read_picture_lines(body: str) -> Iterator[tuple[str, PictureLine | None]]:
    """Each line of *body* with what it says of a picture; None for any other line, and for lines in code."""
    lines = body.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    inside = {at for start, end in find_fences(lines).items() for at in range(start, end)}
    for at, line in enumerate(lines):
        yield line, None if at in inside else read_picture_line(line)


def _draw_picture(named: PictureLine, picture: TextPicture) -> Markup:
    # Articles are never drawn read-only; messages are, in the view of a customer.
    link = link_attributes(picture.original) if picture.original else Markup(' href="{}"').format(picture.url)
    if not picture.width:
        return _UNDRAWN.format(link=link, name=picture.name, why=_("has no preview"))
    # Words that only repeat the name of the file, as a pasted line does, are no caption.
    words = "" if picture.name and picture_key(named.words) == picture_key(picture.name) else named.words
    caption = Markup("<figcaption><bdi>{}</bdi></figcaption>").format(words) if words else ""
    marks = Markup(' data-picture="{}" data-size="{}"').format(picture.name, picture.size) if picture.size else ""
    alt = words or (_("Picture: %(name)s", name=picture.name) if picture.name else _("Picture"))
    return _FIGURE.format(
        link=link, marks=marks, url=picture.url, alt=alt, width=picture.width, height=picture.height, caption=caption
    )
