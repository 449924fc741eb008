"""A backup of a small world with cases and files, and databases to restore it into."""

import io
import json
import tarfile
from pathlib import Path

import pytest
from werkzeug.datastructures import FileStorage

from portal.attachments import actions as attachments
from portal.kernel.database import db
from tests.support import databases

WORDS = b"Der Drucker steht im Flur. \xf0\x9f\x96\xa8 " * 40_000


class Target:
    """An application on a database of its own, and its commands."""

    def __init__(self, engines, name, folder, **settings):
        self.name, self.files = name, folder / f"files-{name}"
        self.config = databases.make_config(engines, name, redis=60, files=self.files).model_copy(update=settings)
        self.app = databases.make_application(self.config)

    def run(self, *words):
        databases.configure_globals(self.app)
        answer = self.app.test_cli_runner().invoke(args=list(map(str, words)))
        with self.app.app_context():
            db.session.remove()
            db.engine.dispose()
        assert answer.exception is None or isinstance(answer.exception, SystemExit), answer.exception
        return answer


def read_parts(path):
    """Every part of a backup, by its name."""
    with tarfile.open(path) as tar:
        return {member.name: tar.extractfile(member).read() for member in tar}


def write_parts(path, parts):
    """Write *parts* as an archive, as they are."""
    with tarfile.open(path, "w") as tar:
        for name, content in parts.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))


def change_manifest(path, **values):
    """Let the manifest of the backup at *path* say something else."""
    parts = read_parts(path)
    parts["manifest.json"] = json.dumps({**json.loads(parts["manifest.json"]), **values}).encode()
    write_parts(path, parts)


@pytest.fixture(scope="module")
def source(live):
    """The live world, with a case and a file."""
    with live.inside() as world:
        case = world.open_case("rita", subject="The printer smokes")
        world.answer(case, "Please switch it off")
        attachments.stage(world.ctx("rita"), FileStorage(io.BytesIO(WORDS), filename="flur.txt"))
    return live


@pytest.fixture(scope="module")
def backup(source, tmp_path_factory) -> Path:
    """The file that `flask backup` made of it."""
    databases.configure_globals(source.app)
    path = tmp_path_factory.mktemp("backup") / "parley.tar"
    answer = source.app.test_cli_runner().invoke(args=["backup", "--to", str(path)])
    assert answer.exit_code == 0, answer.output[-3000:]
    return path


@pytest.fixture(scope="module")
def filled(engines, worker_number, backup, tmp_path_factory):
    """A database into which the backup was restored."""
    name = f"filled_{worker_number}"
    engines.create_database(name)
    made = Target(engines, name, tmp_path_factory.mktemp("filled"))
    answer = made.run("restore", backup)
    assert answer.exit_code == 0, answer.output[-3000:]
    made.said = answer.output
    yield made
    engines.drop_database(name)


@pytest.fixture
def target(engines, worker_number, request, tmp_path):
    """`target()` is an empty database of this server, with an empty store beside it."""
    made = []

    def make(**settings):
        name = f"restored_{worker_number}_{len(made)}"
        engines.create_database(name)
        made.append(Target(engines, name, tmp_path, **settings))
        return made[-1]

    yield make
    for one in made:
        engines.drop_database(one.name)
