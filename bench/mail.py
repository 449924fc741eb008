"""Mails in and out: messages a second into cases by LMTP and by pipe, and deliveries a second to an SMTP server.

    .venv/bin/python -m bench.mail --cases 250 --messages 300 --deliveries 2000

CASES of the bulk data are there before it begins, with about four messages each (250 → 1,000, 25,000 → 100,000). Two
processes take mails in (`flask mail-listener`, or one `flask mail receive` for each), each message of another contact.
Then WORKERS processes drain as many mails as are asked for; the server that takes them counts each Message-ID.

Beside the seconds it prints the processor time a message took in the processes that take it in and in PostgreSQL: that
stands still when the machine does something else.
"""

import argparse
import os
import smtplib
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from email.message import EmailMessage
from typing import Any

import psycopg
from aiosmtpd.controller import Controller

from bench import databases, load
from bench.databases import BenchDatabase
from bench.idle_desks import processor_seconds
from bench.world_builder import DOMAIN, HOST, World

ADDRESS = f"support@{DOMAIN}"
PORTS = (2461, 2462)
SINK = 2463
_DRAIN = """
from portal.factory import create_app
from portal.kernel import jobs
app = create_app()
with app.app_context():
    while jobs.work_due():
        pass
"""

# Mails that wait to be sent, each with its due work.
_WAITING = """
WITH made AS (
  INSERT INTO outgoing_mails
    (id, provider_id, kind, message_id, sender, recipient, subject, text, html, state, attempts, created_at)
  SELECT gen_random_uuid(), (SELECT provider_id FROM hosts WHERE host = %s), 'answered',
    '<out.' || n || '.' || %s || '@bench.localhost>', %s, 'p' || n || '@clients.example',
    'Mail ' || n, 'Words', '<p>Words</p>', 'queued', 0, now()
  FROM generate_series(1, %s) n
  RETURNING id, provider_id
)
INSERT INTO due_work (provider_id, kind, id, due_at, attempts)
SELECT provider_id, 'mail', id, now(), 0 FROM made
"""
_SENT = "SELECT count(*) FROM outgoing_mails WHERE state = 'sent' AND message_id LIKE '<out.%' AND attempts = 1"


def flask(where: BenchDatabase, *arguments: str, **more: str) -> tuple[list[str], dict[str, str]]:
    """The command and the environment of `flask` with *arguments*."""
    settings = {"MAIL_PER_HOUR": "1000000", "MAIL_TO_ADDRESS_PER_HOUR": "1000000", "MAIL_ACCEPT_UNCHECKED": "1"}
    return [sys.executable, "-m", "flask", "--app", "app", *arguments], where.environment(**settings, **more)


def write_messages(world: World, count: int, kind: str) -> list[bytes]:
    """*count* new mails, each of another contact, as far as there are so many."""
    people = [person for company in world.companies for person in company.contacts]
    found = []
    for number in range(count):
        mail = EmailMessage()
        mail["From"] = people[number % len(people)].email
        mail["To"], mail["Subject"] = ADDRESS, f"Printer {kind} {number}"
        mail["Message-ID"] = f"<{kind}.{number}.{time.time_ns()}@clients.example>"
        mail.set_content(f"Printer {number} is broken.\n\nIt smokes since Monday.\n\n-- \nKind regards\n")
        found.append(mail.as_bytes())
    return found


@contextmanager
def running(commands: Sequence[tuple[list[str], dict[str, str]]]) -> Iterator[list[int]]:
    """The processes of *commands*, by their ids, until the block ends."""
    started = [subprocess.Popen(command, cwd=databases.ROOT, env=environment) for command, environment in commands]
    try:
        yield [one.pid for one in started]
    finally:
        for one in started:
            one.terminate()
        for one in started:
            one.wait(30)


def wait_for(port: int) -> None:
    """Wait until somebody answers at *port*."""
    for _attempt in range(3_000):
        try:
            smtplib.LMTP("127.0.0.1", port).quit()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit(f"nobody listens at {port}")


