"""Bulk data in a database of this folder's own: a few thousand cases, loaded once a worker."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from flask import Flask

from bench import load, page_costs
from bench.world_builder import World
from engines.testing import Engines
from portal.kernel.database import db
from portal.web import current
from tests.support import databases

CASES = 3000


@dataclass(frozen=True)
class Bulk:
    """The loaded database, and the application on it."""

    app: Flask
    world: World
    app_url: str
    owner_url: str


@pytest.fixture(scope="session")
def bulk(engines: Engines, worker_number: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bulk]:
    """CASES cases as `make bench-data` makes them."""
    name = f"bulk_{worker_number}"
    files = tmp_path_factory.mktemp("bulk")
    engines.create_database(name)
    owner_url = engines.url(name, "parley_owner")
    app = page_costs.application(engines.url(name), files)
    app.testing = True
    databases.migrate(app, owner_url)
    world = load.load(owner_url, CASES, say=lambda line: None)
    current.clear_host_cache()
    yield Bulk(app, world, engines.url(name), owner_url)
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    current.clear_host_cache()
    engines.drop_database(name)
