"""The pictures of a message where its text names them: `![words](file)` on a line of its own shows that file.

Only files of the same message count, and only those that its reader was given with it. A name is looked up among them;
an address never is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from markupsafe import Markup
from sqlalchemy import inspect

from portal.attachments.models import Attachment
from portal.attachments.policies import PHONE_PICTURE, PICTURE_TYPES
from portal.cases.models import Message
from portal.kernel.picture_lines import keys_of_names
from portal.web.rich_text import rich_text
from portal.web.rich_text.mentions import mark_mentions
from portal.web.rich_text.pictures import TextPicture, draw_with_pictures, name_pictures, read_picture_lines
from portal.web.template_globals import file_size


@dataclass(frozen=True, slots=True)
class DrawnText:
    """The text of a message as HTML, and those of its files that do not stand in it."""

    html: Markup
    files: Sequence[Attachment]


def draw_message(
    body: str, files: Sequence[Attachment], base: str, whole: bool = False, mentions: Sequence[tuple[str, str]] = ()
) -> DrawnText:
    """*body* with the pictures of *files* that it names. Their addresses are below *base*, the path of the case.

    *mentions* are names as they were written behind an @, with the names of today.
    """
    pictures = _pictures_by_key(files) if "![" in body else {}
    if not pictures:
        return DrawnText(mark_mentions(rich_text(body, whole), mentions), files)
    places = {key: _place(file, base) for key, file in pictures.items()}
    standing = {pictures[line.key].id for _line, line in read_picture_lines(body) if line and line.key in pictures}
    html = mark_mentions(draw_with_pictures(body, places, whole=whole), mentions)
    return DrawnText(html, [file for file in files if file.id not in standing])


def draw_words(message: Message, base: str) -> Markup:
    """The text of *message* with its pictures, if its files were loaded with it."""
    files = [] if "files" in inspect(message).unloaded else message.files
    return draw_message(message.body, files, base).html


def name_message_pictures(body: str, files: Sequence[Attachment]) -> str:
    """*body* for a mail: where it shows a picture of *files*, it says the name. Mails hold no pictures of cases."""
    if "![" not in body:
        return body
    return name_pictures(body, {key: file.filename for key, file in _pictures_by_key(files).items()})


def _pictures_by_key(files: Sequence[Attachment]) -> Mapping[str, Attachment]:
    """The pictures among *files* by the key that a line of the text names, in the order in which they were added."""
    pictures = sorted((f for f in files if f.media_type in {*PICTURE_TYPES, PHONE_PICTURE}), key=lambda file: file.id)
    return dict(zip(keys_of_names(file.filename for file in pictures), pictures, strict=True))


def _place(file: Attachment, base: str) -> TextPicture:
    return TextPicture(
        f"{base}/thumbnails/{file.id}",
        file.thumbnail_width or 0,
        file.thumbnail_height or 0,
        f"{base}/attachments/{file.id}/{quote(file.filename)}",
        file.filename,
        file_size(file.size) if file.media_type in PICTURE_TYPES else "",
    )
