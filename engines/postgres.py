"""The private PostgreSQL: durable, reachable only by this user, and never left running.

    engine = postgres.start(Path("var"))
    engine.app_url, engine.owner_url
    engine.stop()

Promises: listens on a socket in a closed folder, never on a port; asks for passwords all the same, so that the
application cannot sign in as the owner; keeps what it acknowledged through `kill -9` (unless durable=False, which tests
use); starts again after any way of ending; dies with the process that started it.
"""

import json
import os
import secrets
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg

from engines import EnginesError, roles
from engines.postgres_programs import Programs, find_programs, server_user
from engines.process import Process, User, last_lines, run
from engines.roles import APP, DATABASE, OWNER, SUPERUSER, Passwords
from engines.sockets import socket_folder, tidy

SOCKET = ".s.PGSQL.5432"
PATIENCE = 60  # seconds; recovery after a crash may take a while, a sane start takes half a second
FAST_SHUTDOWN = signal.SIGINT  # ends sessions, writes a checkpoint
IMMEDIATE_SHUTDOWN = signal.SIGQUIT  # ends at once; the next start recovers

SETTINGS = {
    "listen_addresses": "",
    "port": "5432",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "jit": "off",  # compiling costs more than our short queries take
    "log_min_messages": "warning",
    "log_checkpoints": "off",
}
# A cluster of tests lives for minutes: nothing of it needs to be kept, and no vacuum that begins by itself may change
# what a plan reads while it is measured.
NOT_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}


@dataclass
class Engine:
    """A started PostgreSQL. It can be launched again when its process has died."""

    folder: Path
    cluster: Path
    sockets: Path
    programs: Programs
    user: User | None
    passwords: Passwords
    durable: bool
    log: Path
    process: Process

    @property
    def owner_url(self) -> str:
        """The address for migrations and other work of the owner."""
        return self.url(DATABASE, OWNER)

    @property
    def app_url(self) -> str:
        """The address for web and workers."""
        return self.url(DATABASE, APP)

    def url(self, database: str, role: str) -> str:
        """Return the address of a database as one role; SQLAlchemy and psycopg both read it."""
        return socket_url(self.sockets, database, role, self.passwords)

    def create_database(self, name: str, template: str | None = None) -> None:
        """Make a database that belongs to the owner, empty or as a copy."""
        roles.create_database(self.url("postgres", SUPERUSER), name, template)

    def drop_database(self, name: str) -> None:
        """Remove a database, connected sessions or not."""
        roles.drop_database(self.url("postgres", SUPERUSER), name)

    def restart(self) -> Process:
        """Launch it again after its process has died; does not wait until it answers."""
        self.process = launch(self)
        return self.process

    def wait_until_ready(self) -> None:
        """Return when it answers; raise with its last output when it does not."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and self.process.alive:
            try:
                psycopg.connect(self.url("postgres", SUPERUSER), connect_timeout=5).close()
                return
            except psycopg.OperationalError as failure:
                if "password authentication failed" in str(failure):
                    raise EnginesError(
                        f"The passwords in {self.folder / 'passwords'} are not those of the database beside it. Put "
                        f"the right file back, or remove {self.folder} to start afresh (which loses its data)."
                    ) from failure
            time.sleep(0.05)
        raise EnginesError(f"PostgreSQL does not start. It said, in {self.log}:\n{last_lines(self.log)}")

    def stop(self, grace: float = 20) -> None:
        """Stop it: with a checkpoint, so that the next start is fast; at once when its data need not last."""
        self.process.stop(FAST_SHUTDOWN if self.durable else IMMEDIATE_SHUTDOWN, grace=grace)
        tidy(self.sockets)


def start(data_dir: Path, *, durable: bool = True, log: Path | None = None) -> Engine:
    """Make the cluster under `data_dir` if there is none, start it, and return when it answers."""
    user = server_user()
    folder = make_reachable(data_dir.absolute() / "postgres", user)
    programs = find_programs(folder, user)
    passwords = keep_passwords(folder)
    engine = Engine(
        folder=folder,
        cluster=folder / "cluster",
        sockets=socket_folder(folder / "socket", SOCKET, user),
        programs=programs,
        user=user,
        passwords=passwords,
        durable=durable,
        log=log or folder / "postgres.log",
        process=None,  # type: ignore[arg-type] # launched three lines below
    )
    initialise(engine)
    engine.process = launch(engine)
    try:
        engine.wait_until_ready()
        roles.provision(engine.url("postgres", SUPERUSER), passwords)
    except BaseException:
        engine.stop(grace=5)
        raise
    return engine


def socket_url(sockets: Path, database: str, role: str, passwords: Passwords) -> str:
    """Return a postgresql:// address that goes through a socket."""
    return f"postgresql://{role}:{passwords.of(role)}@/{quote(database)}?host={quote(str(sockets))}"


