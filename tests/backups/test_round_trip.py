"""What `flask backup` writes, `flask restore` puts back whole, or says why not and changes nothing."""

import hashlib
import json
import os
import shutil
import stat
import subprocess
import tarfile

import psycopg
import pytest

from engines.roles import OWNER
from portal.backups import security
from portal.kernel.database import db
from tests.backups.conftest import WORDS, change_manifest, read_parts, write_parts
from tests.support import databases
from tests.support.client import Browser


def facts(url):
    """What must be the same on both sides."""
    with psycopg.connect(url) as connection:
        return security.count_rows(connection), security.describe_security(connection)


def stored(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_backup_restored_into_an_empty_database_is_the_same(engines, source, filled):
    there = filled
    assert facts(engines.url(there.name, OWNER)) == facts(engines.url(source.name, OWNER))
    assert WORDS in stored(there.files).values()
    for sentence in ("Row-level security: forced on", "Functions: 3 run as their owner", "Owners and grants:"):
        assert sentence in there.said
    with psycopg.connect(engines.url(there.name)) as application:
        assert application.execute("SELECT count(*) FROM cases").fetchone() == (0,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            application.execute("DELETE FROM events")
    databases.configure_globals(there.app)
    page = Browser(there.app, source.world.northwind.host).get("/sign-in")
    assert page.status_code == 200
    with there.app.app_context():
        db.engine.dispose()


def test_what_was_restored_can_be_backed_up_and_restored_again(engines, source, filled, target, tmp_path):
    second = target()
    again = filled.run("backup", "--to", tmp_path / "again.tar")
    assert again.exit_code == 0, again.output
    answer = second.run("restore", tmp_path / "again.tar")
    assert answer.exit_code == 0, answer.output[-3000:]
    assert facts(engines.url(second.name, OWNER)) == facts(engines.url(source.name, OWNER))


def test_the_search_functions_never_belong_to_a_role_that_bypasses(engines, filled):
    with psycopg.connect(engines.url(filled.name, OWNER)) as owner:
        rows = owner.execute(
            "SELECT proname, proowner::regrole::text FROM pg_proc "
            "WHERE prosecdef AND pronamespace = 'public'::regnamespace ORDER BY 1"
        ).fetchall()
        assert rows == [(name, "parley_search") for name in ("search_accounts", "search_cases", "search_people")]
        assert owner.execute("SELECT has_schema_privilege('parley_search', 'public', 'CREATE')").fetchone() == (False,)
        owner.execute("ALTER TABLE cases NO FORCE ROW LEVEL SECURITY")
        assert security.find_faults(owner) == ["The table cases has policies that are not forced."]
        owner.rollback()


def test_the_file_is_private_and_holds_no_secret(source, backup):
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    assert not list(backup.parent.glob("*.part")) and not list(backup.parent.glob(".dump-*"))
    with tarfile.open(backup) as tar:
        manifest = json.load(tar.extractfile("manifest.json"))
    assert manifest["settings"]["SECRET_KEY"] is None and manifest["settings"]["POOL_SIZE"] == "3"
    assert source.config.secret_key not in json.dumps(manifest)
    assert source.config.database_owner_url not in json.dumps(manifest)


def test_a_file_that_is_there_is_not_overwritten(source, backup):
    answer = source.app.test_cli_runner().invoke(args=["backup", "--to", str(backup)])
    assert answer.exit_code == 1 and "exists already" in answer.output


def test_verify_reads_the_whole_file(filled, backup):
    answer = filled.run("backup", "verify", backup)
    assert answer.exit_code == 0 and "is whole" in answer.output


def damage_the_end(path):
    os.truncate(path, path.stat().st_size * 2 // 3)


def damage_a_byte(path):
    with path.open("r+b") as file:
        place = path.read_bytes().index(WORDS[:60]) + 5
        file.seek(place)
        file.write(b"X")


def damage_the_dump(path):
    """A whole archive whose dump is cut, with a manifest that does not know it."""
    parts = read_parts(path)
    parts["database.dump"] = parts["database.dump"][:-5000]
    write_parts(path, parts)


def damage_the_kind(path):
    path.write_bytes(b"PGDMP" + os.urandom(20_000))


def make_it_newer(path):
    change_manifest(path, migration="2031_01_01_0000")


def forget_the_salt(path):
    change_manifest(path, key_fingerprint={})


def say_words_for_numbers(path):
    change_manifest(path, rows=["cases"])


def nest_the_manifest(path):
    parts = read_parts(path)
    write_parts(path, {**parts, "manifest.json": b"[" * 200_000})


def lead_out_of_the_store(path):
    parts = read_parts(path)
    content, name = b"x", "files/../../evil"
    said = json.loads(parts.pop("manifest.json"))
    said["parts"][name] = {"size": 1, "sha256": hashlib.sha256(content).hexdigest()}
    write_parts(path, {**parts, name: content, "manifest.json": json.dumps(said).encode()})


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (forget_the_salt, "its manifest cannot be read"),
        (say_words_for_numbers, "its manifest cannot be read"),
        (nest_the_manifest, "its manifest cannot be read"),
        (lead_out_of_the_store, "does not hold what its manifest says: files/../../evil"),
        (damage_the_end, "is cut off"),
        (damage_a_byte, "is damaged: its SHA-256"),
        (damage_the_dump, "is damaged: its SHA-256"),
        (damage_the_kind, "cannot be read as a backup"),
        (make_it_newer, "does not know the migration 2031_01_01_0000"),
    ],
)
def test_what_is_wrong_with_the_file_is_said_before_anything_is_changed(
    engines, backup, filled, tmp_path, damage, sentence
):
    there = filled
    before = facts(engines.url(there.name, OWNER))
    copy = tmp_path / "copy.tar"
    shutil.copy(backup, copy)
    damage(copy)
    answer = there.run("restore", copy, "--replace", there.name)
    assert answer.exit_code == 1 and sentence in answer.output, answer.output
    assert "Traceback" not in answer.output
    assert facts(engines.url(there.name, OWNER)) == before


def test_another_key_is_refused_and_can_be_accepted(backup, target):
    there = target(secret_key="another key, of another installation")
    answer = there.run("restore", backup)
    assert answer.exit_code == 1 and "SECRET_KEY is not the key of this backup" in answer.output
    assert there.run("backup", "verify", backup).exit_code == 1
    assert there.run("restore", backup, "--other-key").exit_code == 0


def test_a_database_with_data_is_replaced_only_when_it_is_named(engines, source, backup, filled):
    there = filled
    url = engines.url(there.name, OWNER)
    with psycopg.connect(url) as owner:
        owner.execute("DELETE FROM due_work")
        owner.execute("CREATE TABLE mine (n integer)")
    answer = there.run("restore", backup)
    assert answer.exit_code == 1 and f"--replace {there.name}" in answer.output
    answer = there.run("restore", backup, "--replace", "parley")
    assert answer.exit_code == 1 and "--replace names parley" in answer.output
    with psycopg.connect(url) as somebody:
        somebody.execute("SELECT 1")
        answer = there.run("restore", backup, "--replace", there.name)
        assert answer.exit_code == 1 and "other connections use the database" in answer.output
    answer = there.run("restore", backup, "--replace", there.name)
    assert answer.exit_code == 0, answer.output[-3000:]
    assert facts(url) == facts(engines.url(source.name, OWNER))


def test_what_fails_in_the_middle_leaves_the_data_of_before(engines, backup, filled, monkeypatch):
    there = filled
    url = engines.url(there.name, OWNER)
    before = facts(url)
    monkeypatch.setattr(security, "find_differences", lambda *_: ["grants: something is not as it was."])
    answer = there.run("restore", backup, "--replace", there.name)
    assert answer.exit_code == 1 and "something is not as it was" in answer.output
    assert facts(url) == before


def test_the_application_must_lead_to_the_same_database(engines, source, backup, target):
    there = target(database_url=engines.url(source.name))
    answer = there.run("restore", backup)
    assert answer.exit_code == 1 and "lead to different databases" in answer.output


def test_without_the_owner_nothing_is_done(engines, backup, target):
    there = target(database_owner_url="")
    assert "DATABASE_OWNER_URL is not set" in there.run("restore", backup).output
    there = target(database_owner_url=engines.url("world"))
    assert "does not see every row" in there.run("backup", "--to", "/tmp/never.tar").output


def test_a_file_that_the_store_lost_is_said(filled, tmp_path):
    there = filled
    (lost,) = [path for path in there.files.rglob("*") if path.is_file()]
    lost.unlink()
    answer = there.run("backup", "--to", tmp_path / "poor.tar")
    assert answer.exit_code == 0 and "is not in the store" in answer.output
    assert "1 files were missing" in there.run("backup", "verify", tmp_path / "poor.tar").output


def test_the_password_is_in_no_argument(monkeypatch, source, tmp_path):
    seen = []
    real = subprocess.Popen

    def spy(command, *args, **kwargs):
        seen.append(" ".join(map(str, command)))
        return real(command, *args, **kwargs)

    monkeypatch.setattr(subprocess, "Popen", spy)
    answer = source.app.test_cli_runner().invoke(args=["backup", "--to", str(tmp_path)])
    assert answer.exit_code == 0, answer.output[-3000:]
    dumped = [line for line in seen if "--format=custom" in line]
    assert dumped and source.engines.passwords.owner not in dumped[0]
