"""A chat goes on while web processes and the worker are killed (-9): two sides write at speed over real HTTP.

Each line that was acknowledged is there once, in the order of its writer, and its notification once; the contact's page
shows each once; then the chat goes on. Whoever gets no answer sends the form again as it was, as chat.js does.
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

import psycopg
import pytest
import requests

from tests.support.chats import open_chat_hours
from tests.support.effort import scaled
from tests.support.processes import command_line_of, descendants_of, kill

pytestmark = [pytest.mark.crash, pytest.mark.slow]
LINES = scaled(30)
KILLS = ("web", "worker", "web", "web", "worker", "web")
PATIENCE = 60


@pytest.fixture
def run(live, tmp_path):
    """gunicorn with two processes and the worker, each started again when it dies; yields the address and what finds a
    process to kill."""
    with live.inside() as world:
        open_chat_hours(world)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, **live.environment(), "PARLEY_DATA": str(tmp_path), "LOG_LEVEL": "WARNING"}
    web = (sys.executable, "-m", "gunicorn", "-k", "gthread", "--workers", "2", "--threads", "8", "--preload")
    commands = {
        "web": (*web, "--graceful-timeout", "3", "--bind", f"127.0.0.1:{port}", "app:create_app()"),
        "worker": (sys.executable, "-m", "flask", "--app", "app", "worker"),
    }
    over = threading.Event()
    running = {}

    def start(name):
        with (tmp_path / f"{name}.log").open("ab") as log:
            running[name] = subprocess.Popen(commands[name], env=environment, stdout=log, stderr=log)

    def supervise():
        while not over.wait(0.2):
            for name, process in list(running.items()):
                if process.poll() is not None:
                    start(name)

    for name in commands:
        start(name)
    supervisor = threading.Thread(target=supervise)
    supervisor.start()

    def victim(kind):
        """A process of gunicorn that serves (its master starts another), or one of the worker."""
        below = descendants_of(running[kind].pid)
        if kind == "web":
            return next((pid for pid in below if "gunicorn" in " ".join(command_line_of(pid))), None)
        return running[kind].pid

    try:
        base = f"http://127.0.0.1:{port}"
        wait_for(lambda: requests.get(f"{base}/healthz", timeout=2).ok, "the server did not start")
        yield base, victim
    finally:
        over.set()
        supervisor.join()
        for process in running.values():
            process.send_signal(signal.SIGTERM)
        for process in running.values():
            process.wait(60)


def wait_for(found, otherwise):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            if found():
                return
        except requests.RequestException:
            pass
        time.sleep(0.1)
    raise AssertionError(otherwise)


class Chatter:
    """Somebody with an open chat page. What is not answered is sent again as it was: the mark of the form makes it one
    line."""

    def __init__(self, base, email):
        self.base, self.http = base, requests.Session()
        self.http.headers["Host"] = "northwind.localhost"
        self.path = self.token = self.mark = ""
        self.again = 0
        page = self.answered(lambda: self.http.get(f"{base}/sign-in", timeout=10), (200,))
        self.read(page)
        self.answered(lambda: self.post("/sign-in", email=email, password="parley-demo"))

    def read(self, page):
        for name in ("csrf_token", "mark"):
            found = re.search(rf'name="{name}"[^>]*value="([^"]+)"', page.text)
            if found:
                setattr(self, "token" if name == "csrf_token" else name, found[1])

    def open(self, path):
        page = self.answered(lambda: self.http.get(self.base + path, timeout=10), (200,))
        self.read(page)
        return page.text

    def post(self, path, headers=None, **data):
        form = {"csrf_token": self.token, "mark": self.mark, **data}
        return self.http.post(self.base + path, data=form, headers=headers, timeout=5, allow_redirects=False)

    def say(self, text):
        """One line, as the box sends it; its answer is the next box."""
        hx = {"HX-Request": "true"}
        self.read(self.answered(lambda: self.post(f"{self.path}/messages", hx, body=text), (200,)))

    def answered(self, send, wanted=(303,)):
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            try:
                answer = send()
                if answer.status_code in wanted:
                    return answer
                assert answer.status_code >= 500, answer.text[:2000]
            except requests.RequestException:
                self.again += 1
            time.sleep(0.1)
        raise AssertionError("never acknowledged")


def test_each_line_of_a_chat_is_there_once_whatever_dies(live, run):
    base, victim = run
    rita, ana = Chatter(base, "rita@acme.example"), Chatter(base, "ana@northwind.example")
    ana.open("/desk/chat")
    ana.answered(lambda: ana.post("/desk/chat/taking", takes="y", most="3"))
    rita.open("/chat")
    question = {"account": "ACME", "body": "Is anybody there?"}
    started = rita.answered(lambda: rita.post("/chat", **question))
    rita.path = started.headers["Location"]
    ana.path = f"/desk{rita.path}"
    ana.answered(lambda: ana.post(f"{ana.path}/accept"))
    written, over, killed = {"rita": [], "ana": []}, threading.Event(), []

    def write(who, chatter):
        chatter.open(chatter.path)
        for number in range(LINES):
            text = f"Line {number:03} of {who}"
            chatter.say(text)
            written[who].append(text)

    def strike():
        dice = random.Random(3)
        for kind in KILLS:
            if over.wait(dice.uniform(0.3, 0.8)):
                return
            pid = victim(kind)
            if pid is not None:
                kill(pid)
                killed.append(kind)

    writers = [threading.Thread(target=write, args=pair) for pair in (("rita", rita), ("ana", ana))]
    killer = threading.Thread(target=strike)
    for thread in (*writers, killer):
        thread.start()
    for thread in writers:
        thread.join(3 * PATIENCE)
    over.set()
    killer.join()
    assert {who: len(lines) for who, lines in written.items()} == {"rita": LINES, "ana": LINES}
    assert "web" in killed and "worker" in killed, "nothing died: write more lines"
    assert rita.again + ana.again, "no answer was cut off: the kills met nothing"

    with psycopg.connect(live.config.database_owner_url, autocommit=True) as database:

        def rows(statement):
            return database.execute(statement).fetchall()

        left = "SELECT 1 FROM due_work WHERE kind = 'delivery' AND due_at <= now() + interval '1 hour'"
        wait_for(lambda: not rows(left), "the outbox did not empty")
        stored = [body for (body,) in rows("SELECT body FROM messages WHERE body LIKE 'Line %' ORDER BY position")]
        for who, lines in written.items():
            assert [body for body in stored if body.endswith(who)] == lines, f"lost, doubled or mixed up: {who}"
        assert len(stored) == 2 * LINES
        told = Counter(rows("SELECT event_id, user_id FROM notifications"))
        assert told and set(told.values()) == {1}
        mails = Counter(rows("SELECT message_id FROM outgoing_mails"))
        assert set(mails.values()) <= {1}
        assert not rows("SELECT 1 FROM deliveries WHERE state = 'dead'")

    shown = rita.open(rita.path)
    assert re.findall(r"Line \d{3} of (?:rita|ana)", shown) == stored
    ana.open(ana.path)
    ana.say("It goes on")
    assert "It goes on" in rita.open(rita.path)
