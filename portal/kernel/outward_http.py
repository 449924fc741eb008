"""HTTP requests to servers that settings or people name: through `outward`, without redirects and proxies, with
answers of a bounded size within a bounded time."""

import socket
import time
from collections.abc import Iterator
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError
from urllib3.util import Retry

from portal.kernel import outward

# Seconds for a connection and for each piece of an answer, and for the whole answer.
SECONDS, ANSWER_SECONDS = 15.0, 60.0
# The most bytes of an answer, unless somebody asks for more.
ANSWER_BYTES = 2_000_000


class _Guarded:
    """The checked connection, for both kinds."""

    host: str
    port: int
    timeout: Any

    def _new_conn(self) -> socket.socket:
        seconds = self.timeout if isinstance(self.timeout, int | float) else SECONDS
        return outward.connect(self.host.strip("[]"), self.port, seconds)


class GuardedConnection(_Guarded, HTTPConnection):
    """A plain connection."""


class GuardedTlsConnection(_Guarded, HTTPSConnection):
    """A connection with TLS."""


class GuardedPool(HTTPConnectionPool):
    """Plain connections to one server."""

    ConnectionCls = GuardedConnection


class GuardedTlsPool(HTTPSConnectionPool):
    """Connections with TLS to one server."""

    ConnectionCls = GuardedTlsConnection


class OutwardAdapter(HTTPAdapter):
    """What a session of Requests sends through. An answer is cut after *most_bytes*. *seconds*: for a connection and
    for each piece of an answer; *answer_seconds*: for the whole answer."""

    def __init__(
        self, most_bytes: int = ANSWER_BYTES, seconds: float = SECONDS, answer_seconds: float = ANSWER_SECONDS
    ) -> None:
        self.most_bytes, self.seconds, self.answer_seconds = most_bytes, seconds, answer_seconds
        super().__init__(max_retries=Retry(0, read=False))

    def init_poolmanager(self, *arguments: Any, **more: Any) -> None:
        super().init_poolmanager(*arguments, **more)
        manager: PoolManager = self.poolmanager
        manager.pool_classes_by_scheme = {"http": GuardedPool, "https": GuardedTlsPool}

    def send(self, request: requests.PreparedRequest, *_arguments: Any, **more: Any) -> requests.Response:
        """The answer, read. Raises requests.RequestException."""
        response = super().send(request, stream=True, timeout=self.seconds, verify=more.get("verify", True))
        try:
            # What Requests stores of an answer that was read.
            response._content = self._read(response)
        except HTTPError as problem:
            raise requests.ConnectionError(problem, request=request) from problem
        finally:
            response.close()
        return response

    def _read(self, response: requests.Response) -> bytes:
        ends, read = time.monotonic() + self.answer_seconds, bytearray()
        for piece in response.raw.stream(65_536, decode_content=True):
            read += piece
            if len(read) >= self.most_bytes:
                break
            if time.monotonic() > ends:
                raise requests.Timeout(request=response.request)
        return bytes(read[: self.most_bytes])


def guard_session(
    session: requests.Session,
    *,
    most_bytes: int = ANSWER_BYTES,
    seconds: float = SECONDS,
    answer_seconds: float = ANSWER_SECONDS,
) -> None:
    """Let *session* reach other servers only as this module says."""
    session.trust_env = False
    session.max_redirects = 0
    adapter = OutwardAdapter(most_bytes, seconds, answer_seconds)
    for scheme in ("https://", "http://"):
        session.mount(scheme, adapter)


def list_causes(problem: BaseException) -> Iterator[BaseException]:
    """*problem* and what led to it: Requests and urllib3 wrap the errors of a connection several times."""
    waiting, seen = [problem], set()
    while waiting:
        one = waiting.pop(0)
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        inner = [*one.args, getattr(one, "reason", None), one.__cause__, one.__context__]
        waiting += [cause for cause in inner if isinstance(cause, BaseException)]
