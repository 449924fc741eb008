"""A world with real commits: what `live` gives to tests about concurrency, crashes and processes."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from engines.testing import Engines
from portal.demo.northwind import NORTHWIND
from portal.kernel import jobs, uow
from portal.kernel.database import db
from tests.support import acting, databases
from tests.support.client import Browser
from tests.support.provider_world import read_provider_world
from tests.support.second_provider import SOUTHGATE
from tests.support.world import World

T = TypeVar("T")


class Live:
    """An application on its own database. Each `inside` is a unit of work of its own, on a connection of its own."""

    def __init__(self, engines: Engines, name: str, files: Path, *, redis: int) -> None:
        self.engines, self.name, self.files = engines, name, files
        self.config = databases.make_config(engines, name, redis=redis, files=files)
        self.app = databases.make_application(self.config)
        jobs.redis().flushdb()
        with self.app.app_context():
            self.world = World(self.app, read_provider_world(NORTHWIND), read_provider_world(SOUTHGATE))

    @contextmanager
    def inside(self) -> Iterator[World]:
        """Use the world and commit: `with live.inside() as world: world.open_case()`."""
        databases.configure_globals(self.app)
        with self.app.app_context(), uow.unit_of_work(db.session):
            yield self.world

    def do(self, work: Callable[[World], T]) -> T:
        """`inside` for threads: *work* gets the world, its changes are committed, its result returned."""
        with self.inside() as world:
            return work(world)

    def client(self, who: Any = None) -> Browser:
        """A browser; a fresh one for each thread."""
        somebody = self.world.person(who) if who else None
        browser = Browser(self.app, somebody.host if somebody else self.world.northwind.host)
        if somebody:
            with self.inside() as world:
                token = acting.sign_in(world.provider_world_of(somebody), somebody)
            browser.remember(_user_id=token)
        return browser

    def work_due(self) -> int:
        """Do the due work once, as a worker."""
        databases.configure_globals(self.app)
        return acting.run_in_new_context(self.app, jobs.work_due)

    def environment(self) -> dict[str, str]:
        """The environment for a process of Parley on this database."""
        c = self.config
        return {
            "DATABASE_URL": c.database_url,
            "DATABASE_OWNER_URL": c.database_owner_url,
            "REDIS_URL": c.redis_url,
            "SECRET_KEY": c.secret_key,
            "STORAGE_URL": c.storage_url,
            "ARGON2_MEMORY_KIB": "1024",
            "ARGON2_ROUNDS": "1",
        }

    def close(self) -> None:
        """Close the connections to the database."""
        with self.app.app_context():
            db.session.remove()
            db.engine.dispose()
