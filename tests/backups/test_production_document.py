"""The commands of docs/howto/05-production.md, typed in their order on a bare server; compose.yaml agrees with them."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from engines import postgres, postgres_programs, roles
from engines.roles import APP, DATABASE, OWNER, SUPERUSER
from portal.backups.programs import find_program
from portal.config import WEB, needed_settings

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "howto" / "05-production.md").read_text()
COMMANDS = [line for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL) for line in block.splitlines()]


@pytest.fixture
def server(monkeypatch):
    """A server without any role of ours."""
    folder = Path(tempfile.mkdtemp(prefix="parley-document-"))
    folder.chmod(0o755)
    monkeypatch.setattr(roles, "provision", lambda *_: None)
    engine = postgres.start(folder, durable=False)
    yield engine
    engine.stop(grace=5)
    shutil.rmtree((folder / "postgres").resolve(), ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)


def test_every_command_of_the_page_works(server, engines, tmp_path):
    programs = find_program(
        "psql", 15, postgres_programs.in_wheel().major if postgres_programs.in_wheel() else 15
    ).parent
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}:{programs}:{os.environ['PATH']}",
        "PGHOST": str(server.sockets),
        "PGPASSWORD": server.passwords.of(SUPERUSER),
        "OWNER_PASSWORD": server.passwords.owner,
        "APP_PASSWORD": server.passwords.app,
        "DATABASE_URL": server.url(DATABASE, APP),
        "DATABASE_OWNER_URL": server.url(DATABASE, OWNER),
        "REDIS_URL": engines.redis_url(57),
        "SECRET_KEY": "a key of a production, with more than 32 characters",
        "SECURE_COOKIES": "1",
        "BASE_URL": "https://support.northwind.example",
        "STORAGE_URL": f"file://{tmp_path / 'files'}",
    }
    assert len(COMMANDS) == 8
    for command in COMMANDS:
        typed = command.replace("/backups/", f"{tmp_path}/")
        ran = subprocess.run(
            ["sh", "-c", typed], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False
        )
        assert ran.returncode == 0, f"{command}\n{ran.stdout}\n{ran.stderr}"
        assert "Traceback" not in ran.stderr


def test_compose_sets_what_web_needs_and_mounts_the_roles():
    text = (ROOT / "compose.yaml").read_text()
    assert all(f"\n    {name.upper()}: " in text for name in needed_settings(WEB))
    assert "file: ./engines/roles.sql" in text and (ROOT / "engines" / "roles.sql").is_file()
    for name in ("SECURE_COOKIES", "TRUSTED_PROXIES", "cap_drop", "no-new-privileges", "read_only", "requirepass"):
        assert name in text
