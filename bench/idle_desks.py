"""What idle desks cost: open queues that ask every 25 seconds, while nothing happens and while something does.

    .venv/bin/python -m bench.idle_desks --cases 100000 --desks 100 --seconds 200

Everything is counted that works for them: the processor time of the web workers and of every process of PostgreSQL.
The desks are open pages of staff, spread evenly over the seconds between two ticks; each sends the ETag that it knows.
The result is a section of bench/RESULTS.md.
"""

import argparse
import os
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import psycopg

from bench import databases
from bench.compare import PORT, RESULTS
from bench.databases import BenchDatabase
from bench.http_servers import Client, gunicorn, signed_in
from bench.world_builder import HOST

PERIOD = 25.0
STAFF = 5
TITLE = "## Idle desks"
_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


def processor_seconds(roots: list[int]) -> float:
    """The processor time of the processes *roots* and of all below them, in seconds."""
    total = 0
    todo = list(roots)
    while todo:
        process = todo.pop()
        try:
            fields = Path(f"/proc/{process}/stat").read_text().rpartition(") ")[2].split()
            children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
        except OSError:
            continue
        # User and system time, and that of children that ended.
        total += sum(map(int, fields[11:15]))
        todo += map(int, children)
    return total / _TICKS_PER_SECOND


@dataclass(slots=True)
class OpenDesk:
    """One open page: whose browser, what it asks, and the answer that it knows."""

    client: Client
    path: str
    tag: str = ""

    def tick(self) -> int:
        """Ask as app.js does; returns the status."""
        cookies = "; ".join(f"{name}={value}" for name, value in self.client.cookies.items())
        known = f"If-None-Match: {self.tag}\r\n" if self.tag else ""
        head = f"Host: {HOST}\r\nCookie: {cookies}\r\nAccept: application/json\r\n{known}"
        answer = self.client.ask(f"GET {self.path} HTTP/1.1\r\n{head}\r\n".encode())
        self.tag = answer.headers.get("etag", self.tag)
        return answer.status


@dataclass(frozen=True, slots=True)
class Cost:
    """What the desks cost in one phase: shares of one core, answers by status."""

    web: float
    database: float
    statuses: dict[int, int]

    @property
    def core(self) -> float:
        return self.web + self.database


def watch(desks: list[OpenDesk], seconds: float, web: list[int], database: list[int]) -> Cost:
    """Let *desks* ask for *seconds*, each once in PERIOD."""
    statuses: dict[int, int] = {}
    began, before = time.monotonic(), (processor_seconds(web), processor_seconds(database))
    turn = 0
    while (due := turn * PERIOD / len(desks)) < seconds:
        time.sleep(max(0.0, began + due - time.monotonic()))
        status = desks[turn % len(desks)].tick()
        statuses[status] = statuses.get(status, 0) + 1
        turn += 1
    took = time.monotonic() - began
    after = (processor_seconds(web), processor_seconds(database))
    return Cost((after[0] - before[0]) / took, (after[1] - before[1]) / took, statuses)


def staff_emails(where: BenchDatabase) -> list[str]:
    """The addresses of STAFF members of the bulk provider's staff."""
    with psycopg.connect(where.owner_url) as connection:
        rows = connection.execute(
            "SELECT a.email FROM staff_members s JOIN addresses a ON a.user_id = s.user_id"
            " WHERE s.role IN ('agent', 'lead') ORDER BY s.id LIMIT %s",
            [STAFF],
        ).fetchall()
    return [str(email) for (email,) in rows]


def open_desks(where: BenchDatabase, port: int, count: int) -> list[OpenDesk]:
    """*count* open queues of a few signed-in people, each drawn at a moment of its own."""
    clients = [signed_in(port, email) for email in staff_emails(where)]
    now, after = int(time.time() * 1000), "ffffffff-ffff-7000-8000-000000000000"
    views = ("mine", "unassigned", "all", "customer-replied")
    return [
        OpenDesk(clients[n % len(clients)], f"/desk/tick?queue={views[n % len(views)]}&since={now - n}&after={after}")
        for n in range(count)
    ]


def describe(cases: int, desks: int, idle: Cost, cold: Cost) -> str:
    """The section of RESULTS.md."""
    load, cores = os.getloadavg()[0], os.cpu_count()
    return f"""{TITLE}

{desks} open queues at {cases:,} cases, asking every {PERIOD:.0f} s (`python -m bench.idle_desks`): processor time of
web worker and PostgreSQL together, as a share of one core. Aim: 5 %. Load of the machine meanwhile: {load:.1f} on
{cores} cores (what others run makes each question dearer).

| phase | web | PostgreSQL | together | answers |
|---|---|---|---|---|
| first questions (nothing known) | {cold.web:.1%} | {cold.database:.1%} | {cold.core:.1%} | {_counted(cold)} |
| nothing happens | {idle.web:.1%} | {idle.database:.1%} | **{idle.core:.1%}** | {_counted(idle)} |
"""


def _counted(cost: Cost) -> str:
    return ", ".join(f"{number} × {status}" for status, number in sorted(cost.statuses.items()))


def write_section(text: str) -> None:
    """Put the section into RESULTS.md, in the place of an older one."""
    whole = RESULTS.read_text()
    before, _title, old = whole.partition(TITLE)
    rest = old.partition("\n## ")
    following = f"\n## {rest[2]}" if rest[1] else ""
    RESULTS.write_text(f"{before.rstrip()}\n\n{text.rstrip()}\n{following}")


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--desks", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=200.0)
    asked = parser.parse_args()
    with databases.open_database(asked.cases) as where, tempfile.TemporaryDirectory() as folder:
        if where.postmaster is None:
            raise SystemExit("Whose processes would be counted? Let DATABASE_URL be empty: the embedded PostgreSQL.")
        if not databases.is_loaded(where):
            raise SystemExit(f"There is no bulk data: make bench-data CASES={asked.cases}")
        with gunicorn("app:create_app()", PORT, where.environment(), Path(folder) / "web.log") as server:
            desks = open_desks(where, server.port, asked.desks)
            web, database = [server.process.pid], [where.postmaster]
            cold = watch(desks, PERIOD, web, database)
            idle = watch(desks, asked.seconds, web, database)
    text = describe(asked.cases, asked.desks, idle, cold)
    print(text)
    write_section(text)


if __name__ == "__main__":
    main()
