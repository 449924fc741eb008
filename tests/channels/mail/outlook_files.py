"""Files in Outlook's formats, made byte by byte: winmail.dat (TNEF) and .msg (a compound file)."""

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from compressed_rtf import compress

_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_SENT = 134_000_000_000_000_000  # 2025-08-18, in units of 100 ns since 1601


@dataclass
class _Entry:
    """One entry of the directory. *kind*: 1 a storage, 2 a stream, 5 the root."""

    name: str
    kind: int
    content: bytes = b""
    child: int = _FREE
    following: int = _FREE
    start: int = 0


# .msg


def msg(
    subject: str = "Drukarka",
    text: str = "",
    html: str = "",
    rtf: bytes = b"",
    files: Sequence[tuple[str, bytes]] = (),
    inside: Mapping[str, Any] | None = None,
    ansi: bool = False,
) -> bytes:
    """A .msg. *ansi*: its texts are in the code page 1250 instead of Unicode."""
    return compound(message_storage(subject, text, html, rtf, files, inside, ansi))


def message_storage(
    subject: str,
    text: str = "",
    html: str = "",
    rtf: bytes = b"",
    files: Sequence[tuple[str, bytes]] = (),
    inside: Mapping[str, Any] | None = None,
    ansi: bool = False,
    head: int = 32,
) -> dict[str, Any]:
    """The streams and storages of one message."""

    def said(tag: str, value: str) -> dict[str, bytes]:
        if not value:
            return {}
        return (
            {f"__substg1.0_{tag}001E": value.encode("cp1250")}
            if ansi
            else {f"__substg1.0_{tag}001F": value.encode("utf-16-le")}
        )

    numbers = ((0x0039 << 16) | 0x40, _SENT), ((0x3FFD << 16) | 0x03, 1250)
    tree: dict[str, Any] = {
        "__properties_version1.0": b"\0" * head
        + b"".join(struct.pack("<IIQ", tag, 6, value) for tag, value in numbers),
        **said("0037", subject),
        **said("0C1A", "Rita Łąka"),
        **said("0C1F", "/O=ACME/CN=RITA"),
        **said("5D01", "rita@acme.example"),
        **said("0E04", "support@northwind.example"),
        **said("1000", text),
    }
    if html:
        tree["__substg1.0_10130102"] = html.encode()
    if rtf:
        tree["__substg1.0_10090102"] = compress(rtf)
    for number, (name, content) in enumerate(files):
        tree[f"__attach_version1.0_#{number:08X}"] = {**said("3707", name), "__substg1.0_37010102": content}
    if inside is not None:
        tree[f"__attach_version1.0_#{len(files):08X}"] = {"__substg1.0_3701000D": dict(inside)}
    return tree


def compound(tree: Mapping[str, Any]) -> bytes:
    """A compound file (version 3, sectors of 512 bytes) with the streams (bytes) and storages (mappings) of *tree*."""
    entries = [_Entry("Root Entry", 5)]
    _add_entries(entries, entries[0], tree)
    small, small_fat = b"", []
    for entry in entries:
        if entry.kind == 2 and 0 < len(entry.content) < 4096:
            count = -(-len(entry.content) // 64)
            entry.start = len(small_fat)
            small_fat += [len(small_fat) + step for step in range(1, count)] + [_END]
            small += entry.content.ljust(count * 64, b"\0")
    fat: list[int] = []
    sectors: list[bytes] = []

    def store(content: bytes) -> int:
        if not content:
            return _END
        first, count = len(sectors), -(-len(content) // 512)
        sectors.extend(content[at * 512 : at * 512 + 512].ljust(512, b"\0") for at in range(count))
        fat.extend([first + step for step in range(1, count)] + [_END])
        return first

    for entry in entries:
        if len(entry.content) >= 4096:
            entry.start = store(entry.content)
    entries[0].content, entries[0].start = small, store(small)
    small_at = store(b"".join(struct.pack("<I", one) for one in small_fat))
    directory = b""
    for entry in entries:
        name = entry.name.encode("utf-16-le") + b"\0\0"
        directory += name.ljust(64, b"\0")
        directory += struct.pack("<HBBIII", len(name), entry.kind, 1, _FREE, entry.following, entry.child)
        directory += b"\0" * 36 + struct.pack("<IQ", entry.start, len(entry.content))
    directory_at = store(directory)
    need = -(-(len(fat) + 200) // 128)
    fat_at = len(sectors)
    fat += [_FAT] * need
    fat += [_FREE] * (need * 128 - len(fat))
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16 + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + b"\0" * 6
    header += struct.pack("<IIIIIIIII", 0, need, directory_at, 0, 4096, small_at, 1, _END, 0)
    header += b"".join(struct.pack("<I", fat_at + one if one < need else _FREE) for one in range(109))
    table = b"".join(struct.pack("<I", one) for one in fat)
    return header + b"".join(sectors) + table


def _add_entries(entries: list[_Entry], parent: _Entry, tree: Mapping[str, Any]) -> None:
    """The entries of *tree*: a storage names its first child, and each child the one after it."""
    previous = None
    for name, content in tree.items():
        is_stream = isinstance(content, bytes)
        entry = _Entry(name, 2, content) if is_stream else _Entry(name, 1)
        if previous is None:
            parent.child = len(entries)
        else:
            previous.following = len(entries)
        entries.append(entry)
        if not is_stream:
            _add_entries(entries, entry, content)
        previous = entry


# winmail.dat


def winmail(
    text: str = "",
    html: str = "",
    rtf: bytes = b"",
    files: Sequence[tuple[str, bytes]] = (),
    inside: bytes = b"",
) -> bytes:
    """A winmail.dat; *inside* is another one as an enclosed message."""
    objects = _object(1, 0x9006, 8, struct.pack("<I", 0x10000)) + _object(1, 0x9007, 6, struct.pack("<II", 1250, 0))
    if text:
        objects += _object(1, 0x800C, 2, text.encode("cp1250"))
    bodies = [(0x1013, html.encode())] if html else []
    bodies += [(0x1009, compress(rtf))] if rtf else []
    if bodies:
        objects += _object(1, 0x9003, 6, _properties(bodies))
    for name, content in files:
        objects += _object(2, 0x9002, 6, b"\0" * 14) + _object(2, 0x8010, 1, name.encode("cp1250") + b"\0")
        objects += _object(2, 0x800F, 6, content)
    if inside:
        signature = bytes.fromhex("0703020000000000c000000000000046")
        objects += _object(2, 0x9002, 6, b"\0" * 14)
        objects += _object(2, 0x9005, 6, _properties([(0x3701, signature + inside)]))
    return struct.pack("<IH", 0x223E9F78, 1) + objects + b"\0" * 12


def _object(level: int, name: int, kind: int, data: bytes) -> bytes:
    return struct.pack("<BHHI", level, name, kind, len(data)) + data + struct.pack("<H", sum(data) & 0xFFFF)


def _properties(values: Sequence[tuple[int, bytes]]) -> bytes:
    found = struct.pack("<I", len(values))
    for name, value in values:
        found += struct.pack("<HHII", 0x0102, name, 1, len(value)) + value.ljust(-(-len(value) // 4) * 4, b"\0")
    return found
