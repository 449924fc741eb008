"""Migrations lead up, down and up again, and end where the models are."""

import flask_migrate
import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine

from portal.factory import create_app
from portal.kernel.database import Base, db
from tests.support import databases


@pytest.fixture(scope="module")
def scratch(engines, worker_number, tmp_path_factory):
    """An application on an empty database."""
    name = f"scratch_{worker_number}"
    engines.create_database(name)
    made = create_app(databases.make_config(engines, name, redis=62, files=tmp_path_factory.mktemp("scratch")))
    yield made, engines.url(name, "parley_owner")
    with made.app_context():
        db.engine.dispose()
    engines.drop_database(name)


def tables(url):
    with psycopg.connect(url) as connection:
        rows = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
    return {name for (name,) in rows} - {"alembic_version"}


def test_up_down_and_up_again(scratch):
    """Whoever has to go back must be able to; whoever goes back must be able to come again."""
    app, url = scratch
    databases.migrate(app, url)
    assert tables(url) == set(Base.metadata.tables)
    with databases.set_environment(DATABASE_OWNER_URL=url), app.app_context():
        flask_migrate.downgrade(revision="base")
    assert tables(url) == set()
    databases.migrate(app, url)
    assert tables(url) == set(Base.metadata.tables)


def test_the_models_say_what_the_migrations_made(scratch):
    """A column that exists only in a model fails in production, at the first person who needs it."""
    app, url = scratch
    databases.migrate(app, url)
    engine = create_engine(url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, Base.metadata)
    engine.dispose()
    assert differences == []
