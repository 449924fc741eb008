"""The backup's file: a tar archive of the dump, the attachments and, as the last part, the manifest.

The manifest holds the SHA-256 of every other part. It is written last, so a file that was cut off has none.
"""

import hashlib
import json
import os
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, Any, cast

from pydantic import TypeAdapter

from portal.backups import BackupError
from portal.backups.settings import KeyFingerprint

FORMAT = 1
MANIFEST, DUMP, FILES = "manifest.json", "database.dump", "files/"
CHUNK = 1024 * 1024
LARGEST_MANIFEST = 1024 * 1024 * 1024


@dataclass(frozen=True)
class Part:
    """One part of the archive: its size in bytes and its SHA-256 in hexadecimal."""

    size: int
    sha256: str


@dataclass
class Manifest:
    """What a backup holds, and what must hold again after it is restored."""

    made_at: str
    version: str
    migration: str
    database: str
    server_version: int
    program_version: int
    # Of SECRET_KEY, which is not in the backup.
    key_fingerprint: KeyFingerprint
    # Settings that were set, with their values; None for secrets, which are not copied.
    settings: dict[str, str | None]
    # Rows of each table, counted in the snapshot of the dump.
    rows: dict[str, int]
    security: dict[str, Any]
    parts: dict[str, Part] = field(default_factory=dict)
    # Files that the database names and the store did not have when the backup was made.
    missing_files: list[str] = field(default_factory=list)
    format: int = FORMAT

    def files(self) -> dict[str, Part]:
        """The attachments, by their name in the store."""
        return {name.removeprefix(FILES): part for name, part in self.parts.items() if name.startswith(FILES)}


