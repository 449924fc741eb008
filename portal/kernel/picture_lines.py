"""Lines of a text that stand for a picture: `![What it shows](name)`, alone on a line.

Which pictures a text may show is determined by whoever draws it; a line that names none of them is text.
"""

import re
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass

from portal.kernel.text import slugify

_LINE = re.compile(r"!\[(?P<words>[^\[\]]{0,300})\]\((?P<name>[^()/\\:]{1,150})\)[ \t]*$")
KEY_LETTERS = 60


@dataclass(frozen=True, slots=True)
class PictureLine:
    """What a line says of a picture: the words about it, and the key of its name."""

    words: str
    key: str


def picture_key(filename: str) -> str:
    """The key of a picture in its text: its name without the ending, as a word of addresses (`screen-shot-1`). A name
    without any letter or digit of ASCII has the key `picture`."""
    stem, dot, ending = filename.rpartition(".")
    return slugify(stem if dot and len(ending) <= 5 else filename) or "picture"


def read_picture_line(line: str) -> PictureLine | None:
    """What *line* says of a picture; None for any other line."""
    found = _LINE.match(line) if line.startswith("![") else None
    return PictureLine(found["words"].strip(), picture_key(found["name"].strip())) if found else None


def picture_keys(*texts: str) -> set[str]:
    """The keys of all pictures that *texts* name. A line inside of code counts, too, though it shows none."""
    lines = (read_picture_line(line) for text in texts if "![" in text for line in text.split("\n"))
    return {line.key for line in lines if line is not None}


def with_pictures(text: str, keys: Sequence[str]) -> str:
    """*text* with a line at its end for each picture of *keys* that it does not name."""
    named = picture_keys(text)
    missing = [f"![]({key})" for key in keys if key not in named]
    return "\n\n".join([text.rstrip("\n"), *missing]) if missing else text


def free_key(key: str, taken: Container[str]) -> str:
    """*key*, with a number where another picture of the text has it."""
    free, number = key, 2
    while free in taken:
        free, number = f"{key}-{number}", number + 1
    return free


def keys_of_names(filenames: Iterable[str]) -> list[str]:
    """The keys of the pictures of one text, in the order of *filenames*: those of equal names have numbers."""
    keys: dict[str, None] = {}
    for name in filenames:
        keys[free_key(picture_key(name), keys)] = None
    return list(keys)