def make_reachable(wanted: Path, user: User | None) -> Path:
    """Return the folder of PostgreSQL, which its user must be able to enter.

    A checkout under /root is closed to `nobody`. Then the folder lies under /var/lib, and `wanted` is a link to it: it
    is found again by the link, and a removed link means a fresh start.
    """
    wanted.parent.mkdir(parents=True, exist_ok=True)
    if user and not wanted.exists() and not may_enter(wanted.parent, user):
        elsewhere = Path(tempfile.mkdtemp(prefix="parley-", dir="/var/lib"))
        wanted.unlink(missing_ok=True)
        wanted.symlink_to(elsewhere)
        print(f"PostgreSQL's user may not enter {wanted.parent}; its files are in {elsewhere}.")
    wanted.mkdir(exist_ok=True)
    folder = wanted.resolve()
    folder.chmod(0o711 if user else 0o700)
    return folder


def may_enter(folder: Path, user: User) -> bool:
    """Return whether file modes let the user enter the folder."""
    for step in [folder, *folder.parents]:
        found = step.stat()
        bit = 0o100 if found.st_uid == user.uid else 0o010 if found.st_gid == user.gid else 0o001
        if not stat.S_IMODE(found.st_mode) & bit:
            return False
    return True


def keep_passwords(folder: Path) -> Passwords:
    """Return the roles' passwords: made once, kept in a file of ours."""
    file = folder / "passwords"
    if not file.exists():
        made = Passwords(*(secrets.token_urlsafe(18) for _ in range(3)))
        unfinished = file.with_name("passwords.new")
        unfinished.touch(mode=0o600)
        unfinished.write_text(json.dumps(asdict(made)))
        unfinished.rename(file)
    return Passwords(**json.loads(file.read_text()))


def initialise(engine: Engine) -> None:
    """Make the cluster unless it is there; under another name first, so that half of one is never taken for one."""
    if engine.cluster.exists():
        made_by = int((engine.cluster / "PG_VERSION").read_text())
        if made_by != engine.programs.major:
            raise EnginesError(
                f"{engine.cluster} was made by PostgreSQL {made_by}, and this is {engine.programs.major}. Start it "
                f"with {made_by}, or move that folder away (which starts with an empty database)."
            )
        return
    unfinished = engine.folder / "cluster.new"
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700)
    password_file = engine.folder / "superuser.password"
    password_file.touch(mode=0o600)
    password_file.write_text(engine.passwords.superuser)
    if engine.user:
        for path in (unfinished, password_file):
            os.chown(path, engine.user.uid, engine.user.gid)
    # The builtin locale sorts and folds alike on every machine; before 17 the C library's C.UTF-8 comes closest.
    builtin = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C.UTF-8"]
    command: list[str | Path] = [engine.programs.initdb, "--pgdata", unfinished, "--username", SUPERUSER]
    command += ["--pwfile", password_file, "--auth=scram-sha-256", "--encoding=UTF8", "--no-instructions"]
    command += builtin if engine.programs.major >= 17 else ["--locale=C.UTF-8"]
    command += [] if engine.durable else ["--no-sync"]
    try:
        run(command, user=engine.user)
    except subprocess.CalledProcessError as failure:
        raise EnginesError(f"PostgreSQL could not make its files in {engine.folder}:\n{failure.stdout}") from failure
    finally:
        password_file.unlink()
    unfinished.rename(engine.cluster)


def launch(engine: Engine) -> Process:
    """Start the server's process; whatever an earlier one left behind does not stop it."""
    clear_stale_lock(engine.cluster)
    settings = SETTINGS | {"unix_socket_directories": str(engine.sockets)} | ({} if engine.durable else NOT_DURABLE)
    command: list[str | Path] = [engine.programs.postgres, "-D", engine.cluster]
    for name, value in settings.items():
        command += ["-c", f"{name}={value}"]
    return Process(
        "postgres",
        command,
        log=engine.log,
        user=engine.user,
        death_signal=FAST_SHUTDOWN if engine.durable else IMMEDIATE_SHUTDOWN,
    )


def clear_stale_lock(cluster: Path) -> None:
    """Remove a postmaster.pid of an earlier run that would keep the next server from starting.

    PostgreSQL removes a stale one by itself, unless some other program has been given that process id since (in a
    container that is the rule). If the server of this very cluster still runs, because its parent was killed just now,
    wait for its end and then kill it.
    """
    lock = cluster / "postmaster.pid"
    for number, patience in ((None, 10), (FAST_SHUTDOWN, 10), (IMMEDIATE_SHUTDOWN, 10)):
        pid = server_of(cluster, lock)
        if pid is None:
            lock.unlink(missing_ok=True)
            return
        if number is not None:
            os.kill(pid, number)
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline and server_of(cluster, lock):
            time.sleep(0.05)
    if server_of(cluster, lock):
        raise EnginesError(
            f"A PostgreSQL (process {pid}) still holds {cluster} and does not stop. Stop it, then try again."
        )


def server_of(cluster: Path, lock: Path) -> int | None:
    """Return the process id of the server that runs on this cluster now, if one does."""
    try:
        pid = int(lock.read_text().split()[0])
        os.kill(pid, 0)
    except (OSError, ValueError, IndexError):
        return None
    try:
        working_folder = Path(f"/proc/{pid}/cwd").readlink()
    except FileNotFoundError:  # no /proc here, or it has just ended: PostgreSQL judges for itself
        return pid if not Path("/proc").is_dir() else None
    except PermissionError:  # somebody else's process; a server of ours would be ours
        return None
    return pid if working_folder == cluster else None
