"""What tests use: `RunningProvider` starts the program, `Provider` gives it orders."""

import base64
import shutil
import sys
import tempfile
import time
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests

from engines.process import Process
from engines.supervisor import free_port
from portal.kernel import clock

CLIENT, SECRET = "parley-client", "s3cret-of-the-application"
ROOT = Path(__file__).resolve().parents[3]
# The directory of the tests about mailboxes, and the issuer that plays Google.
DIRECTORY, GOOGLE = "example.org", "google"
_PATIENCE = 30.0


@dataclass(frozen=True)
class GraphMail:
    """A message in an inbox of Graph, as it was when it was asked for."""

    id: str
    received: str
    raw: bytes
    is_read: bool
    is_deleted: bool

    @property
    def message(self) -> EmailMessage:
        """It, parsed."""
        return message_from_bytes(self.raw, policy=default)  # type: ignore[return-value]


class Provider:
    """A provider that runs at *url*. Methods that are not here are orders of `state.State`, by keyword:
    `provider.order("rotate_keys", tenant="acme")`."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._http = requests.Session()
        self._http.trust_env = False

    def order(self, order: str, /, **arguments: Any) -> Any:
        """Give an order; what it returned."""
        answer = self._http.post(f"{self.url}/control/{order}", json=arguments, timeout=30)
        answer.raise_for_status()
        return answer.json()["result"]

    def reset(self) -> None:
        """As just started, with the directory, the issuer and the application that mailboxes use."""
        self.order("reset")
        self.order("tenant", name=DIRECTORY, is_microsoft=True)
        self.order("tenant", name=GOOGLE)
        self.order("client", client_id=CLIENT, secret=SECRET)

    # -- signing in --

    def tenant(self, name: str, *, is_microsoft: bool = False, names_itself: bool = False) -> str:
        """Make a tenant; its issuer."""
        return str(self.order("tenant", name=name, is_microsoft=is_microsoft, names_itself=names_itself))

    def user(self, tenant: str, email: str, **more: Any) -> str:
        """Make a user; their subject."""
        return str(self.order("user", tenant=tenant, email=email, **more))

    def redirect(self, uri: str, client_id: str = CLIENT) -> None:
        """Register an address to which the browser may be led back."""
        self.order("redirect", client_id=client_id, uri=uri)

    def sign_in_as(self, subject: str = "", *, deny: bool = False) -> None:
        """Who consents from now on without being asked."""
        self.order("sign_in_as", subject=subject, deny=deny)

    def consent(self, url: str) -> str:
        """Open *url* as a browser does; the path and query that it is led back to."""
        answer = self._http.get(url, allow_redirects=False, timeout=30)
        assert answer.status_code == 302, f"{answer.status_code} {answer.text[:500]}"
        parts = urlsplit(answer.headers["Location"])
        return f"{parts.path}?{parts.query}"

    # -- tokens --

    def revoke(self, account: str = "", kind: str = "") -> None:
        """End the permission of *account*, or only its tokens of a kind ('access' or 'refresh')."""
        self.order("revoke", account=account, kind=kind)

    @property
    def tokens(self) -> list[str]:
        """All that were given."""
        return list(self.order("tokens"))

    def living(self, kind: str) -> list[str]:
        """The tokens of a kind that can be used."""
        return list(self.order("tokens", kind=kind, alive=True))

    def owner_of(self, token: str) -> str:
        """Whose an access token is; '' for nobody's."""
        return str(self.order("owner_of", token=token))

    # -- faults --

    def fault(self, endpoint: str, **more: Any) -> None:
        """Order a fault; `state.Fault` says what it can be."""
        self.order("fault", endpoint=endpoint, **more)

    def token_fault(self, name: str, times: int = 1) -> None:
        """Make the next ID tokens wrong."""
        self.order("token_fault", name=name, times=times)

    def end_faults(self) -> None:
        """No more faults."""
        self.order("end_faults")

    def set(self, name: str, value: Any) -> None:
        """Change a setting of `state.State`."""
        self.order("set", name=name, value=value)

    @property
    def requests(self) -> list[str]:
        """Method and path of each request so far."""
        return list(self.order("requests"))

    # -- mail --

    def deliver(self, raw: bytes, address: str, *, is_read: bool = False) -> GraphMail:
        """Put a mail into an inbox of Graph."""
        received = clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")
        content = base64.b64encode(raw).decode()
        return _read_mail(self.order("deliver", address=address, raw=content, received=received, is_read=is_read))

    def mails(self, address: str) -> list[GraphMail]:
        """The inbox of *address*."""
        return [_read_mail(row) for row in self.order("mails", address=address)]

    def delete_mail(self, mail: GraphMail) -> None:
        """Let a mail be gone, as somebody deletes it."""
        self.order("delete_mail", id=mail.id)

    @property
    def sent(self) -> list[bytes]:
        """The mails that went out by Graph."""
        return [base64.b64decode(raw) for raw in self.order("sent")]


class RunningProvider(Provider):
    """A provider that this process started."""

    def __init__(self) -> None:
        self.port = free_port()
        super().__init__(f"http://127.0.0.1:{self.port}")
        self.folder = Path(tempfile.mkdtemp(prefix="parley-provider-", dir="/tmp"))
        self.process = self._launch()
        self.reset()

    def _launch(self) -> Process:
        command = [sys.executable, "-m", "tests.support.identity_provider", str(self.port)]
        started = Process("identity provider", command, log=self.folder / "out.log", folder=ROOT)
        until = time.monotonic() + _PATIENCE
        while True:
            try:
                self._http.get(f"{self.url}/control/ready", timeout=5).raise_for_status()
                return started
            except requests.RequestException:
                if time.monotonic() > until or not started.alive:
                    raise AssertionError(f"the provider {started.ending}: {started.last_lines()}") from None
                time.sleep(0.05)

    def stop(self) -> None:
        """Stop it: its port refuses connections."""
        self.process.stop(grace=2)

    def start_again(self) -> None:
        """Start it after `stop`; it has forgotten everything."""
        self.process = self._launch()
        self.reset()

    def close(self) -> None:
        """Stop it and remove its log."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


def _read_mail(row: dict[str, Any]) -> GraphMail:
    return GraphMail(row["id"], row["received"], base64.b64decode(row["raw"]), row["is_read"], row["is_deleted"])


def query_of(url: str) -> dict[str, str]:
    """The parameters of an address."""
    return dict(parse_qsl(urlsplit(url).query))
