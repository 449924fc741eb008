"""Two gunicorn servers with the same settings, and a client of plain sockets that costs little time itself."""

import re
import socket
import subprocess
import sys
import time
import urllib.parse
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench.databases import ROOT
from bench.world_builder import HOST, PASSWORD

# As `make run` serves Parley, but one process: what is compared is the cost of a request, not the number of cores.
WORKERS, THREADS = 1, 8
TOKEN = re.compile(rb'name="csrf_token"[^>]*? value="([^"]+)"')


@dataclass(slots=True)
class Server:
    """A running gunicorn."""

    port: int
    process: "subprocess.Popen[bytes]"

    def memory(self) -> int:
        """Kilobytes of the largest worker (proportional share)."""
        found = []
        for child in Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split():
            shares = re.search(r"^Pss:\s+(\d+)", Path(f"/proc/{child}/smaps_rollup").read_text(), re.MULTILINE)
            found.append(int(shares[1]) if shares else 0)
        return max(found, default=0)


@contextmanager
def gunicorn(app: str, port: int, environment: Mapping[str, str], log: Path) -> Iterator[Server]:
    """Serve *app* on *port* as long as the block lasts."""
    command = (
        *(sys.executable, "-m", "gunicorn", "--no-control-socket", "--worker-class", "gthread"),
        *(
            "--workers",
            str(WORKERS),
            "--threads",
            str(THREADS),
            "--keep-alive",
            "60",
            "--bind",
            f"127.0.0.1:{port}",
            app,
        ),
    )
    with log.open("wb") as out:
        process = subprocess.Popen(command, cwd=ROOT, env=dict(environment), stdout=out, stderr=out)
    try:
        _wait_for(port, process, log)
        yield Server(port, process)
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)


def _wait_for(port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit(f"The server does not start:\n{log.read_text()[-2000:]}")


@dataclass(slots=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(slots=True)
class Client:
    """A keep-alive connection with cookies. It parses only what the measurements need."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)
    _socket: socket.socket | None = None

    def get(self, path: str) -> Answer:
        return self.ask(f"GET {path} HTTP/1.1\r\n{self._head()}\r\n".encode())

    def post(self, path: str, values: Mapping[str, str]) -> Answer:
        return self.ask(self.written(path, values))

    def written(self, path: str, values: Mapping[str, str]) -> bytes:
        """The bytes of a form."""
        body = urllib.parse.urlencode(values).encode()
        kind = f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n"
        return f"POST {path} HTTP/1.1\r\n{self._head()}{kind}\r\n".encode() + body

    def ask(self, request: bytes) -> Answer:
        """Send *request* and read the whole answer; once more on a new connection if this one was closed."""
        try:
            return self._ask(request)
        except (ConnectionError, EOFError):
            self._socket = None
            return self._ask(request)

    def _head(self) -> str:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return f"Host: {HOST}\r\n" + (f"Cookie: {cookies}\r\n" if cookies else "")

    def _ask(self, request: bytes) -> Answer:
        if self._socket is None:
            self._socket = socket.create_connection(("127.0.0.1", self.port))
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        wire = self._socket
        wire.sendall(request)
        data = b""
        while (end := data.find(b"\r\n\r\n")) < 0:
            data += self._more(wire)
        head, body = data[:end].decode("latin-1").split("\r\n"), data[end + 4 :]
        headers: dict[str, str] = {}
        for line in head[1:]:
            name, _colon, value = line.partition(": ")
            if name.lower() == "set-cookie":
                cookie, _semicolon, _rest = value.partition(";")
                key, _equals, content = cookie.partition("=")
                self.cookies[key] = content
            headers[name.lower()] = value
        length = int(headers.get("content-length", "0"))
        while len(body) < length:
            body += self._more(wire)
        return Answer(int(head[0].split()[1]), headers, body)

    @staticmethod
    def _more(wire: socket.socket) -> bytes:
        piece = wire.recv(262_144)
        if not piece:
            raise EOFError
        return piece

    def token(self, path: str) -> str:
        """The form token of the page at *path*."""
        found = TOKEN.search(self.get(path).body)
        if found is None:
            raise SystemExit(f"There is no form at {path}.")
        return found[1].decode()


def signed_in(port: int, email: str) -> Client:
    """A browser in which the person with *email* is signed in, by the form that people use."""
    client = Client(port)
    token = client.token("/sign-in")
    answer = client.post("/sign-in", {"email": email, "password": PASSWORD, "csrf_token": token})
    if answer.status != 303:
        raise SystemExit(f"{email} could not sign in ({answer.status}).")
    return client