class HashingReader:
    """A file-like object that hashes what is read through it."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks, self._rest = chunks, b""
        self.digest, self.size = hashlib.sha256(), 0

    def read(self, size: int = -1) -> bytes:
        """At most *size* bytes (all of a chunk without one); b'' at the end."""
        while not self._rest:
            self._rest = next(self._chunks, b"")
            if not self._rest:
                return b""
        size = len(self._rest) if size < 0 else size
        piece, self._rest = self._rest[:size], self._rest[size:]
        # tarfile asks for exactly as much as it will write, and takes a short answer for the end.
        while len(piece) < size and (more := next(self._chunks, b"")):
            need = size - len(piece)
            piece, self._rest = piece + more[:need], more[need:]
        self.digest.update(piece)
        self.size += len(piece)
        return piece


class ArchiveWriter:
    """Writes a new archive. `finish` makes it appear under its name; without it nothing is left behind."""

    def __init__(self, path: Path) -> None:
        self.path, self._partial = path, path.with_name(f"{path.name}.part")
        if path.exists():
            raise BackupError(f"{path} exists already. Nothing is overwritten; name another file.")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._partial.unlink(missing_ok=True)
            # What customers wrote is in there: only the operator may read it.
            self._file = os.fdopen(os.open(self._partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
        except OSError as problem:
            raise BackupError(f"{path} cannot be written: {problem.strerror}.") from None
        self._tar = tarfile.open(fileobj=self._file, mode="w", format=tarfile.PAX_FORMAT)  # noqa: SIM115 - closed below
        self.parts: dict[str, Part] = {}

    def add(self, name: str, size: int, chunks: Iterator[bytes]) -> Part:
        """Append *size* bytes of *chunks* as *name*. Raises BackupError when there are fewer."""
        reader = HashingReader(chunks)
        member = tarfile.TarInfo(name)
        member.size, member.mode = size, 0o600
        try:
            self._tar.addfile(member, cast("IO[bytes]", reader))
        except OSError as problem:
            raise BackupError(f"{name} could not be written to {self.path}: {problem}.") from None
        if reader.size != size:
            raise BackupError(f"{name} should have {size} bytes and had {reader.size}.")
        self.parts[name] = Part(size, reader.digest.hexdigest())
        return self.parts[name]

    def finish(self, manifest: Manifest) -> None:
        """Write the manifest and the end of the archive, and let the file appear, all of it on the disk."""
        manifest.parts = self.parts
        text = json.dumps(asdict(manifest), ensure_ascii=False).encode()
        member = tarfile.TarInfo(MANIFEST)
        member.size, member.mode = len(text), 0o600
        self._tar.addfile(member, cast("IO[bytes]", HashingReader(iter([text]))))
        self._tar.close()
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self._partial.rename(self.path)

    def discard(self) -> None:
        """Remove an unfinished file; nothing after `finish`."""
        self._file.close()
        self._partial.unlink(missing_ok=True)


class ArchiveReader:
    """An archive whose manifest was read. Its parts are checked by `check_parts`."""

    def __init__(self, path: Path, tar: tarfile.TarFile, members: dict[str, tarfile.TarInfo]) -> None:
        self.path, self._tar, self._members = path, tar, members
        self.manifest = self._read_manifest()

    def _read_manifest(self) -> Manifest:
        if MANIFEST not in self._members:
            raise BackupError(f"{self.path} is cut off, or is no backup of Parley: it has no manifest at its end.")
        if self._members[MANIFEST].size > LARGEST_MANIFEST:
            raise BackupError(f"{self.path} is no backup of Parley: its manifest is too large.")
        try:
            said = json.loads(self._read(MANIFEST))
            number = said["format"]
            manifest = TypeAdapter(Manifest).validate_python(said) if number == FORMAT else None
        except (ValueError, TypeError, KeyError, RecursionError):
            raise BackupError(f"{self.path} is no backup of Parley: its manifest cannot be read.") from None
        if manifest is None:
            raise BackupError(f"{self.path} has format {number}; this version of Parley reads format {FORMAT}.")
        return manifest

    def _read(self, name: str) -> bytes:
        with self.open(name) as file:
            return file.read()

    def open(self, name: str) -> IO[bytes]:
        """The bytes of one part."""
        found = self._tar.extractfile(self._members[name])
        if found is None:
            raise BackupError(f"{name} in {self.path} is no file.")
        return found

    def check_parts(self) -> None:
        """Read every part and compare its SHA-256. Raises BackupError that names the first wrong one."""
        wanted = self.manifest.parts
        strange = sorted(set(self._members) - set(wanted) - {MANIFEST} | set(filter(is_strange, wanted)))
        missing = sorted(set(wanted) - set(self._members))
        if strange or missing or DUMP not in wanted:
            raise BackupError(
                f"{self.path} does not hold what its manifest says: {', '.join([*missing, *strange][:5])}."
            )
        for name, part in wanted.items():
            digest = hashlib.sha256()
            with self.open(name) as file:
                while piece := file.read(CHUNK):
                    digest.update(piece)
            if digest.hexdigest() != part.sha256:
                raise BackupError(f"{name} in {self.path} is damaged: its SHA-256 is not that of the manifest.")


def is_strange(name: str) -> bool:
    """Whether no part of a backup is called *name*: neither the dump nor a file below FILES."""
    path = PurePosixPath(name)
    return name != DUMP and (not name.startswith(FILES) or ".." in path.parts or str(path) != name)


@contextmanager
def open_archive(path: Path) -> Iterator[ArchiveReader]:
    """Open the backup at *path*. Raises BackupError for what is none, or was cut off."""
    try:
        tar = tarfile.open(path, "r:")  # noqa: SIM115 - closed below
    except (OSError, tarfile.TarError) as problem:
        reason = problem.strerror if isinstance(problem, OSError) and problem.strerror else "it is no tar archive"
        raise BackupError(f"{path} cannot be read as a backup: {reason}.") from None
    with tar:
        try:
            members = {member.name: member for member in tar if member.isfile()}
        except (tarfile.TarError, ValueError, OSError):
            raise BackupError(f"{path} is cut off or damaged.") from None
        yield ArchiveReader(path, tar, members)
