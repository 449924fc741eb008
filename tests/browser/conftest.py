"""A real Chromium against a real server on a world with real commits. Every page it opens is watched: no console error,
no violation of the content security policy, no answer from another site."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright
from playwright.sync_api import Error as PlaywrightError

from portal.drafts.models import FormDraft

ROOT = Path(__file__).resolve().parents[2]
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP *.localhost 127.0.0.1",
]

# The browser's own remarks when one side of a page change opted out of the cross-fade, or was left before it was drawn:
# nothing of ours failed.
UNFADED = ("ViewTransition opt-in disabled", "Transition was aborted", "Transition was skipped")
# Said where a context blocks service workers.
BLOCKED = "Service Worker registration blocked by Playwright"


@pytest.fixture(scope="module")
def server(live: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The web process on the module's own world; yields `http://northwind.localhost:PORT`."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = tmp_path_factory.mktemp("web") / "log"
    environment = {**os.environ, **live.environment(), "PARLEY_DATA": str(log.parent), "LOG_LEVEL": "WARNING"}
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "--no-control-socket",
        "-k",
        "gthread",
        "--threads",
        "8",
        # Few readers: two processes, forked from one that built the application.
        "--workers",
        "2",
        "--preload",
        "--graceful-timeout",
        "5",
        "--bind",
        f"127.0.0.1:{port}",
        "app:create_app()",
    ]
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=output)
        try:
            for _ in range(1200):
                try:
                    urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2)
                    break
                except OSError:
                    time.sleep(0.1)
            else:
                raise AssertionError(log.read_text())
            yield f"http://northwind.localhost:{port}"
        finally:
            process.terminate()
            process.wait(120)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=FLAGS
        )
        yield browser
        browser.close()


# The pages that the running test looks at, for the report of its failure.
OPEN: list[Page] = []


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """A failed test says what its pages showed."""
    outcome: Any = yield
    report = outcome.get_result()
    if report.failed and call.when == "call":
        for page in OPEN[-3:]:
            try:
                shown = page.locator("body").inner_text(timeout=3000)
            except PlaywrightError as error:
                shown = str(error)
            report.sections.append((f"page {page.url}", shown[:2500]))


class Watch:
    """What went wrong on any page of a test, unless the test expects it."""

    def __init__(self) -> None:
        self.problems: list[str] = []

    def console(self, message: ConsoleMessage) -> None:
        # A test that cuts the network sees what the page asks for fail (app.js, "reach" and "news").
        asked = str(message.location.get("url", "")).partition("?")[0]
        reach = asked.endswith(("/healthz", "/tick", "/drafts")) and "net::ERR_" in message.text
        offline = "net::ERR_INTERNET_DISCONNECTED" in message.text or "htmx:error: Failed to fetch" in message.text
        # 599 is what a test lets the server fail with.
        refused = "the server responded with a status of 4" in message.text or "a status of 599" in message.text
        expected = reach or offline or refused or BLOCKED in message.text
        if message.type in ("error", "warning") and not expected:
            self.problems.append(f"{message.type}: {message.text}")

    def error(self, error: object) -> None:
        if not any(remark in str(error) for remark in UNFADED):
            self.problems.append(f"script: {error}")

    def request(self, url: str, server: str) -> None:
        if not url.startswith((server, "blob:", "data:")):
            self.problems.append(f"asked another site: {url}")


def wait_for_forms(page: Page) -> None:
    """Let *page* go on only when no form is on its way.

    A form asks for the server before it leaves (app.js, "reach"): a press starts its navigation a moment later, and
    what waits for a load would find the old page loaded.
    """
    goto, wait = page.goto, page.wait_for_load_state

    def forms_are_sent() -> None:
        page.wait_for_function("() => !document.querySelector('form[data-sending]')")

    def go(url: str, **options: Any) -> Any:
        forms_are_sent()
        return goto(url, **options)

    def wait_for_load(*state: Any, **options: Any) -> None:
        forms_are_sent()
        wait(*state, **options)

    page.goto, page.wait_for_load_state = go, wait_for_load  # type: ignore[method-assign, assignment]


@contextmanager
def visiting(chromium: Browser, base: str, email_of: Callable[[str], str]) -> Iterator[Any]:
    """`visit("rita", scheme="dark", width=390, javascript=False)` → a page at *base*, signed in as that person; None:
    nobody. What goes wrong on any of the pages fails the test in the end."""
    contexts: list[BrowserContext] = []
    watch = Watch()

    def open_as(
        who: str | None = None,
        *,
        scheme: str = "light",
        width: int = 1280,
        height: int = 900,
        javascript: bool = True,
        touch: bool = False,
        delays: bool = False,
    ) -> Page:
        context = chromium.new_context(
            viewport={"width": width, "height": height},
            color_scheme=scheme,  # type: ignore[arg-type]
            java_script_enabled=javascript,
            has_touch=touch,
            is_mobile=touch,
            base_url=base,
            # A service worker asks by itself, past what tests let pages ask (tests/browser/test_installed_app.py).
            service_workers="block",
        )
        contexts.append(context)
        if not delays:
            # Replies are sent at once, as for people who switched the delay off (test_undo_of_replies.py).
            context.route(
                "**/static/js/waiting.js*", lambda route: route.fulfill(content_type="text/javascript", body="")
            )
        page = context.new_page()
        OPEN.append(page)
        if javascript:
            wait_for_forms(page)
        page.on("console", watch.console)
        page.on("pageerror", watch.error)
        page.on("request", lambda request: watch.request(request.url, base))
        if who:
            page.goto("/sign-in")
            page.fill("input[name=email]", email_of(who))
            password = page.locator("input[name=password]")
            if not password.count() or not password.is_visible():
                page.click("main form button[type=submit]")
            page.fill("input[name=password]", "parley-demo")
            page.press("input[name=password]", "Enter")
            page.wait_for_url(lambda url: "/sign-in" not in url)
        return page

    try:
        yield open_as
    finally:
        OPEN.clear()
        for context in contexts:
            context.close()
    assert not watch.problems, "\n".join(watch.problems)


# Files whose tests look at drafts that stand in the world.
KEEPS_DRAFTS = {"test_every_screen.py", "test_nothing_is_asked_by_itself.py"}


@pytest.fixture
def visit(chromium: Browser, server: str, live: Any, request: pytest.FixtureRequest) -> Iterator[Any]:
    """Pages of Northwind's portal. Drafts of earlier tests are forgotten once the first page is there: until then some
    arrive that their pages sent as they closed."""
    with visiting(chromium, server, lambda who: live.world.person(who).email) as open_as:
        opened: list[Page] = []

        def open_first(who: str | None = None, **options: Any) -> Page:
            page = open_as(who, **options)
            if not opened and not KEEPS_DRAFTS & {request.node.path.name}:
                with live.inside() as world:
                    for draft in world.rows(FormDraft):
                        world.session.delete(draft)
            opened.append(page)
            return page  # type: ignore[no-any-return]

        yield open_first
