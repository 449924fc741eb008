"""`make run`: start everything in order, keep it running, stop all of it.

Promises: one sentence for whatever keeps it from starting; a program that dies is started again; Ctrl-C and SIGTERM
stop every process it started, within a bounded time; and when it is itself killed, nothing is left behind (each program
ends with us, see die_with_parent.py).
"""

import argparse
import errno
import http.client
import os
import shlex
import signal
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import NoReturn

from engines import EnginesError, orphans, postgres, services, settings, valkey
from engines.bootstrap import explain_bind_failure
from engines.instance_lock import InstanceLock
from engines.process import Process, last_lines, rotate
from engines.restarting import RestartingProcess
from engines.services import Service
from engines.settings import Settings
from engines.terminal import Warnings, say

ROOT = Path(__file__).resolve().parent.parent
TICK = 0.1
FEW_ENOUGH = 3  # a program that dies so often in a row before Parley was ever ready will not get better
PATIENCE = 180.0  # seconds until "ready"
AFTER_A_CRASH = 20.0  # seconds for the programs of a killed run to end


class Stop(BaseException):
    """A signal asked the supervisor to stop."""


class Supervisor:
    """One run of Parley: its engines, its programs, its terminal."""

    def __init__(self, chosen: Settings, app_folder: Path) -> None:
        self.settings = chosen
        self.app_folder = app_folder
        self.logs = chosen.data / "log"
        self.environment = dict(os.environ)
        self.owner_environment: dict[str, str] = {}
        self.engines: list[RestartingProcess] = []
        self.programs: list[RestartingProcess] = []
        self.warnings: list[Warnings] = []
        self.one_off: Process | None = None
        self.mail_port: int | None = None
        self.listen_port: int | None = None

    # -- starting ------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Start everything, until /readyz reports ready."""
        self.start_engines()
        say("Migrating the database ...")
        self.run_once("migrate", services.MIGRATE)
        say("Loading the demo, if it is not there yet ...")
        self.run_once("demo-load", services.LOAD_DEMO)
        say("Starting web, worker and scheduler ...")
        self.start_programs()
        self.wait_until_ready()
        sign_ins = self.run_once("sign-ins", services.SIGN_INS)
        say(f"\nParley is ready at {self.settings.address}\n\n{sign_ins.rstrip()}\n")
        if self.listen_port:
            say(f"Mail arrives by LMTP at 127.0.0.1:{self.listen_port}, for example to support@northwind.example")
        say(f"Stop it with Ctrl-C. Logs: {self.logs}")

    def start_engines(self) -> None:
        """Start PostgreSQL and Valkey, or use those of the environment; pass their addresses to all programs."""
        chosen = self.settings
        database_url, owner_url, redis_url = chosen.database_url, chosen.owner_url, chosen.redis_url
        if not database_url or not owner_url:
            say("Starting PostgreSQL ...")
            database = postgres.start(chosen.data, log=self.fresh_log("postgres"))
            self.keep_engine("postgres", database.process, database.restart, lambda _: database.stop())
            database_url, owner_url = database.app_url, database.owner_url
        if not redis_url:
            say("Starting Valkey ...")
            cache = valkey.start(chosen.data, log=self.fresh_log("valkey"))
            self.keep_engine("valkey", cache.process, cache.restart, lambda _: cache.stop())
            redis_url = cache.url()
        self.environment |= {
            "HOST": chosen.host,
            "PORT": str(chosen.port),
            "PARLEY_DATA": str(chosen.data),
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "SECRET_KEY": chosen.secret_key or settings.keep_secret(chosen.data),
            "PYTHONUNBUFFERED": "1",
        }
        if not chosen.smtp_url:  # mail goes to a sink of our own, where people can look at it
            self.mail_port = free_port()
            self.environment |= {"SMTP_URL": f"smtp://127.0.0.1:{self.mail_port}", "PARLEY_MAIL_SINK": "1"}
        if not chosen.database_url and not chosen.mail_listen:  # a demo takes mail on a port that it prints
            self.listen_port = free_port()
            self.environment |= {
                "MAIL_LISTEN": f"127.0.0.1:{self.listen_port}",
                # No server in front of a demo says who a sender is.
                "MAIL_ACCEPT_UNCHECKED": self.environment.get("MAIL_ACCEPT_UNCHECKED") or "1",
            }
        if not chosen.database_url:  # a demo on engines of its own: its time may be moved (`flask clock`)
            self.environment |= {"PARLEY_TIME_TRAVEL": self.environment.get("PARLEY_TIME_TRAVEL", "1")}
        # Only migrations and the loader get the owner's address, so that web and workers cannot use it by mistake.
        self.environment.pop("DATABASE_OWNER_URL", None)
        self.owner_environment = self.environment | {"DATABASE_OWNER_URL": owner_url}
        self.write_environment()

    def keep_engine(
        self, name: str, process: Process, restart: Callable[[], Process], stop: Callable[[Process], None]
    ) -> None:
        """Keep an engine that runs already."""
        launches = iter([lambda: process])
        self.engines.append(RestartingProcess(name, lambda: next(launches, restart)(), stop))

    def write_environment(self) -> None:
        """Write a file to source before a `flask --app app ...` by hand against this run."""
        names = ("PARLEY_DATA", "DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "SECRET_KEY", "SMTP_URL", "PORT")
        mail = ("MAIL_LISTEN", "MAIL_ACCEPT_UNCHECKED")
        also = [name for name in ("PARLEY_TIME_TRAVEL", *mail) if name in self.owner_environment]
        lines = [f"export {name}={shlex.quote(self.owner_environment[name])}\n" for name in (*names, "HOST", *also)]
        file = self.settings.data / "environment"
        file.unlink(missing_ok=True)
        with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as text:
            text.writelines(lines)

    def run_once(self, name: str, command: tuple[str, ...]) -> str:
        """Run a command to its end and return its output; a failure ends the run."""
        log = self.fresh_log(name)
        self.one_off = Process(name, command, log=log, environment=self.owner_environment, folder=self.app_folder)
        while self.one_off.alive:
            self.tend()
        if self.one_off.exit_code != 0:
            typed = " ".join(("flask", *command[3:]))
            raise EnginesError(f"{last_lines(log)}\n\n`{typed}` {self.one_off.ending}; the lines above are from {log}.")
        self.one_off = None
        return log.read_text(errors="replace")

    def start_programs(self) -> None:
        """Start the programs."""
        for service in services.services(
            self.settings, mail_sink=self.mail_port is not None, mail_listener="MAIL_LISTEN" in self.environment
        ):
            log = self.fresh_log(service.name)
            self.warnings.append(Warnings(service.name, log))
            self.programs.append(self.keep(service, log))

    def keep(self, service: Service, log: Path) -> RestartingProcess:
        """Start one program and keep it running."""

        def launch() -> Process:
            return Process(service.name, service.command, log=log, environment=self.environment, folder=self.app_folder)

        return RestartingProcess(service.name, launch, lambda process: process.stop(grace=service.grace))

    def wait_until_ready(self) -> None:
        """Return when /readyz answers 200; give up on a program that keeps failing."""
        began = time.monotonic()
        reminder = began + 20
        while True:
            ready, answer = readiness(self.settings)
            if ready and self.mail_port and not is_listening(self.mail_port):
                ready, answer = False, "the mail sink does not listen."
            if ready and self.listen_port and not is_listening(self.listen_port):
                ready, answer = False, "the mail listener does not listen."
            if ready:
                return
            self.tend()
            for kept in self.programs:
                if kept.failures >= FEW_ENOUGH:
                    log = kept.process.log
                    raise EnginesError(
                        f"{last_lines(log)}\n\n{kept.name} keeps failing (it {kept.process.ending}); the lines above "
                        f"are from {log}. Parley stops."
                    )
            now = time.monotonic()
            if now - began > PATIENCE:
                raise EnginesError(f"Parley is not ready after {PATIENCE:.0f} s: {answer} Logs: {self.logs}")
            if now > reminder:
                say(f"Still waiting: {answer}")
                reminder = now + 20

    def fresh_log(self, name: str) -> Path:
        """Return the log of a program, after renaming that of the last run."""
        log = self.logs / f"{name}.log"
        rotate(log)
        return log

    # -- running -------------------------------------------------------------------------------------------------

    def watch(self) -> NoReturn:
        """Keep everything running until somebody asks to stop."""
        while True:
            self.tend()

    def tend(self) -> None:
        """Check every program once, then pause briefly."""
        for kept in [*self.engines, *self.programs]:
            sentence = kept.tend()
            if sentence:
                say(sentence)
        for warnings in self.warnings:
            warnings.pass_on()
        orphans.reap(self.known())
        time.sleep(TICK)

    def known(self) -> set[int]:
        """Return the process ids that we started ourselves."""
        running = [kept.process for kept in [*self.engines, *self.programs]]
        return {process.pid for process in [*running, *([self.one_off] if self.one_off else [])]}

    # -- stopping ------------------------------------------------------------------------------------------------

    def stop(self) -> None:
        """Stop every program, then the engines. It takes as long as the slowest program, not the sum of all."""
        if self.one_off:
            self.one_off.stop(grace=5)
        for kept in self.programs:
            if kept.name != "mail-sink":  # the worker may still have a mail to send
                kept.process.send(signal.SIGTERM)
        for kept in reversed(self.programs):
            kept.stop()
        orphans.end_adopted(self.known())
        for kept in self.engines:
            kept.stop()
        orphans.end_adopted(self.known())

    def kill(self) -> None:
        """Stop now, after a second signal. PostgreSQL still ends in order, which is quick."""
        for kept in self.programs:
            kept.process.kill()
        for kept in self.engines:
            kept.stop()


def readiness(chosen: Settings) -> tuple[bool, str]:
    """Request /readyz; return whether Parley is ready, and the answer."""
    connection = http.client.HTTPConnection(chosen.reach, chosen.port, timeout=10)
    try:
        connection.request("GET", "/readyz")
        response = connection.getresponse()
        return response.status == 200, f"/readyz says {response.status}: {response.read(500).decode(errors='replace')}"
    except OSError as failure:
        return False, f"the web process does not answer ({failure.strerror or failure})."
    except http.client.HTTPException as failure:
        return False, f"the web process does not speak HTTP ({failure!r})."
    finally:
        connection.close()


def is_listening(port: int) -> bool:
    """Return whether something listens on a port."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=2).close()
    except OSError:
        return False
    return True


def check_address(chosen: Settings, patience: float) -> None:
    """Make sure that the web process will be able to listen, before anything is started."""
    deadline = time.monotonic() + patience
    while True:
        try:
            family = socket.AF_INET6 if ":" in chosen.host else socket.AF_INET
            with socket.socket(family) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind((chosen.host, chosen.port))
                return
        except OSError as failure:
            if failure.errno == errno.EADDRINUSE and time.monotonic() < deadline:
                time.sleep(0.1)
                continue
            raise EnginesError(explain_bind_failure(failure, chosen.host, chosen.port)) from failure


def free_port() -> int:
    """Return a port on which nothing listens now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class StopRequests:
    """Turns signals into `Stop`. The first signal stops in order, a later one stops at once."""

    TOGETHER = 2.0  # seconds; a terminal and make may both pass on one and the same Ctrl-C

    def __init__(self) -> None:
        self._first: float | None = None
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._hear)

    def _hear(self, _number: int, _frame: FrameType | None) -> None:
        now = time.monotonic()
        if self._first is not None and now - self._first < self.TOGETHER:
            return
        self._first = self._first or now
        raise Stop

    def ignore(self) -> None:
        """Ignore further signals."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)


def main(arguments: list[str]) -> int:
    """Run Parley until it is stopped; return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m engines.supervisor", description="Start Parley and keep it running."
    )
    parser.add_argument("--app-folder", type=Path, default=ROOT, help="the folder that holds app.py")
    parser.add_argument("--stop-with-parent", action="store_true", help="stop when the starting program dies")
    options = parser.parse_args(arguments)
    if options.stop_with_parent:
        orphans.end_with_parent()
    orphans.adopt_orphans()
    requests = StopRequests()
    supervisor: Supervisor | None = None
    turn: InstanceLock | None = None
    code = 0
    try:
        chosen = settings.read(os.environ)
        make_data_folder(chosen.data)
        turn = InstanceLock(chosen.data)
        check_address(chosen, patience=AFTER_A_CRASH if turn.after_a_crash else 0)
        supervisor = Supervisor(chosen, options.app_folder.absolute())
        supervisor.start()
        supervisor.watch()
    except Stop:
        say("\nStopping ...")
    except EnginesError as failure:
        print(failure, file=sys.stderr, flush=True)
        code = 1
    finally:
        if supervisor:
            try:
                supervisor.stop()
            except Stop:
                requests.ignore()
                supervisor.kill()
        if turn:
            turn.give_back()
    if supervisor:
        say("Parley has stopped.")
    return code


def make_data_folder(data: Path) -> None:
    """Make the data folder. Other users may pass through it (PostgreSQL's user must), but not list it."""
    try:
        if not data.exists():
            data.mkdir(parents=True)
            data.chmod(0o711)
        (data / "log").mkdir(mode=0o700, exist_ok=True)
    except OSError as failure:
        raise EnginesError(
            f"PARLEY_DATA={data} cannot be used: {failure.strerror}. Name a folder that you may write to."
        ) from failure


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
