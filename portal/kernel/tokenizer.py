r"""The one tokenizer of search: documents and questions are cut here, never by PostgreSQL's parser.

A text is folded (`fold`) and cut at white space, brackets, quotes and commas. What remains between are *compounds*:
words joined by `. - _ / \ : @ ' + # $ % & ~ =`, such as host names, addresses, error codes, paths and keys. A document
holds one token for each word of a compound: the word and up to five that follow it, joined by dots. Of
`srv-web01.acme.lan` these are `srv.web01.acme.lan`, `web01.acme.lan`, `acme.lan` and `lan`. A question asks for the
beginning of a token, so it finds a compound from any of its words on, whichever joiner was typed.

Beside those a document holds:
- for words with ä ö ü å ø a second spelling with ae oe ue aa oe (ß is always ss);
- for a name before a number (`ACME 21`) the two as one compound;
- for a version or a long number behind letters (`v2.14.3`, `KB5031356`) the number;
- for an IPv6 address all eight groups, however it was shortened;
- for scripts without spaces between words (Chinese, Japanese, Korean, Thai, Lao, Khmer, Burmese) every two neighboring
  letters, and the last one by itself.

Everything is bounded: see the constants. Pure: no database and no request.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from ipaddress import AddressValueError, IPv6Address

from portal.kernel.text import SPELLED_OUT

# Number of words of a compound in one token. A longer compound in a question is asked for in steps of this length.
COMPOUND = 6
# Letters of a word, and of a token. A PostgreSQL lexeme may have 2,046 bytes; a letter takes four at most.
LONGEST_WORD, LONGEST_TOKEN = 64, 160
# Bytes of one document's tokens. A tsvector holds 1,048,575; the rest is for the tokens of organizations and weeks.
DOCUMENT_BYTES = 1_000_000
# Letters of a question, its compounds, and what is asked of the index for them together.
QUESTION_LETTERS, QUESTION_WORDS, QUESTION_TOKENS = 300, 16, 64

# -- folding ----------------------------------------------------------------------------------------------------------

# Stand behind a vowel that has a second spelling, between folding and cutting only (private use, dropped from input).
_PLUS_E, _PLUS_A = "\ue000", "\ue001"
_SECOND_SPELLING = {"ä": "a" + _PLUS_E, "ö": "o" + _PLUS_E, "ø": "o" + _PLUS_E, "ü": "u" + _PLUS_E, "å": "a" + _PLUS_A}
_MARKS = str.maketrans("", "", _PLUS_E + _PLUS_A)
_EXPANDED = str.maketrans({_PLUS_E: "e", _PLUS_A: "a"})
_APOSTROPHES = "\u02b9\u02bb\u02bc\u02bd\u2018\u2019\u201b\u2032\uff07"
# Dashes and minus signs that are not in Unicode's category of dashes.
_DASHES = "\u2043\u2212\u30a0"
# Vowel signs that belong to a letter without changing it: in the scripts of South and Southeast Asia.
_VOWEL_SIGNS = ((0x0900, 0x1CFF), (0xA800, 0xABFF), (0x11000, 0x16FFF))


class _Letters(dict[int, str]):
    """The folded spelling of each letter, computed at its first use: at most one entry for each code point of
    Unicode."""

    def __missing__(self, point: int) -> str:
        self[point] = found = _folded_letter(chr(point))
        return found


def _folded_letter(letter: str) -> str:
    """The folded spelling of one letter of a text in NFKC; a space for what is no letter, '' for what is not seen."""
    if letter.isascii():
        return letter.lower()
    kind = unicodedata.category(letter)
    if kind in ("Cf", "Me"):
        return ""
    if kind == "Pd" or letter in _DASHES:
        return "-"
    if letter in _APOSTROPHES:
        return "'"
    if kind in ("Mn", "Mc"):
        return letter if _is_vowel_sign(letter) else ""
    if kind[0] not in "LN":
        return " "
    if _UNSPACED_LETTER.match(letter):
        return letter
    lower = letter.casefold()
    if lower in _SECOND_SPELLING:
        return _SECOND_SPELLING[lower]
    apart = unicodedata.normalize("NFD", lower)
    whole = "".join(c for c in apart if not unicodedata.combining(c)).translate(SPELLED_OUT)
    return "".join("'" if c in _APOSTROPHES else c for c in whole)


def _is_vowel_sign(mark: str) -> bool:
    return unicodedata.combining(mark) == 0 and any(first <= ord(mark) <= last for first, last in _VOWEL_SIGNS)


_LETTERS = _Letters()


def _folded(text: str) -> str:
    """*text* folded, with the marks of second spellings in it. Beyond ASCII it holds nothing but letters."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFKC", text).translate(_LETTERS)


def fold(text: str) -> str:
    """*text* as its tokens spell it: lower case, no diacritics, one spelling a letter, one hyphen and apostrophe."""
    return _folded(text).translate(_MARKS)


