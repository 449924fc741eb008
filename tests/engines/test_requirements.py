"""The requirement files: hashed, free of addresses, in step with each other and with pyproject.toml."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted((ROOT / "requirements").glob("*.txt"))
PIN = re.compile(r"^([a-z0-9._-]+)==([^ ;\\]+)", re.MULTILINE)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_file_names_no_address(file: Path) -> None:
    text = file.read_text()
    assert "://" not in text, "where packages come from is the installing machine's business"
    assert not re.search(r"^\s*-", text.replace("    --hash", ""), re.MULTILINE), "no options: no index, no nested file"


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_package_is_pinned_and_hashed(file: Path) -> None:
    entries = re.split(r"\n(?=[a-z0-9])", file.read_text().strip())
    assert len(entries) >= 1
    for entry in entries:
        assert PIN.match(entry), entry.splitlines()[0]
        assert "--hash=sha256:" in entry, f"{entry.splitlines()[0]} has no hash"


def test_the_files_agree_on_versions() -> None:
    pinned: dict[str, set[frozenset[str]]] = {}
    for file in FILES:
        versions: dict[str, set[str]] = {}
        for name, version in PIN.findall(file.read_text()):
            versions.setdefault(name, set()).add(version)  # more than one: for different Pythons
        for name, found in versions.items():
            pinned.setdefault(name, set()).add(frozenset(found))
    assert {name: found for name, found in pinned.items() if len(found) > 1} == {}


def test_the_files_are_exported_from_pyproject() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = {
        "run": project["project"]["dependencies"],
        "embedded": project["project"]["optional-dependencies"]["embedded"],
        **project["dependency-groups"],
    }
    for name, requirements in wanted.items():
        pinned = set(PIN.findall((ROOT / "requirements" / f"{name}.txt").read_text()))
        for requirement in requirements:
            package, version = re.sub(r"\[.*\]", "", requirement).split("==")
            assert (package, version) in pinned, f"{requirement} is not in {name}.txt: run make lock"
