"""`python -m bench.weight`: size and paint time of a visit, in a real Chromium on the data of the bench.

CASES       which data (10000); load it first with `make bench-data`
CHROMIUM    the browser (/usr/bin/chromium)

Printed for each page: bytes over the wire and requests of a first visit (empty cache) and of a repeated one; on a slow
line (1.6 Mbit/s, 150 ms, processor four times slower) the largest contentful paint, how long of it the page waited for
its first byte, and the longest answer to a press (a menu, a key in a field) with the same slow processor.
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
FIRST_AIM, REPEAT_AIM, REQUESTS_AIM, PAINT_AIM, PRESS_AIM = 150_000, 30_000, 3, 2.0, 200
SLOW_LINE = {"offline": False, "latency": 150, "downloadThroughput": 200_000, "uploadThroughput": 94_000}
PAINT = """() => new Promise((tell) => new PerformanceObserver((list) => tell(list.getEntries().at(-1).startTime))
    .observe({ type: 'largest-contentful-paint', buffered: true }))"""
FIRST_BYTE = "performance.getEntriesByType('navigation')[0].responseStart"
# From a press to the next paint, in milliseconds. The browser tells of none below 16.
WATCH_PRESSES = """() => { window.presses = [0]; new PerformanceObserver((list) => {
    for (const one of list.getEntries()) if (one.interactionId) window.presses.push(one.duration);
  }).observe({ type: 'event', durationThreshold: 16 }); }"""


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


@dataclass(frozen=True, slots=True)
class SlowVisit:
    """A visit on the slow line: seconds until the paint and until the first byte, milliseconds of the longest press."""

    paint: float
    first_byte: float
    press: float


def press_about(page: Page) -> float:
    """Open a menu, move by Tab and type into a field of *page*; returns the milliseconds of the longest answer."""
    page.evaluate(WATCH_PRESSES)
    page.locator("summary >> visible=true").first.click()
    page.keyboard.press("Escape")
    for _press in range(3):
        page.keyboard.press("Tab")
    field = page.locator("main :is(input[type=search], textarea) >> visible=true")
    if field.count():
        field.first.click()
        page.keyboard.type("printer", delay=80)
    page.wait_for_timeout(500)
    return float(page.evaluate("Math.max(...window.presses)"))


def measure(browser: Browser, email: str, path: str) -> tuple[Weight, Weight, SlowVisit]:
    """The first visit with an empty cache, a repeated one, and one on the slow line."""
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
    paint, first_byte = (float(slow.evaluate(script)) / 1000 for script in (PAINT, FIRST_BYTE))
    visit = SlowVisit(paint, first_byte, press_about(slow))
    context.close()
    return first, repeated, visit


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
        print("| page | first visit | requests | again | requests | painted on a slow line | first byte | press |")
        print("|---|---:|---:|---:|---:|---:|---:|---:|")
        for page in compare.pages(compare.some_keys(where, 3)[0]):
            first, again, slow = measure(browser, page.who, page.path)
            cells = (f"{first.size / 1000:.0f} kB", first.requests, f"{again.size / 1000:.0f} kB", again.requests)
            times = f"{slow.paint:.1f} s | {slow.first_byte:.1f} s | {slow.press:.0f} ms"
            print(f"| {page.name} | {' | '.join(map(str, cells))} | {times} |", flush=True)
        print(
            f"Aims: {FIRST_AIM / 1000:.0f} kB, {REPEAT_AIM / 1000:.0f} kB with {REQUESTS_AIM} requests, {PAINT_AIM} s, "
            f"{PRESS_AIM} ms."
        )
        browser.close()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
