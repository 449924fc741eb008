"""What a sender wrote now, apart from what their mail program quoted.

The rules work on lines, and take nothing away: each line of a text ends in `reply` or in `folded`. HTML comes in as
text whose block quotes begin with `> `.
"""

import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import quotequail

from portal.channels.mail.engine import intro_lines

# An introduction is wrapped to at most so many lines.
_WRAPPED = 4
# A header block has at least so many labels, among them the sender.
_FEWEST_LABELS = 3
_SIGNATURE_LINES = 15


@dataclass(frozen=True, slots=True)
class FoldedText:
    """The two halves of a text. `forwarded`: what is folded was forwarded, so it is what the sender wants read."""

    reply: str
    folded: str = ""
    forwarded: bool = False
    # Whether anything was quoted; a signature alone is no quote.
    quoted: bool = False
    # Whether lines were folded that have no mark of a quote and that nobody knows to be ours.
    guessed: bool = False


@dataclass(frozen=True, slots=True)
class _Intro:
    """Lines *start* to *end* (exclusive) introduce what follows them."""

    start: int
    end: int
    forwarded: bool = False
    # A sentence with a date, which a person may have written too.
    dated: bool = False


def fold_quotes(text: str, *, answers: bool = True, own_lines: Collection[str] = ()) -> FoldedText:
    """Divide *text*. *answers*: whether the message answers another one; in one that does not, a line that begins
    with `>` is the sender's own unless it is introduced. *own_lines* are lines that we sent to the sender: they mark
    quotes that have no mark of their own."""
    lines = text.split("\n")
    shapes = [_shape(line) for line in lines]
    folded = [False] * len(lines)
    forwarded = found = guessed = False
    position = 0
    while (intro := _next_intro(lines, shapes, position)) is not None:
        found, forwarded = True, forwarded or intro.forwarded
        for number in range(intro.start, intro.end):
            folded[number] = True
        position = intro.end
        if not _is_prefixed(shapes, intro.end):
            if intro.dated and not answers and not any("@" in shape for shape in shapes[intro.start : intro.end]):
                # "On 3 May Jan wrote:" in a new message: a sentence, and what follows are its sender's words.
                folded[intro.start : intro.end] = [False] * (intro.end - intro.start)
                continue
            guessed = _fold_rest(lines, folded, intro.end, own_lines)
            position = len(lines)
    if answers or found:
        for number, shape in enumerate(shapes):
            if shape.startswith(">"):
                folded[number] = found = True
    _fold_gaps(shapes, folded)
    _fold_signature(lines, folded)
    reply = "\n".join(line for line, away in zip(lines, folded, strict=True) if not away)
    rest = "\n".join(line for line, away in zip(lines, folded, strict=True) if away)
    return FoldedText(_trim(reply), _trim(rest), forwarded, found, guessed)


def _shape(line: str) -> str:
    """*line* as the patterns compare it: composed, lower case, plain spaces, nothing invisible."""
    plain = unicodedata.normalize("NFC", line).replace("\u00a0", " ").replace("\u202f", " ")
    plain = "".join(letter for letter in plain if unicodedata.category(letter) != "Cf")
    return " ".join(plain.lower().split())


def _next_intro(lines: Sequence[str], shapes: Sequence[str], start: int) -> _Intro | None:
    """The first introduction at or below line *start*."""
    known = _library_intro(lines, start)
    for number in range(start, len(lines)):
        shape = shapes[number]
        if not shape or shape.startswith(">"):
            continue
        if intro_lines.MARKER.search(shape):
            return _Intro(number, number + 1)
        if intro := _separator(shapes, number) or _header_block(shapes, number) or _dated(shapes, number):
            return intro
        if number == known:
            return _Intro(number, number + 1)
    return None


def _library_intro(lines: Sequence[str], start: int) -> int | None:
    """The line at which quotequail begins to quote by an introduction: it knows languages that our table lacks."""
    try:
        pieces = quotequail.quote("\n".join(lines[start:]), quote_intro_line=True)
    except (ValueError, IndexError, RecursionError):
        return None
    if len(pieces) < 2 or not pieces[0][0]:
        return None
    first = pieces[1][1].split("\n")[0] if not pieces[1][0] else ""
    if not first.rstrip().endswith(":") or not any(letter.isdigit() or letter == "@" for letter in first):
        return None
    return start + pieces[0][1].count("\n") + 1


def _separator(shapes: Sequence[str], number: int) -> _Intro | None:
    """A line such as `-----Original Message-----`, with the header block below it."""
    shape = shapes[number]
    forwarded = bool(intro_lines.FORWARDED.fullmatch(shape))
    drawn = bool(intro_lines.RULE.fullmatch(shape))
    if not forwarded and not drawn and not intro_lines.ORIGINAL.fullmatch(shape):
        return None
    below = _skip_blank(shapes, number + 1)
    block = _header_block(shapes, below) if below < len(shapes) else None
    if block is not None:
        return _Intro(number, block.end, forwarded)
    return None if drawn else _Intro(number, number + 1, forwarded)


