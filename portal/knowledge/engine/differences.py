"""What changed between two versions of a text, line by line."""

from dataclasses import dataclass
from difflib import SequenceMatcher

# The comparison of many equal lines takes time in the square of their number; longer texts are shown one after the
# other.
MOST_LINES = 2_000
# The number of unchanged lines that are shown before and after a change.
CONTEXT = 3


@dataclass(frozen=True, slots=True)
class Line:
    """One line: `kind` is 'same', 'added', 'removed', or 'gap' for unchanged lines that are left out."""

    kind: str
    text: str = ""
    count: int = 0


def compare_lines(before: str, after: str) -> list[Line]:
    """The lines of both texts with what became of them; long unchanged parts are left out. Equal texts have no
    lines."""
    old, new = before.split("\n"), after.split("\n")
    if old == new:
        return []
    if len(old) + len(new) > MOST_LINES:
        return [*(Line("removed", text) for text in old), *(Line("added", text) for text in new)]
    found: list[Line] = []
    operations = SequenceMatcher(None, old, new).get_opcodes()
    for number, (what, start, end, new_start, new_end) in enumerate(operations):
        if what == "equal":
            found += _shortened(old[start:end], first=number == 0, last=number == len(operations) - 1)
        else:
            found += [Line("removed", text) for text in old[start:end]]
            found += [Line("added", text) for text in new[new_start:new_end]]
    return found


def _shortened(lines: list[str], *, first: bool, last: bool) -> list[Line]:
    """Unchanged *lines* between two changes, without those that are far from both."""
    head, tail = 0 if first else CONTEXT, 0 if last else CONTEXT
    hidden = len(lines) - head - tail
    if hidden <= 1:
        return [Line("same", text) for text in lines]
    shown = [Line("same", text) for text in lines[:head]]
    shown.append(Line("gap", count=hidden))
    return shown + [Line("same", text) for text in lines[len(lines) - tail :]]