# -- cutting ----------------------------------------------------------------------------------------------------------

# Thai to Burmese, Hangul, kana, ideographs: what is written without spaces between words (Korean compounds too).
_UNSPACED = (
    "\u0e00-\u109f\u1100-\u11ff\u1780-\u17ff\u3005-\u3007\u3021-\u3029\u3031-\u3035\u3038-\u303c\u3041-\u318e"
    "\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff"
    "\U00016ff0-\U0003fffd"
)
_UNSPACED_LETTER, _FIRST_UNSPACED = re.compile(f"[{_UNSPACED}]"), _UNSPACED[0]
# Folded text holds, beyond ASCII, letters only.
_WORD = rf"[^\x00-\x2f\x3a-\x60\x7b-\x7f{_UNSPACED}]"
_JOINER = r"[-._/\\:@'+#$%&~=]"
_PIECE = re.compile(rf"[{_UNSPACED}]+|{_WORD}+(?:{_JOINER}{{1,3}}{_WORD}+)*")
_SPLIT = re.compile(f"{_JOINER}+")
# `https://`: the scheme of an address is a separate word, and questions do not require it.
_SCHEME = re.compile(r"(?<![a-z0-9])[a-z][a-z0-9+.-]{1,15}://(?=[^\s/])")
_IPV6 = re.compile(
    r"(?<![a-z0-9:])[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7}(?:(?<=:)[0-9]{1,3}(?:\.[0-9]{1,3}){3})?(?![a-z0-9:])"
)
_IPV4 = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}")
# A name and a number beside each other: `ACME 21`, `ACME #21`, `KB: 2345`.
_NAME, _NUMBER = re.compile(r"[a-z][a-z0-9]{1,9}"), re.compile(r"[0-9]{1,9}(?![0-9a-z])")
# Letters before a number that is also asked for without them: `v2.14.3`, `KB5031356`.
_LETTERED = re.compile(r"v(?=[0-9])|[a-z]{1,6}(?=[0-9]{4})")
_BESIDE = re.compile(r"[ \t#:-]{1,3}")
# Words of a language rather than a name: `sign-in` is also written as two words, `l'imprimante` without the article.
_HYPHENATED = re.compile(r"[^\W\d_]+(?:[-'][^\W\d_]+)+")
_NAME_NUMBER = re.compile(r"([a-z]+)\.?([0-9]+)")


def document_tokens(*texts: str) -> list[str]:
    """The tokens of *texts*, each once, in their order, as many as fit into DOCUMENT_BYTES.

    Every token is letters, digits and dots, begins with a letter or digit, and has at most LONGEST_TOKEN of them.
    """
    found = Tokens()
    for text in texts:
        found.add(text)
    return list(found)


class Tokens:
    """The tokens of a document while its texts come one by one; further ones are left out when it is full."""

    def __init__(self, limit: int = DOCUMENT_BYTES) -> None:
        self._found: dict[str, None] = {}
        self._left = limit

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def add(self, text: str) -> None:
        """Add the tokens of *text*."""
        for token in _tokens(_folded(text)) if self._left > 0 else ():
            if token not in self._found:
                self._left -= token_bytes(token)
                if self._left < 0:
                    return
                self._found[token] = None


def token_bytes(token: str) -> int:
    """The bytes of *token* in a tsvector: its letters and its entry."""
    return len(token.encode()) + 4


def _tokens(folded: str) -> Iterator[str]:
    """The tokens of a folded text. Some come more than once."""
    folded = folded.replace("://", "\n")
    if "::" in folded or folded.count(":") > 1:
        yield from (address for _found, address in _ipv6(folded))
    seen: set[str] = set()
    before, end = "", 0
    for match in _PIECE.finditer(folded):
        piece = match[0]
        if piece[0].isdigit() and _NAME.fullmatch(before) and _BESIDE.fullmatch(folded, end, match.start()):
            yield from _name_and_number(before, piece)
        before, end = piece, match.end()
        if piece in seen:
            continue
        seen.add(piece)
        if piece.isalnum() and piece[0] < _FIRST_UNSPACED:
            yield piece[:LONGEST_WORD]
            if number := _LETTERED.match(piece):
                yield piece[number.end() :][:LONGEST_WORD]
        elif _UNSPACED_LETTER.match(piece):
            yield from (piece[at : at + 2] for at in range(len(piece)))
        else:
            for spelling in _spellings(piece):
                words = _SPLIT.split(spelling)
                yield from _windows(words)
                yield from _numbers(words)


def _name_and_number(name: str, piece: str) -> list[str]:
    """`acme.21` for `ACME 21`; nothing where the compound beside the name begins with no number."""
    return _windows([name, *_SPLIT.split(piece.translate(_MARKS))])[:1] if _NUMBER.match(piece) else []


