"""The database of a size: the embedded PostgreSQL in a folder of its own, or the one that the environment names."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from bench.world_builder import DOMAIN, HOST, PASSWORD, World
from engines import postgres, valkey

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class BenchDatabase:
    """A database with bulk data: its addresses and its folder."""

    app_url: str
    owner_url: str
    redis_url: str
    data: Path | None
    # The postmaster of an embedded PostgreSQL, and the process of an embedded Valkey.
    postmaster: int | None = None
    cache: int | None = None

    def environment(self, **more: str) -> dict[str, str]:
        """The environment of a process of Parley on this data."""
        return {
            **os.environ,
            "DATABASE_URL": self.app_url,
            "DATABASE_OWNER_URL": self.owner_url,
            "REDIS_URL": self.redis_url,
            "SECRET_KEY": os.environ.get("SECRET_KEY", "a key for measurements only"),
            "PARLEY_DATA": str(self.data or ROOT / "var" / "bench"),
            "PYTHONUNBUFFERED": "1",
            **more,
        }


def folder_for(cases: int) -> Path:
    """`PARLEY_DATA`, or a folder of its own for each size."""
    return Path(os.environ.get("PARLEY_DATA") or ROOT / "var" / f"bench-{cases}").absolute()


@contextmanager
def open_database(cases: int) -> Iterator[BenchDatabase]:
    """The database for *cases* cases, running as long as the block lasts (a given one runs anyway)."""
    app_url, owner_url = os.environ.get("DATABASE_URL", ""), os.environ.get("DATABASE_OWNER_URL", "")
    if app_url and owner_url:
        yield BenchDatabase(app_url, owner_url, os.environ.get("REDIS_URL", ""), None)
        return
    folder = folder_for(cases)
    if not folder.exists():
        folder.mkdir(parents=True)
        folder.chmod(0o711)  # PostgreSQL's own user passes through
    engine = postgres.start(folder)
    cache = valkey.start(folder)
    try:
        yield BenchDatabase(
            engine.app_url, engine.owner_url, cache.url(), folder, engine.process.pid, cache.process.pid
        )
    finally:
        cache.stop()
        engine.stop()


def migrate(where: BenchDatabase) -> None:
    """Bring the database to the newest migration."""
    command = (sys.executable, "-m", "flask", "--app", "app", "db", "upgrade")
    done = subprocess.run(command, cwd=ROOT, env=where.environment(), capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)


def is_loaded(where: BenchDatabase) -> bool:
    """Whether the bulk data is there."""
    with psycopg.connect(where.owner_url) as connection:
        if connection.execute("SELECT to_regclass('hosts')").fetchone() == (None,):
            return False
        return connection.execute("SELECT FROM hosts WHERE host = %s", [HOST]).fetchone() is not None


def serving_hint(where: BenchDatabase, world: World) -> str:
    """The sentence that says how to serve the data, and the sign-ins."""
    serve = f"PARLEY_DATA={where.data} make run" if where.data else "make run, with the same DATABASE_URL"
    largest, small = world.companies[0], world.companies[-1]
    people = [
        (world.staff[0].email, "administrator"),
        (world.staff[1].email, "lead, all accounts"),
        (world.staff[3].email, "agent, some accounts"),
        (largest.contacts[0].email, f"administrator of {largest.name}, the largest client"),
        (largest.contacts[1].email, f"coordinator of {largest.name}"),
        (largest.contacts[3].email, f"{largest.contacts[3].role} of {largest.name}"),
        (small.contacts[0].email, f"administrator of {small.name}, a small client"),
    ]
    lines = [f"Serve it:  {serve}", f"Look at:   http://{HOST}:8000   (password of everybody: {PASSWORD})"]
    return "\n".join([*lines, *(f"  {email:<28} {what}" for email, what in people), f"Staff are at @{DOMAIN}."])
