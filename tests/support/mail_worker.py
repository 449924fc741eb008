"""A worker of its own process that reads mailboxes, or does what is due (sends mails, imports people). It can be killed
at a point that a test chose.

`MailWorker` starts it; at its point it says so by a file, and waits there for SIGKILL.
"""

import datetime as dt
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
# Seconds: a machine that runs many tests at once needs minutes to start a worker.
_PATIENCE = 900.0


class MailWorker:
    """A worker that does *job*: 'read' (all mailboxes to their ends), 'send' (what is due) or 'import' (what is due,
    three rows of people to a batch).

    *stops*: 'stored' (the *number*-th mail is taken in, and not committed), 'committed' (mails are committed, and not
    marked as read), 'imported' (the *number*-th batch of rows is written, and not committed), or '' (nowhere).
    *later*: seconds by which its clock is ahead.
    """

    def __init__(
        self, environment: dict[str, str], folder: Path, job: str, *, stops: str = "", number: int = 1, later: int = 0
    ) -> None:
        self.marker, self.log = folder / f"{time.monotonic_ns()}.here", folder / f"{time.monotonic_ns()}.log"
        arguments = [job, stops, str(number), str(later), str(self.marker)]
        with self.log.open("wb") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.support.mail_worker", *arguments],
                cwd=ROOT,
                env={**os.environ, **environment},
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def wait_for(self, condition: Callable[[], Any]) -> None:
        """Wait until *condition* holds; the worker must still run."""
        end = time.monotonic() + _PATIENCE
        while not condition():
            assert self._process.poll() is None, self.log.read_text()
            assert time.monotonic() < end, self.log.read_text()
            time.sleep(0.02)

    def kill_at_its_point(self) -> None:
        """Wait until it stops where it was told to, and kill it."""
        self.wait_for(self.marker.exists)
        self.kill()

    def kill(self) -> None:
        """End it by SIGKILL."""
        self._process.kill()
        assert self._process.wait(30) == -9

    def finish(self, seconds: float = _PATIENCE) -> str:
        """Wait until it has done all; what it wrote."""
        assert self._process.wait(seconds) == 0, self.log.read_text()
        return self.log.read_text()

    @property
    def peak_memory(self) -> int:
        """The most memory that it held so far, in bytes."""
        lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))


def stop_here(marker: str) -> None:
    """Say that the point is reached, and wait for the end."""
    Path(marker).write_text("here")
    time.sleep(600)


def main(job: str, stops: str, number: str, later: str, marker: str) -> None:
    """Do *job*."""
    from portal.channels.mail import polling
    from portal.channels.mail.servers.graph import GraphMailbox
    from portal.channels.mail.servers.imap import ImapFolder
    from portal.factory import create_app
    from portal.kernel import clock, jobs
    from portal.tenants.actions import import_work

    app = create_app()
    clock.travel(dt.timedelta(seconds=int(later)))
    if job == "import":
        import_work.BATCH = 3
    if stops == "stored":
        real, seen = polling.take_in, []

        def take_in(*arguments: Any) -> Any:
            found = real(*arguments)
            seen.append(1)
            if len(seen) == int(number):
                arguments[0].session.flush()
                stop_here(marker)
            return found

        polling.take_in = take_in
    elif stops == "imported":
        import_rows, batches = import_work.import_batch, []

        def import_batch(*arguments: Any, **more: Any) -> Any:
            found = import_rows(*arguments, **more)
            batches.append(1)
            if len(batches) == int(number):
                arguments[0].session.flush()
                stop_here(marker)
            return found

        import_work.import_batch = import_batch
    elif stops == "committed":
        for kind in (ImapFolder, GraphMailbox):
            kind.mark_read = lambda _self, done: stop_here(marker) if done else None  # type: ignore[method-assign]
    with app.app_context():
        if job == "read":
            for result in polling.poll_all_now():
                print(result.address, result.taken, result.failure or "", flush=True)
        else:
            while jobs.work_due():
                pass


if __name__ == "__main__":
    main(*sys.argv[1:])
