"""Web, worker, Valkey and PostgreSQL are killed (-9) while cases are opened and answered over real HTTP.

Each acknowledged case is there once with its answer, each notification once, each mail once at the sink.
"""

import os
import random
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from email import policy
from email.parser import BytesParser
from pathlib import Path

import psycopg
import pytest
import requests

from engines import valkey
from tests.support.effort import scaled
from tests.support.processes import command_line_of, descendants_of, kill

pytestmark = [pytest.mark.crash, pytest.mark.slow]
ROOT = Path(__file__).resolve().parents[2]
CASES = scaled(80)
WRITERS = 4
KILLS = scaled(4)
CASE = {"account": "ACME", "severity": "3", "description": "x", "visibility": "private"}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """`make run` on a port and in a folder of its own."""
    data = tmp_path_factory.mktemp("crash")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        **os.environ,
        "PORT": str(port),
        "PARLEY_DATA": str(data),
        "ARGON2_MEMORY_KIB": "1024",
        "ARGON2_ROUNDS": "1",
        # Four writers give one person more mails in a minute than an address gets in an hour.
        "MAIL_TO_ADDRESS_PER_HOUR": "100000",
    }
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "SMTP_URL", "STORAGE_URL", "SECRET_KEY"):
        environment.pop(name, None)
    output = (data / "output").open("wb")
    process = subprocess.Popen(
        [sys.executable, "-m", "engines.supervisor"], cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT
    )
    try:
        try:
            wait_until_ready(f"http://127.0.0.1:{port}", 300)
        except AssertionError as late:
            raise AssertionError(f"{late}; it said: {(data / 'output').read_text()[-4000:]}") from late
        yield process, f"http://127.0.0.1:{port}", data
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def wait_until_ready(base: str, seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if requests.get(f"{base}/readyz", timeout=5).status_code == 200:
                return
        except requests.RequestException:
            pass
        time.sleep(0.5)
    raise AssertionError("not ready again in time")


class Person:
    """Somebody at a browser who tries again when the server is down, with the same form."""

    def __init__(self, base: str, email: str) -> None:
        self.base, self.http = base, requests.Session()
        self.http.headers["Host"] = "northwind.localhost"
        self.answered(lambda: self.post("/sign-in", self.token("/sign-in"), email=email, password="parley-demo"))

    def token(self, path: str) -> str:
        page = self.answered(lambda: self.http.get(self.base + path, timeout=10), (200,))
        return re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)[1]

    def post(self, path: str, token: str, **data: str) -> requests.Response:
        return self.http.post(self.base + path, data={"csrf_token": token, **data}, timeout=10, allow_redirects=False)

    def send(self, path: str, token: str, **data: str) -> requests.Response:
        """Press the button until it is acknowledged."""
        return self.answered(lambda: self.post(path, token, **data))

    def answered(self, send, wanted=(303,)) -> requests.Response:
        """Send until it is acknowledged; what was cut off is sent again as it was."""
        for _ in range(120):
            try:
                answer = send()
                if answer.status_code in wanted:
                    return answer
            except requests.RequestException:
                pass
            time.sleep(0.3)
        raise AssertionError("never acknowledged")


def victims(root: int) -> dict[str, list[int]]:
    """The processes of each kind that a kill may hit."""
    cache = valkey.find_server().name  # redis-server, where the machine has that
    kinds = {"web": "gunicorn", "worker": "app worker", "valkey": cache, "postgres": "bin/postgres"}
    everybody = [(pid, " ".join(command_line_of(pid))) for pid in descendants_of(root)]
    return {kind: [pid for pid, line in everybody if mark in line] for kind, mark in kinds.items()}


def test_every_acknowledged_case_is_there_once_and_told_once(run):
    process, base, data = run
    opened: list[tuple[str, str]] = []
    lock = threading.Lock()
    numbers = iter(range(CASES))
    done = threading.Event()

    def write() -> None:
        rita, ana = Person(base, "rita@acme.example"), Person(base, "ana@northwind.example")
        form, desk = rita.token("/new/question"), ana.token("/me")
        while True:
            with lock:
                n = next(numbers, None)
            if n is None:
                return
            subject = f"Crash case number {n}"
            answer = rita.send("/new/question", form, once=f"crash-{n}", subject=subject, **CASE)
            key = re.search(r"/cases/([A-Z]+-\d+)", answer.headers["Location"])[1]
            ana.send(f"/desk/cases/{key}/reply", desk, body=f"Answer {n}", once=f"answer-{n}")
            with lock:
                opened.append((key, subject))

    def strike() -> None:
        dice = random.Random(7)
        kinds = ["web", "worker", "valkey", "postgres"] * (KILLS // 4)
        for kind in kinds:
            if done.wait(dice.uniform(0.5, 1.5)):
                return
            found = victims(process.pid)[kind]
            if found:
                kill(found[0])

    writers = [threading.Thread(target=write) for _ in range(WRITERS)]
    killer = threading.Thread(target=strike)
    for thread in (*writers, killer):
        thread.start()
    for thread in writers:
        thread.join(420)
    done.set()
    killer.join()
    assert len(opened) == CASES
    wait_until_ready(base, 120)
    environment = dict(re.findall(r"export (\w+)='([^']*)'", (data / "environment").read_text()))
    with psycopg.connect(environment["DATABASE_OWNER_URL"]) as database:
        # However slow the machine: it is stuck only when nothing leaves the outbox for three minutes.
        left, moved = -1, time.monotonic()
        while now_left := database.execute(
            "SELECT count(*) FROM due_work WHERE kind IN ('delivery', 'mail') AND due_at <= now() + interval '1 hour'"
        ).fetchone()[0]:
            if now_left != left:
                left, moved = now_left, time.monotonic()
            assert time.monotonic() < moved + 180, f"{left} never left the outbox"
            database.commit()
            time.sleep(0.5)
        stored = dict(
            database.execute(
                "SELECT a.key || '-' || c.number, c.subject FROM cases c JOIN accounts a ON a.id = c.account_id"
                " WHERE c.subject LIKE 'Crash case number %'"
            ).fetchall()
        )
        assert stored == dict(opened)
        answers = Counter(
            row[0]
            for row in database.execute("SELECT body FROM messages WHERE body LIKE 'Answer %' AND kind = 'reply'")
        )
        assert answers == Counter(f"Answer {n}" for n in range(CASES))
        told = Counter(
            database.execute(
                "SELECT n.case_id, n.user_id, e.name FROM notifications n JOIN events e ON e.id = n.event_id"
                " JOIN cases c ON c.id = n.case_id"
                " WHERE c.subject LIKE 'Crash case number %' AND e.name = 'case.answered'"
            ).fetchall()
        )
        assert len(told) == CASES and set(told.values()) == {1}
        numbers_of_acme = [
            row[0]
            for row in database.execute(
                "SELECT c.number FROM cases c JOIN accounts a ON a.id = c.account_id WHERE a.key = 'ACME' ORDER BY 1"
            )
        ]
        assert numbers_of_acme == list(range(1, len(numbers_of_acme) + 1)), "a number is missing or doubled"
        assert not database.execute("SELECT 1 FROM deliveries WHERE state = 'dead'").fetchone()
    mails = Counter()
    for file in (data / "mail").rglob("*.eml"):
        mail = BytesParser(policy=policy.default).parsebytes(file.read_bytes())
        mails[(mail["To"], mail["Message-ID"])] += 1
    assert mails and set(mails.values()) == {1}
