"""The version is written twice, for the installer and for the program: both say the same."""

import tomllib
from pathlib import Path

import portal

ROOT = Path(__file__).resolve().parents[2]


def test_the_program_says_the_version_of_the_project():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert portal.__version__ == project["version"]
