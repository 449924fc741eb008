"""The detector: a text is thanks if each of its sentences consists of phrases of one language, and one of them thanks
or says that it works. Everything unknown, every question and every digit makes it more than thanks."""

import re
import unicodedata
from functools import lru_cache

from portal.cases.thanks.phrases import NO_NAMES, PHRASES
from portal.kernel.text import fold

# More than a few words say more than thanks, whatever they are.
LONGEST = 400
_SENTENCES = re.compile(r"[\n.!,;:…()~*_–—|/\\\"“”«»„]+|(?:^|\s)[-+]+(?=\s|$)")
# Emoticons that smile; one that does not is a word that nobody knows.
_SMILES = re.compile(r"(?:[:;=]-?[)D]+|\^_?\^|<3|\bxd\b|:-?[pP]\b)")
_SIGNATURE = re.compile(r"\n--\s*\n.*\Z", re.DOTALL)
# Emoji that thank or agree. Others (a sad face, a warning) say something.
_KIND_EMOJI = frozenset("🙏👍👌😊🙂😀😁😃😄😉🤝❤💙💚💛🎉👏🥳✅☺🤗😍💪🌞⭐🌟🙌✨🫶🤩😎🍀☀🥰💯")
# Selectors of the form of an emoji.
_INVISIBLE = frozenset("\ufe0e\ufe0f")
# Words before a name that are no name.
_TITLES = frozenset(
    ["herr", "frau", "pan", "pani", "panie", "anh", "chi", "em", "mr", "mrs", "ms", "madame", "monsieur", "don"]
)
_NAMES = 3
# The words of the longest sentence and of the longest phrase.
_WORDS, _PHRASE = 40, 14


def is_only_thanks(text: str) -> bool:
    """Whether *text* thanks, and says nothing else. Greeting, name, signature and friendly emoji may stand around."""
    text = unicodedata.normalize("NFC", _SIGNATURE.sub("", text.replace("\r\n", "\n"))).strip()
    if not text or len(text) > LONGEST or "?" in text or any(letter.isdigit() for letter in text):
        return False
    plain = _without_smiles(text)
    if plain is None:
        return False
    sentences = [part.strip(" '’\t-") for part in _SENTENCES.split(plain)]
    sentences = [part for part in sentences if part]
    return any(_is_thanks(sentences, language) for language in PHRASES)


def _without_smiles(text: str) -> str | None:
    """*text* with friendly emoji as the ends of sentences; None where another symbol says something else."""
    found = []
    for letter in _SMILES.sub(".", text):
        kind = unicodedata.category(letter)
        if letter in _KIND_EMOJI:
            found.append(".")
        elif letter in _INVISIBLE or kind == "Cf" or "🏻" <= letter <= "🏿":
            continue
        elif kind in ("So", "Cs") or (kind == "Sk" and letter not in "´`^"):
            return None
        else:
            found.append(letter)
    return "".join(found)


def _is_thanks(sentences: list[str], language: str) -> bool:
    thanked = names_allowed = False
    for number, sentence in enumerate(sentences):
        words = _folded(sentence)
        kind = _kind(sentence, words, language)
        if kind == "":
            last = number == len(sentences) - 1
            closed = names_allowed or (last and thanked)
            if not closed or not _is_name(sentence):
                return False
            names_allowed = True
            continue
        thanked = thanked or kind == "thanks"
        names_allowed = kind in ("closing", "opening") or (names_allowed and kind == "name")
    return thanked


def _folded(sentence: str) -> str:
    return " ".join(re.findall(r"\w+", fold(sentence).replace("ß", "ss")))


def _kind(sentence: str, words: str, language: str) -> str:
    """'thanks', 'beside', 'opening' or 'closing'; '' for what is none of them."""
    closings, openings = _pattern(language, "closings"), _pattern(language, "openings")
    kind = _phrase_kind(words, language)
    if kind == "thanks":
        return kind
    if closings.fullmatch(words):
        return "closing"
    if kind:
        return kind
    if (found := openings.match(words)) and _is_name(_tail(sentence, found.group())):
        return "opening"
    # "Thanks Ana", "Danke Frau Schmidt": a name after the phrase.
    parts = sentence.split()
    for cut in range(max(1, len(parts) - _NAMES), len(parts)):
        head, tail = " ".join(parts[:cut]), " ".join(parts[cut:])
        folded = _folded(head)
        if _is_name(tail):
            if closings.fullmatch(folded):
                return "closing"
            if _phrase_kind(folded, language) == "thanks":
                return "thanks"
    # "Hi Ana thanks": an opening and a name before the phrase.
    if found := openings.match(words):
        rest = _tail(sentence, found.group()).split()
        for cut in range(min(_NAMES, len(rest)) + 1):
            if _is_name(" ".join(rest[:cut])) and _phrase_kind(_folded(" ".join(rest[cut:])), language) == "thanks":
                return "thanks"
    return ""


def _tail(sentence: str, head: str) -> str:
    """What follows the words of *head* in *sentence*."""
    return " ".join(sentence.split()[len(head.split()) :])


def _is_name(text: str) -> bool:
    """Whether *text* looks like the names of people: few words with a capital, none of them a word of ours; or
    nothing."""
    words = text.split()
    names = [word for word in words if fold(word).strip(".") not in _TITLES]
    if len(words) > _NAMES + 1 or (words and not names and len(words) > 1):
        return False
    return all(
        name[:1].isupper()
        and all(letter.isalpha() or letter in "-'’" or unicodedata.category(letter) == "Mn" for letter in name)
        and (len(name) == 1 or not name.isupper() or len(name) == 2)
        and not set(re.findall(r"\w+", fold(name))) & NO_NAMES
        for name in names
    )


@lru_cache(maxsize=32)
def _pattern(language: str, kind: str) -> re.Pattern[str]:
    """The compiled phrases of a kind. English phrases are understood beside every other language's."""
    sources = [PHRASES[language], *([PHRASES["en"]] if language != "en" else [])]
    fields = {"thanks": ("thanks", "settled"), "beside": ("beside", "closings")}.get(kind, (kind,))
    phrases = {phrase for source in sources for field in fields for phrase in getattr(source, field)}
    whole = "|".join(f"(?:{phrase})" for phrase in sorted(phrases, key=len, reverse=True))
    return re.compile(rf"(?:{whole})(?= |$)" if kind == "openings" else whole)


def _phrase_kind(folded: str, language: str) -> str:
    """'thanks' if *folded* is a row of phrases of which one thanks, 'beside' if none does, '' if it is no such row."""
    words, thanks, beside = folded.split(), _pattern(language, "thanks"), _pattern(language, "beside")
    if not words or len(words) > _WORDS:
        return ""
    # For each place: what a row of phrases up to it may say; several rows may end there.
    ends: list[set[bool]] = [{False}, *(set() for _word in words)]
    for start, row in enumerate(ends[:-1]):
        for end in range(start + 1, min(start + _PHRASE, len(words)) + 1) if row else ():
            piece = " ".join(words[start:end])
            if thanks.fullmatch(piece):
                ends[end].add(True)
            elif beside.fullmatch(piece):
                ends[end] |= row
    return "thanks" if True in ends[-1] else "beside" if ends[-1] else ""
