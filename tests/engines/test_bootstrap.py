"""The first step on a fresh machine: quick when there is nothing to do, plain when something is missing."""

import importlib.util
import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

SOURCE = Path(__file__).resolve().parents[2] / "engines" / "bootstrap.py"


@pytest.fixture
def bootstrap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The bootstrap, working on a folder of its own; whoever uses port 8000 here does not matter."""
    monkeypatch.setenv("PORT", "0")
    spec = importlib.util.spec_from_file_location("bootstrap_under_test", SOURCE)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    (tmp_path / "requirements").mkdir()
    for part in ("run", "embedded", "test", "browser", "lint", "setup"):
        (tmp_path / "requirements" / f"{part}.txt").write_text(f"{part}==1\n")
    module.REQUIREMENTS = str(tmp_path / "requirements")
    module.VENV = str(tmp_path / ".venv")
    module.PYTHON = str(tmp_path / ".venv" / "bin" / "python")
    module.STAMP = str(tmp_path / ".venv" / "installed.json")
    return module


@pytest.fixture
def filled(bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A .venv whose installations are only written down."""
    Path(bootstrap.PYTHON).parent.mkdir(parents=True)
    Path(bootstrap.PYTHON).touch()
    fetched: list[str] = []
    monkeypatch.setattr(bootstrap, "is_usable", lambda: True)
    monkeypatch.setattr(bootstrap, "install_wheels", lambda part: fetched.append(part) or True)
    return fetched


def test_it_installs_what_is_asked_and_then_only_what_changed(
    bootstrap: ModuleType, filled: list[str], tmp_path: Path
) -> None:
    assert bootstrap.main(["run"]) == 0
    assert filled == ["run", "embedded"]
    assert bootstrap.main(["run"]) == 0
    assert bootstrap.main(["run", "test"]) == 0
    assert filled[2:] == ["test"]
    (tmp_path / "requirements" / "run.txt").write_text("run==2\n")
    assert bootstrap.main(["test"]) == 0
    assert filled[3:] == ["run"]


def test_nothing_to_do_starts_no_program(
    bootstrap: ModuleType, filled: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    bootstrap.main(["run"])
    monkeypatch.setattr(bootstrap, "subprocess", None)
    assert bootstrap.main(["run"]) == 0


def test_an_old_python_is_told_what_is_needed(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    old = SimpleNamespace(version_info=(3, 9, 2), executable="/usr/bin/python3", stdout=sys.stdout, stderr=sys.stderr)
    monkeypatch.setattr(bootstrap, "sys", old)
    assert bootstrap.main(["run"]) == 1
    assert "needs Python 3.11 or newer, and this is Python 3.9" in capsys.readouterr().err


def test_a_python_without_venv_names_the_system_package(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def without_venv(command: list[str], **_options: object) -> subprocess.CompletedProcess[bytes]:
        if command[0] == bootstrap.PYTHON:
            raise FileNotFoundError
        return subprocess.CompletedProcess(command, 1, stdout=b"Error: ensurepip is not available")

    monkeypatch.setattr(bootstrap.subprocess, "run", without_venv)
    assert bootstrap.main(["run"]) == 1
    assert f"apt-get install python3.{sys.version_info[1]}-venv" in capsys.readouterr().err


def test_missing_engine_wheels_do_not_keep_parley_from_running(
    bootstrap: ModuleType,
    filled: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(bootstrap, "install_wheels", lambda part: part != "embedded")
    assert bootstrap.main(["run"]) == 0
    assert "could not be installed here. Parley goes on" in capsys.readouterr().err


def test_a_failed_installation_is_tried_again(
    bootstrap: ModuleType,
    filled: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(bootstrap, "install_wheels", lambda part: False)
    assert bootstrap.main(["run"]) == 1
    assert "could not be installed" in capsys.readouterr().err
    assert not Path(bootstrap.STAMP).exists() or "run" not in json.loads(Path(bootstrap.STAMP).read_text())


def test_a_port_in_use_is_said_before_anything_is_installed(
    bootstrap: ModuleType, filled: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        monkeypatch.setenv("PORT", str(taken.getsockname()[1]))
        monkeypatch.delenv("HOST", raising=False)
        assert bootstrap.main(["run"]) == 1
        assert filled == []
        assert bootstrap.main(["test"]) == 0, "only what is run needs the port"
    said = capsys.readouterr().err
    assert said.startswith(f"Port {os.environ['PORT']} on 127.0.0.1 is already in use.")
