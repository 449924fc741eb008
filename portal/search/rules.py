"""How a question on the desk is read: `account:ACME from:"Rita North" status:open before:2026-11-01`.

The names are fixed, as those of other search boxes are; what stands behind them is read in the words of the provider.
"""

import re

NAMES = ("account", "from", "owner", "status", "tag", "before", "after")
# So many are read; more stay words.
MOST = 8
_OPERATOR = re.compile(rf'(?<!\S)({"|".join(NAMES)}):(?:"([^"]{{1,100}})"|([^\s"]{{1,100}}))(?!\S)', re.IGNORECASE)


def split_operators(question: str) -> tuple[str, list[tuple[str, str, str]]]:
    """(words, operators) of *question*: what is left when the first MOST operators are taken out, and for each of these
    (name, value, as it was typed)."""
    found = [(match[1].lower(), match[2] or match[3], match[0]) for match in _OPERATOR.finditer(question)][:MOST]
    taken = iter(found)
    left = _OPERATOR.sub(lambda match: "" if next(taken, None) else match[0], question)
    return " ".join(left.split()), found