def _spellings(piece: str) -> tuple[str, ...]:
    """A compound without the marks, and with its umlauts spelled out if it has any."""
    plain = piece.translate(_MARKS)
    return (plain,) if len(plain) == len(piece) else (plain, piece.translate(_EXPANDED))


def _windows(words: list[str]) -> list[str]:
    """For each of *words* the token that begins with it."""
    words = [word[:LONGEST_WORD] for word in words]
    return [".".join(words[at : at + COMPOUND])[:LONGEST_TOKEN] for at in range(len(words))]


def _numbers(words: list[str]) -> list[str]:
    """The tokens that begin with a number out of a word: `2.14.3` of `v2.14.3`."""
    found = ((at, _LETTERED.match(word)) for at, word in enumerate(words))
    return [_windows([words[at][it.end() :], *words[at + 1 : at + COMPOUND]])[0] for at, it in found if it]


def _ipv6(folded: str) -> Iterator[tuple["re.Match[str]", str]]:
    """Each IPv6 address of a folded text, and its token: eight groups without leading zeros."""
    for match in _IPV6.finditer(folded):
        try:
            groups = IPv6Address(match[0]).exploded.split(":")
        except AddressValueError:
            continue
        yield match, ".".join(f"{int(group, 16):x}" for group in groups)


# -- asking -----------------------------------------------------------------------------------------------------------


def question_query(text: str, *, every: bool = True) -> str:
    """*text* as the text of a tsquery; '' if it asks for nothing.

    Each compound is asked for as a beginning, a complete IP address as a whole. *every*: all of them must be there,
    else any. At most QUESTION_WORDS compounds and QUESTION_TOKENS tokens are asked for (see `question_pieces`).
    """
    asked = dict.fromkeys(fragment for piece in question_pieces(text) for fragment in _fragments(piece))
    return (" & " if every else " | ").join(list(asked)[:QUESTION_TOKENS])


def question_pieces(text: str, most: int = QUESTION_WORDS) -> list[str]:
    """The compounds, runs of letters and IPv6 addresses that a question names, folded; at most *most*."""
    folded = _SCHEME.sub(" ", _folded(text[: 4 * QUESTION_LETTERS]))
    pieces = [match[0] for match, _address in _ipv6(folded)]
    for address in pieces:
        folded = folded.replace(address, " ", 1)
    pieces += (match[0] for match in _PIECE.finditer(folded))
    return list(dict.fromkeys(pieces))[:most]


@lru_cache(maxsize=64)
def marked_beginnings(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What to mark in results for the question *text*: beginnings of folded words, and runs of unspaced letters. A page
    of results calls it for each text."""
    words: list[str] = []
    runs: list[str] = []
    for piece in question_pieces(text):
        if _UNSPACED_LETTER.match(piece):
            runs.append(piece)
        else:
            words += (word for spelling in _spellings(piece) for word in _SPLIT.split(spelling) if word)
    return tuple(words), tuple(runs)


def word_spellings(word: str) -> tuple[str, ...]:
    """The folded spellings of one *word* of a text."""
    return _spellings(_folded(word))


def _fragments(piece: str) -> Iterator[str]:
    """What a tsquery asks for to find *piece*; all of it must be there."""
    if _UNSPACED_LETTER.match(piece):
        if len(piece) == 1:
            yield f"'{piece}':*"
        yield from (f"'{piece[at : at + 2]}'" for at in range(len(piece) - 1))
        return
    for _match, address in _ipv6(piece):
        # `2001:db8::` is an address, and the beginning of others.
        begun = _windows(_SPLIT.split(piece.strip(":"))) if piece.endswith("::") else []
        yield _any([f"'{address}'", *(f"'{token}':*" for token in begun[:1] if token)])
        return
    if _IPV4.fullmatch(piece):
        yield _any([f"'{piece}'", f"'{piece}.':*"])
        return
    if _HYPHENATED.fullmatch(piece.translate(_MARKS)):
        for word in _SPLIT.split(piece):
            yield _any(f"'{spelled[:LONGEST_WORD]}':*" for spelled in _spellings(word))
        return
    steps = [_windows(_SPLIT.split(spelling)) for spelling in _spellings(piece)]
    last = max(0, len(steps[0]) - COMPOUND)
    for at in range(last):
        yield _any(f"'{tokens[at]}'" for tokens in steps)
    ends = [tokens[last] for tokens in steps]
    # KB-2345 is also written KB2345.
    if both := _NAME_NUMBER.fullmatch(ends[0]):
        ends += ["".join(both.groups()), ".".join(both.groups())]
    yield _any(f"'{end}':*" for end in ends)


def _any(fragments: Iterable[str]) -> str:
    found = list(dict.fromkeys(fragments))
    return found[0] if len(found) == 1 else f"({' | '.join(found)})"
