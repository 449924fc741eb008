"""`python -m bench.weight`: size and paint time of a visit, in a real Chromium on the data of the bench.

CASES       which data (10000); load it first with `make bench-data`
CHROMIUM    the browser (/usr/bin/chromium)

Printed for each page: bytes over the wire and requests of a first visit (empty cache) and of a repeated one, and the
largest contentful paint on a slow line (1.6 Mbit/s, 150 ms, processor four times slower).
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from bench import compare, databases
from bench.http_servers import gunicorn
from bench.world_builder import HOST, PASSWORD

PORT = int(os.environ.get("PORT", "8155"))
FIRST_AIM, REPEAT_AIM, REQUESTS_AIM, PAINT_AIM = 150_000, 30_000, 3, 2.0
SLOW_LINE = {"offline": False, "latency": 150, "downloadThroughput": 200_000, "uploadThroughput": 94_000}
PAINT = """() => new Promise((tell) => new PerformanceObserver((list) => tell(list.getEntries().at(-1).startTime))
    .observe({ type: 'largest-contentful-paint', buffered: true }))"""


@dataclass(slots=True)
class Weight:
    """Bytes over the wire and requests of one visit."""

    size: int = 0
    requests: int = 0


@contextmanager
def weighed(page: Page) -> Iterator[Weight]:
    """Count what *page* asks for as long as the block lasts; what its cache answers costs nothing."""
    found = Weight()
    devtools = page.context.new_cdp_session(page)
    devtools.send("Network.enable")
    cached: set[str] = set()

    def finished(event: dict[str, Any]) -> None:
        if event["requestId"] not in cached and event["encodedDataLength"] > 0:
            found.size += int(event["encodedDataLength"])
            found.requests += 1

    devtools.on("Network.requestServedFromCache", lambda event: cached.add(event["requestId"]))
    devtools.on("Network.loadingFinished", finished)
    yield found
    page.wait_for_load_state("networkidle")
    devtools.detach()


def sign_in(browser: Browser, email: str) -> BrowserContext:
    """A browser in which *email* is signed in, with whatever its cache holds by then."""
    context = browser.new_context(base_url=f"http://{HOST}:{PORT}", viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.goto("/sign-in")
    page.fill("input[name=email]", email)
    if not page.locator("input[name=password]").is_visible():
        page.click("main form button[type=submit]")
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(lambda url: "/sign-in" not in url)
    page.close()
    return context


def measure(browser: Browser, email: str, path: str) -> tuple[Weight, Weight, float]:
    """The first visit with an empty cache, a repeated one, and the seconds of the paint on the slow line."""
    context = sign_in(browser, email)
    page = context.new_page()
    page.context.new_cdp_session(page).send("Network.clearBrowserCache")
    with weighed(page) as first:
        page.goto(path, wait_until="load")
    with weighed(page) as repeated:
        page.goto(path, wait_until="load")
    slow = context.new_page()
    devtools = context.new_cdp_session(slow)
    devtools.send("Network.enable")
    devtools.send("Network.clearBrowserCache")
    devtools.send("Network.emulateNetworkConditions", SLOW_LINE)
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    slow.goto(path, wait_until="load")
    paint = float(slow.evaluate(PAINT)) / 1000
    context.close()
    return first, repeated, paint


def main() -> int:
    cases = int(os.environ.get("CASES", "10000"))
    with ExitStack() as stack:
        where = stack.enter_context(databases.open_database(cases))
        databases.migrate(where)
        logs = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        environment = where.environment(LOG_LEVEL="WARNING", SMTP_URL="")
        stack.enter_context(gunicorn("app:create_app()", PORT, environment, logs / "own"))
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"),
            args=["--no-sandbox", "--host-resolver-rules=MAP *.localhost 127.0.0.1"],
        )
        print("| page | first visit | requests | again | requests | painted on a slow line |")
        print("|---|---:|---:|---:|---:|---:|")
        for page in compare.pages(compare.some_keys(where, 3)[0]):
            first, again, paint = measure(browser, page.who, page.path)
            cells = (f"{first.size / 1000:.0f} kB", first.requests, f"{again.size / 1000:.0f} kB", again.requests)
            print(f"| {page.name} | {' | '.join(map(str, cells))} | {paint:.1f} s |", flush=True)
        print(
            f"Aims: {FIRST_AIM / 1000:.0f} kB, {REPEAT_AIM / 1000:.0f} kB with {REQUESTS_AIM} requests, {PAINT_AIM} s."
        )
        browser.close()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