def in_parallel(pieces: Sequence[Any], lanes: int, work: Callable[[int, Sequence[Any]], None]) -> None:
    """Let *work* do every *lanes*-th of *pieces* in a thread of its own."""
    threads = [threading.Thread(target=work, args=(lane, pieces[lane::lanes])) for lane in range(lanes)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()


def count(where: BenchDatabase, statement: str) -> int:
    """The number that *statement* finds."""
    with psycopg.connect(where.owner_url) as connection:
        row = connection.execute(statement).fetchone()
    return int(row[0]) if row else 0


def measure(where: BenchDatabase, name: str, number: int, roots: Sequence[int], work: Callable[[], None]) -> None:
    """Do *work*, which is about *number* mails, and print what it took."""
    database = [where.postmaster] if where.postmaster else []
    before, data_before, began = processor_seconds(list(roots)), processor_seconds(database), time.perf_counter()
    load_before = os.getloadavg()[0]
    work()
    seconds = time.perf_counter() - began
    own, data = processor_seconds(list(roots)) - before, processor_seconds(database) - data_before
    print(
        f"| {name} | {number} | {number / seconds:.1f} | {own / number * 1000:.1f} | {data / number * 1000:.1f} "
        f"| {load_before:.1f} |",
        flush=True,
    )


def bring_in_by_lmtp(where: BenchDatabase, world: World, number: int) -> None:
    """Two listeners, four connections."""
    listeners = [flask(where, "mail-listener", MAIL_LISTEN=f"127.0.0.1:{port}") for port in PORTS]

    def send(lane: int, mails: Sequence[bytes]) -> None:
        with smtplib.LMTP("127.0.0.1", PORTS[lane % len(PORTS)]) as server:
            for mail in mails:
                server.sendmail("someone@clients.example", [ADDRESS], mail)

    with running(listeners) as pids:
        for port in PORTS:
            wait_for(port)
        in_parallel(write_messages(world, 20, "warm"), 4, send)
        before = count(where, "SELECT count(*) FROM cases")
        mails = write_messages(world, number, "lmtp")
        measure(where, "in by LMTP, 2 processes", number, pids, lambda: in_parallel(mails, 4, send))
    made = count(where, "SELECT count(*) FROM cases") - before
    if made != number:
        raise SystemExit(f"{made} cases of {number} mails")


def bring_in_by_pipe(where: BenchDatabase, world: World, number: int) -> None:
    """Two at a time, a process for each mail."""
    command, environment = flask(where, "mail", "receive", "--to", ADDRESS)

    def send(_lane: int, mails: Sequence[bytes]) -> None:
        for mail in mails:
            subprocess.run(
                command, cwd=databases.ROOT, env=environment, input=mail, check=True, stdout=subprocess.DEVNULL
            )

    before = count(where, "SELECT count(*) FROM cases")
    mails = write_messages(world, number, "pipe")
    measure(where, "in by pipe, 2 at a time", number, [os.getpid()], lambda: in_parallel(mails, 2, send))
    made = count(where, "SELECT count(*) FROM cases") - before
    if made != number:
        raise SystemExit(f"{made} cases of {number} mails")


class Sink:
    """The server that takes the mails."""

    def __init__(self) -> None:
        self.taken: Counter[str] = Counter()

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        """Count the Message-ID."""
        head = bytes(envelope.content).partition(b"\r\n\r\n")[0].lower()
        self.taken[head.partition(b"message-id: <")[2].partition(b">")[0].decode()] += 1
        return "250 OK"


def send_out(where: BenchDatabase, number: int, workers: int) -> None:
    """*workers* processes drain *number* mails that wait."""
    with psycopg.connect(where.owner_url) as connection:
        connection.execute("DELETE FROM due_work")
        connection.execute(_WAITING, [HOST, time.time_ns(), ADDRESS, number])
    sink = Sink()
    controller = Controller(sink, hostname="127.0.0.1", port=SINK)
    controller.start()
    environment = flask(where, SMTP_URL=f"smtp://127.0.0.1:{SINK}")[1]
    children: list[subprocess.Popen[bytes]] = []

    def drain() -> None:
        for child in children:
            if child.wait():
                raise SystemExit("a worker failed")

    children += [
        subprocess.Popen([sys.executable, "-c", _DRAIN], cwd=databases.ROOT, env=environment) for _n in range(workers)
    ]
    measure(where, f"out, {workers} processes (their start included)", number, [os.getpid()], drain)
    controller.stop()
    sent = count(
        where, "SELECT count(*) FROM outgoing_mails WHERE state = 'sent' AND message_id LIKE '<out.%' AND attempts = 1"
    )
    twice = sum(times > 1 for times in sink.taken.values())
    print(f"{len(sink.taken)} Message-IDs of {number} taken, {twice} twice; {sent} rows are sent at the first try")
    if len(sink.taken) != number or twice or sent != number:
        raise SystemExit("a mail is missing, or came twice")


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench.mail", description="Mails in and out.")
    parser.add_argument("--cases", type=int, default=250)
    parser.add_argument("--messages", type=int, default=300)
    parser.add_argument("--piped", type=int, default=10)
    parser.add_argument("--deliveries", type=int, default=2_000)
    parser.add_argument("--workers", type=int, default=3)
    asked = parser.parse_args()
    with databases.open_database(asked.cases) as where:
        databases.migrate(where)
        if databases.is_loaded(where):
            raise SystemExit("The folder has data already: this measures on data of its own. Set PARLEY_DATA.")
        world = load.load(where.owner_url, asked.cases, seed=load.SEED, until=load.UNTIL, say=lambda _line: None)
        command, environment = flask(where, "mailbox", "add", HOST, ADDRESS)
        subprocess.run(command, cwd=databases.ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)
        stored = count(where, "SELECT count(*) FROM messages")
        print(f"{asked.cases} cases, {stored} messages stored")
        print("| what | mails | a second | processor ms a mail | PostgreSQL ms a mail | load of the machine before |")
        print("|---|---|---|---|---|---|", flush=True)
        if asked.messages:
            bring_in_by_lmtp(where, world, asked.messages)
        if asked.piped:
            bring_in_by_pipe(where, world, asked.piped)
        send_out(where, asked.deliveries, asked.workers)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