def _header_block(shapes: Sequence[str], number: int) -> _Intro | None:
    """Lines that say From, Sent, To and Subject in one of the languages."""
    if not intro_lines.HEADER_LABELS["from"].fullmatch(shapes[number]):
        return None
    kinds, end, wrapped = {"from"}, number + 1, 0
    while end < len(shapes) and len(kinds) <= len(intro_lines.HEADER_LABELS):
        shape = shapes[end]
        kind = next((kind for kind, label in intro_lines.HEADER_LABELS.items() if label.fullmatch(shape)), None)
        if kind == "from" or not shape:
            break
        if kind is None:
            # A value that goes on in the next line: a long list of addresses, or a long subject.
            below = _label_below(shapes, end)
            if below is None or (wrapped := wrapped + below - end) > 8:
                break
            end = below
            continue
        kinds.add(kind)
        end += 1
    enough = len(kinds) >= _FEWEST_LABELS and "date" in kinds
    return _Intro(number, end) if enough else None


def _label_below(shapes: Sequence[str], number: int) -> int | None:
    """The next line within five that has a label of a header block; None without one before a blank line."""
    for below in range(number, min(number + 5, len(shapes))):
        if not shapes[below]:
            return None
        if any(label.fullmatch(shapes[below]) for label in intro_lines.HEADER_LABELS.values()):
            return below
    return None


def _dated(shapes: Sequence[str], number: int) -> _Intro | None:
    """`On …, … wrote:` in one of the languages, over at most `_WRAPPED` lines that begin at *number*."""
    for end in range(number + 1, min(number + _WRAPPED, len(shapes)) + 1):
        if not shapes[end - 1] or shapes[end - 1].startswith(">"):
            return None
        if not intro_lines.ENDING.fullmatch(shapes[end - 1]):
            continue
        joined = " ".join(shapes[number:end])
        if _is_introduction(joined) and not _begins_later(shapes, number, end):
            return _Intro(number, end, dated=True)
    return None


def _is_introduction(joined: str) -> bool:
    if len(joined) > 500 or not any(letter.isdigit() or letter == "@" for letter in joined):
        return False
    dated = any(whole.fullmatch(joined) for _start, whole in intro_lines.DATED)
    return dated or bool(intro_lines.NAMED.fullmatch(joined) or intro_lines.ADDRESSED.fullmatch(joined))


def _begins_later(shapes: Sequence[str], start: int, end: int) -> bool:
    """Whether a shorter introduction ends at the same line: the lines above it are the sender's own words."""
    for later in range(start + 1, end):
        joined = " ".join(shapes[later:end])
        begins = any(first.match(joined) for first, _whole in intro_lines.DATED)
        if (begins or joined.startswith("wiadomość napisana")) and _is_introduction(joined):
            return True
    # A name and an address need no words before them.
    return end - start > 1 and not _has_start(shapes[start]) and _is_introduction(" ".join(shapes[start + 1 : end]))


def _has_start(shape: str) -> bool:
    return shape.startswith("wiadomość napisana") or any(first.match(shape) for first, _whole in intro_lines.DATED)


def _skip_blank(shapes: Sequence[str], number: int) -> int:
    while number < len(shapes) and not shapes[number]:
        number += 1
    return number


def _is_prefixed(shapes: Sequence[str], number: int) -> bool:
    """Whether the first text at or below *number* has the mark of a quote."""
    below = _skip_blank(shapes, number)
    return below < len(shapes) and shapes[below].startswith(">")


def _fold_rest(lines: Sequence[str], folded: list[bool], start: int, own_lines: Collection[str]) -> bool:
    """Fold what lies below an introduction and has no marks; returns whether lines were folded that may be the
    sender's. Where it is known what we sent, other lines between our first and behind our last one are the sender's."""
    known = [number for number in range(start, len(lines)) if _plain(lines[number]) in own_lines]
    for number in range(start, len(lines)):
        folded[number] = not known or not lines[number].strip() or number < known[0] or number in known
    rest = range(start, len(lines))
    return any(folded[number] and lines[number].strip() and number not in known for number in rest)


def _plain(line: str) -> str:
    return " ".join(line.split())


def own_lines_of(text: str) -> frozenset[str]:
    """The lines of a text that we sent, as `fold_quotes` compares them."""
    return frozenset(filter(None, (_plain(line) for line in text.split("\n"))))


def _fold_gaps(shapes: Sequence[str], folded: list[bool]) -> None:
    """Blank lines between folded lines are folded with them."""
    number = 0
    while number < len(shapes):
        if folded[number] or shapes[number]:
            number += 1
            continue
        end = _skip_blank(shapes, number)
        if number > 0 and folded[number - 1] and (end == len(shapes) or folded[end]):
            folded[number:end] = [True] * (end - number)
        number = end


def _fold_signature(lines: Sequence[str], folded: list[bool]) -> None:
    """Fold from `-- ` to the next quote or the end. Without its space the line must be near that end."""
    seen = False
    for number, line in enumerate(lines):
        if folded[number]:
            continue
        if line.replace("\u00a0", " ").rstrip("\r") in ("-- ", "--") and seen:
            end = next((below for below in range(number, len(lines)) if folded[below]), len(lines))
            size = sum(1 for below in range(number + 1, end) if lines[below].strip())
            if 0 < size <= _SIGNATURE_LINES:
                folded[number:end] = [True] * (end - number)
                return
        seen = seen or bool(line.strip())


def _trim(text: str) -> str:
    """*text* without blank lines around it, at most one in a row."""
    kept: list[str] = []
    for line in text.split("\n"):
        if line.strip() or (kept and kept[-1].strip()):
            kept.append(line.rstrip())
    return "\n".join(kept).strip("\n")
