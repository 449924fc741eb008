"""A stand-in for Parley: the same commands, none of the work. It lets the supervisor be tested by itself.

STUB_FAIL names a command that fails; STUB_CHILD makes the worker start a child of its own.
"""

import atexit
import os
import pathlib
import signal
import socket
import subprocess
import sys
import threading

import click
import psycopg
from flask import Flask, jsonify
from flask.cli import AppGroup

DATA = pathlib.Path(os.environ["PARLEY_DATA"])


def create_app() -> Flask:
    fail("web")
    app = Flask(__name__)

    @app.get("/readyz")
    def readyz():
        with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
            loaded = connection.execute("SELECT count(*) FROM demo").fetchone()
        if not (DATA / "worker.pid").exists():
            return jsonify(worker="does not run"), 503
        return jsonify(loaded=loaded[0], owner="DATABASE_OWNER_URL" in os.environ, sink=os.environ.get("SMTP_URL"))

    @app.get("/pid")
    def pid():
        return str(os.getpid())

    db = AppGroup("db")
    demo = AppGroup("demo")

    @db.command("upgrade")
    def upgrade():
        fail("migrate")
        with psycopg.connect(os.environ["DATABASE_OWNER_URL"]) as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS demo (loaded int)")
            connection.execute("GRANT SELECT ON demo TO parley_app")

    @demo.command("load")
    def load():
        with psycopg.connect(os.environ["DATABASE_OWNER_URL"]) as connection:
            if connection.execute("SELECT FROM demo").fetchone() is None:
                connection.execute("INSERT INTO demo VALUES (1)")

    @demo.command("sign-ins")
    def sign_ins():
        click.echo("ana@northwind.example parley-demo")

    app.cli.add_command(db)
    app.cli.add_command(demo)
    for name in ("worker", "scheduler", "mail-sink", "mail-listener"):
        app.cli.add_command(click.Command(name, callback=lambda name=name: serve(name)))
    return app


def serve(name: str) -> None:
    fail(name)
    if name == "worker" and os.environ.get("STUB_CHILD"):
        # Like RQ's job process: in a session of its own, and deaf to a polite request.
        subprocess.Popen(
            [
                sys.executable,
                "-c",
                "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)",
            ],
            start_new_session=True,
        )
    if name == "mail-sink":
        sink = socket.create_server(("127.0.0.1", int(os.environ["SMTP_URL"].rpartition(":")[2])))
        atexit.register(sink.close)
    if name == "mail-listener":
        listener = socket.create_server(("127.0.0.1", int(os.environ["MAIL_LISTEN"].rpartition(":")[2])))
        atexit.register(listener.close)
    (DATA / f"{name}.pid").write_text(str(os.getpid()))
    done = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: done.set())
    done.wait()


def fail(name: str) -> None:
    if os.environ.get("STUB_FAIL") == name:
        raise SystemExit(f"The stub's {name} was told to fail.")
