"""One PostgreSQL and one Valkey for a test session, shared by all its pytest-xdist workers.

In tests/conftest.py:

    from engines import testing

    def pytest_configure(config):
        testing.configure(config)

    @pytest.fixture(scope="session")
    def engines() -> testing.Engines:
        return testing.current()

The process that a person started (xdist's controller, or pytest itself) starts the engines before it starts workers,
which find the addresses in their environment. They end with that process, however it ends. Their data is not durable
and lies in a temporary folder; what a killed session left there, the next one removes.
"""

import fcntl
import json
import os
import shutil
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from engines import EnginesError, postgres, roles, valkey
from engines.roles import APP, DATABASE, OWNER, SUPERUSER, Passwords

VARIABLE = "PARLEY_TEST_ENGINES"
PREFIX = "parley-test-"
OLD_ENOUGH = 60  # seconds; a younger folder may be about to get its lock


@dataclass(frozen=True)
class Engines:
    """The addresses of the session's engines, and a way to make databases."""

    sockets: str
    passwords: Passwords
    redis_socket_url: str

    @property
    def owner_url(self) -> str:
        """The database `parley` as its owner: migrations, fixtures."""
        return self.url(DATABASE, OWNER)

    @property
    def app_url(self) -> str:
        """The database `parley` as the application."""
        return self.url(DATABASE, APP)

    def url(self, database: str, role: str = APP) -> str:
        """Return the address of any database as `parley_app`, `parley_owner` or `postgres`."""
        return postgres.socket_url(Path(self.sockets), database, role, self.passwords)

    def redis_url(self, database: int = 0) -> str:
        """Return the address of one of 64 Redis databases; give every worker one of its own."""
        return f"{self.redis_socket_url}?db={database}"

    def create_database(self, name: str, template: str | None = None) -> None:
        """Make a database that belongs to the owner; as a copy of `template` in a tenth of a second."""
        roles.create_database(self.url("postgres", SUPERUSER), name, template)

    def drop_database(self, name: str) -> None:
        """Remove a database, connected sessions or not."""
        roles.drop_database(self.url("postgres", SUPERUSER), name)


class Session:
    """Started engines; `stop` leaves nothing behind."""

    def __init__(self) -> None:
        remove_abandoned()
        self.folder = Path(tempfile.mkdtemp(prefix=PREFIX))
        self.folder.chmod(0o711)  # PostgreSQL's own user passes through
        self._lock = os.open(self.folder / "lock", os.O_CREAT | os.O_RDWR, 0o600)
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        self._database = postgres.start(self.folder, durable=False)
        self._cache = valkey.start(self.folder)
        self.engines = Engines(
            sockets=str(self._database.sockets),
            passwords=self._database.passwords,
            redis_socket_url=self._cache.url().removesuffix("?db=0"),
        )

    def stop(self) -> None:
        """Stop the engines and remove their data."""
        self._database.stop(grace=5)
        self._cache.stop(grace=1)
        remove(self.folder)
        os.close(self._lock)


def configure(config: Any) -> None:
    """Start the engines for a pytest session, unless this is a worker of one or nothing will be run."""
    if hasattr(config, "workerinput") or config.option.collectonly or config.option.help:
        return
    session = Session()
    os.environ[VARIABLE] = dump(session.engines)
    config.add_cleanup(session.stop)
    config.add_cleanup(lambda: os.environ.pop(VARIABLE, None))


def current() -> Engines:
    """Return the engines of this test session."""
    if VARIABLE not in os.environ:
        raise EnginesError("No engines run for this test session: tests/conftest.py calls testing.configure(config).")
    return load(os.environ[VARIABLE])


def dump(engines: Engines) -> str:
    """The addresses as text, for a worker."""
    return json.dumps(asdict(engines))


def load(text: str) -> Engines:
    """The addresses from the text of `dump`."""
    said = json.loads(text)
    return Engines(said["sockets"], Passwords(**said["passwords"]), said["redis_socket_url"])


def remove_abandoned() -> None:
    """Remove the folders of sessions that were killed: nobody holds their lock."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        try:
            lock = os.open(folder / "lock", os.O_RDWR)
        except OSError:
            continue
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if time.time() - folder.stat().st_mtime > OLD_ENOUGH:
                remove(folder)
        except OSError:
            pass  # in use
        finally:
            os.close(lock)


def remove(folder: Path) -> None:
    """Remove a session's folder, and where PostgreSQL's part of it really lies."""
    shutil.rmtree((folder / "postgres").resolve(), ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)
