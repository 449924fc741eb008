"""An identity provider of another make: npm's `oidc-provider`, several tenants in one process (`server.js`).

`.ci/run` installs it with `npm ci` into this folder, where Git does not look, and its tests must run there. Elsewhere
they are skipped, with the command that installs it, until somebody does.
"""

import os
import re
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
import requests

from engines.process import Process
from engines.supervisor import free_port
from tests.support.identity_provider import CLIENT, SECRET

FOLDER = Path(__file__).parent
# Set by `.ci/run`: what is missing is a failure there.
REQUIRED = "NPM_PROVIDER_REQUIRED"
_PATIENCE = 60.0


def need_npm_provider() -> None:
    """Skip the test where `oidc-provider` is not installed; fail it where it must be."""
    if shutil.which("node") is not None and (FOLDER / "node_modules" / "oidc-provider").is_dir():
        return
    sentence = f"npm's oidc-provider is not installed: npm ci --prefix {FOLDER.relative_to(Path.cwd())}"
    if os.environ.get(REQUIRED):
        pytest.fail(sentence)
    pytest.skip(sentence)


class NpmProvider:
    """The running program; orders are described in `server.js`."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.folder = Path(tempfile.mkdtemp(prefix="parley-npm-provider-", dir="/tmp"))
        command = ["node", str(FOLDER / "server.js"), str(self.port)]
        self.process = Process("npm identity provider", command, log=self.folder / "out.log", folder=FOLDER)
        until = time.monotonic() + _PATIENCE
        while True:
            try:
                self.order("ready")
                return
            except requests.RequestException:
                if time.monotonic() > until or not self.process.alive:
                    raise AssertionError(f"the provider {self.process.ending}: {self.process.last_lines()}") from None
                time.sleep(0.05)

    def order(self, order: str, /, **arguments: Any) -> Any:
        """Give an order; its answer."""
        answer = _make_session().post(f"{self.url}/control/{order}", json=arguments, timeout=30)
        answer.raise_for_status()
        return answer.json()

    def tenant(self, name: str, *, logout: str = "", conform: bool = False) -> str:
        """Make a tenant, in which the way *name* is known; its issuer. *conform*: addresses come by userinfo only."""
        redirect = f"http://northwind.localhost/sign-in/with/{name}/callback"
        more = {"logout": logout} if logout else {}
        made = self.order("tenant", name=name, client=CLIENT, secret=SECRET, redirect=redirect, conform=conform, **more)
        return str(made["issuer"])

    def account(self, tenant: str, sub: str, email: str, *, email_verified: bool = True, name: str = "Rita") -> None:
        """Make a person, and let them sign in and consent from now on."""
        claims = {"email": email, "email_verified": email_verified, "name": name}
        self.order("account", tenant=tenant, sub=sub, claims=claims)
        self.order("sign-in-as", tenant=tenant, sub=sub)

    def consent(self, url: str, browser: requests.Session | None = None) -> str:
        """Open *url* as a browser does, sign in and consent; the path and query that it is led back to."""
        browser = browser or _make_session()
        for _step in range(10):
            answer = browser.get(url, allow_redirects=False, timeout=30)
            assert answer.is_redirect, f"{answer.status_code} {answer.text[:500]}"
            url = urljoin(url, answer.headers["Location"])
            if not url.startswith(self.url):
                parts = urlsplit(url)
                return f"{parts.path}?{parts.query}"
        raise AssertionError(f"{url} leads nowhere")

    def sign_out(self, tenant: str, browser: requests.Session) -> None:
        """Sign out at the identity provider: it tells the applications."""
        page = browser.get(f"{self.url}/{tenant}/session/end", timeout=30)
        found = re.search(r'name="xsrf" value="([^"]+)"', page.text)
        assert found is not None, page.text[:500]
        data = {"xsrf": found.group(1), "logout": "yes"}
        browser.post(f"{self.url}/{tenant}/session/end/confirm", data=data, timeout=30).raise_for_status()

    def browser(self) -> requests.Session:
        """A browser with cookies of its own."""
        return _make_session()

    def stop(self) -> None:
        """Stop it: its port refuses connections."""
        self.process.stop(grace=2)

    def close(self) -> None:
        """Stop it and remove its log."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


def _make_session() -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    return session
