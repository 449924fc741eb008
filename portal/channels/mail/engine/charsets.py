"""Bytes to text, whatever charset they claim."""

import codecs

from charset_normalizer import from_bytes

from portal.kernel.text import clean_text

# Names that mailers write and Python does not know.
_ALIASES = {
    "ansi": "cp1252",
    "ansi_x3.110-1983": "latin-1",
    "cp-850": "cp850",
    "default": "utf-8",
    "gb_2312-80": "gb18030",
    "iso-8859-8-i": "iso-8859-8",
    "iso-8859-8-e": "iso-8859-8",
    "ks_c_5601-1987": "cp949",
    "macintosh": "mac_roman",
    "unicode": "utf-16",
    "unicode-1-1-utf-8": "utf-8",
    "unicode-1-1-utf-7": "utf-7",
    "utf8mb4": "utf-8",
    "windows-874": "cp874",
    "x-gbk": "gb18030",
    "x-mac-roman": "mac_roman",
    "x-sjis": "cp932",
    "x-unknown": "utf-8",
    "x-user-defined": "cp1252",
}
# What senders call by these names is the larger set that contains them.
_LARGER = {"ascii": "utf-8", "iso8859-1": "cp1252", "iso8859-9": "cp1254", "gb2312": "gb18030", "gbk": "gb18030"}
# Charsets in which every byte is a letter: they never fail, so that UTF-8 under their name goes unnoticed.
_SINGLE_BYTE = ("cp125", "iso8859", "mac", "koi8", "cp85", "cp87")
_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
# So many bytes are looked at to find out a charset.
_SAMPLE = 65_536


def decode_text(content: bytes, charset: str = "") -> tuple[str, bool]:
    """*content* as text without control characters, and whether its charset was as declared.

    Order: a byte order mark; UTF-8 where a single-byte charset is claimed for it; the declared charset; UTF-8; what
    the bytes look like. Bytes that fit nowhere become U+FFFD.
    """
    for mark, name in _MARKS.items():
        if content.startswith(mark):
            return clean_text(content.decode(name, "replace")), True
    declared = _codec_of(charset)
    if declared.startswith(_SINGLE_BYTE) and not content.isascii():
        try:
            return clean_text(content.decode("utf-8")), False
        except UnicodeDecodeError:
            pass
    for name in filter(None, dict.fromkeys((declared, "utf-8"))):
        try:
            return clean_text(content.decode(name)), name == (declared or "utf-8")
        except (UnicodeDecodeError, ValueError, LookupError):
            continue
    return clean_text(content.decode(declared or _guess_codec(content), "replace")), False


def _codec_of(charset: str) -> str:
    """Python's name of *charset*; '' for one that is not known or is no encoding of text."""
    name = charset.strip().strip("\"'").lower()
    name = _ALIASES.get(name, name)
    try:
        found = codecs.lookup(name) if name.isascii() and 0 < len(name) <= 40 else None
    except (LookupError, ValueError):
        return ""
    if found is None or not found._is_text_encoding or found.name in ("idna", "punycode", "raw-unicode-escape"):
        return ""
    return "" if found.name in ("unicode-escape", "undefined", "mbcs", "oem") else _LARGER.get(found.name, found.name)


def _guess_codec(content: bytes) -> str:
    """The charset that *content* looks like; cp1252 if nothing speaks for one."""
    best = from_bytes(content[:_SAMPLE], threshold=0.5).best()
    return best.encoding if best else "cp1252"
