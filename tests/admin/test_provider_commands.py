"""The operator's commands about providers, as typed."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from portal.web import current
from tests.support.client import Browser

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def run(live):
    def invoke(*words):
        return live.app.test_cli_runner().invoke(args=["provider", *words])

    return invoke


def test_a_provider_is_listed_renamed_closed_and_opened(live, run):
    host = live.world.southgate.host
    listed = run("list").output.splitlines()
    assert [line for line in listed if line.startswith(f"{host}\t")] and len(listed) == 2
    assert run("rename", host, "  South \n Gate ").exit_code == 0
    assert f"{host}\tSouth Gate" in run("list").output
    assert live.client().get("/sign-in").status_code == 200
    assert "is disabled" in run("disable", host).output
    assert "was disabled already" in run("disable", host).output
    current.clear_host_cache()

    def at(name):
        return Browser(live.app, name).get("/sign-in")

    assert at(host).status_code == 404
    assert live.client().get("/sign-in").status_code == 200, "the other provider goes on"
    assert "\tdisabled" in run("list").output
    assert run("add-host", host, "later.example").exit_code == 0
    current.clear_host_cache()
    assert at("later.example").status_code == 404, "a new host opens no closed door"
    assert "is enabled" in run("enable", host).output
    current.clear_host_cache()
    assert at(host).status_code == 200


def link_of(answer):
    assert answer.exit_code == 0, answer.output
    return re.search(r"http://[^/]+(/(?:password|invite)/\S+)", answer.output)[1]


def test_an_administrator_is_let_in_again(live, run):
    host = live.world.northwind.host
    path = link_of(run("rescue", host, "ada@northwind.example"))
    assert path.startswith("/password/") and live.client().get(path).status_code == 200
    path = link_of(run("rescue", host, "new.boss@northwind.example"))
    assert path.startswith("/invite/") and live.client().get(path).status_code == 200
    refused = run("rescue", host, live.world.person("ana").email)
    assert refused.exit_code == 1 and "is not an administrator" in refused.output
    refused = run("rescue", "nobody.example", "a@b.example")
    assert refused.exit_code == 1 and "leads to no provider" in refused.output


def test_in_a_checkout_the_settings_of_make_run_are_taken(live, tmp_path):
    """`flask provider …` beside a running `make run`, with nothing in the environment; and after it has stopped."""
    environment = {name: value for name, value in os.environ.items() if name not in live.environment()}
    left = "".join(f"export {name}='{value}'\n" for name, value in live.environment().items() if "ARGON" not in name)
    (tmp_path / "environment").write_text(left)
    command = [sys.executable, "-m", "flask", "--app", "app", "provider", "create"]
    command += ["Third Desk", "third.example", "ada@third.example"]
    ran = subprocess.run(
        command, cwd=ROOT, env=environment | {"PARLEY_DATA": str(tmp_path)}, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    assert "Third Desk is ready at http://third.example" in ran.stdout
    assert "settings that `make run` left" in ran.stderr


def test_a_database_that_does_not_answer_is_said(live, tmp_path):
    environment = {**os.environ, **live.environment(), "DATABASE_URL": "postgresql://parley_app@127.0.0.1:1/parley"}
    command = [sys.executable, "-m", "flask", "--app", "app", "provider", "list"]
    ran = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert ran.returncode == 1 and "The database does not answer" in ran.stderr and "Traceback" not in ran.stderr
