"""The portal as an app: what it shows without a connection, and what is pushed to it."""

import json

import pytest

pytestmark = pytest.mark.browser
SHOWN = (
    "async () => (await (await navigator.serviceWorker.ready).getNotifications()).map((one) => [one.title, one.body])"
)


@pytest.fixture
def app(chromium, visit, server):
    """`app(who)`: a page of somebody in a browser that lets the service worker work."""
    contexts = []

    def start(who):
        signed_in = visit(who).context.storage_state()
        context = chromium.new_context(base_url=server, storage_state=signed_in)
        context.grant_permissions(["notifications"], origin=server)
        contexts.append(context)
        page = context.new_page()
        page.goto("/me/notifications")
        page.evaluate("async () => { await navigator.serviceWorker.ready }")
        return page

    yield start
    for context in contexts:
        context.close()


def test_without_a_connection_the_portal_says_so_and_has_kept_nothing_of_anybody(app):
    page = app("rita")
    page.goto("/cases")
    page.goto("/")
    kept = page.evaluate(
        "async () => { const names = await caches.keys(); const found = []; for (const name of names)"
        " for (const one of await (await caches.open(name)).keys()) found.push(new URL(one.url).pathname);"
        " return found; }"
    )
    assert "/offline" in kept and all(path == "/offline" or path.startswith(("/static/", "/theme/")) for path in kept)
    page.context.set_offline(True)
    page.goto("/cases")
    assert page.locator("h1").inner_text() == "No connection"
    assert "Rita" not in page.content()
    page.context.set_offline(False)
    page.goto("/cases")
    assert page.locator("h1").inner_text() == "Cases"


def test_what_is_pushed_is_shown_as_text_while_no_page_is_in_front(app, server):
    page = app("rita")
    devtools, found = page.context.new_cdp_session(page), []
    devtools.on("ServiceWorker.workerRegistrationUpdated", lambda event: found.extend(event["registrations"]))
    devtools.send("ServiceWorker.enable")
    page.wait_for_timeout(300)
    said = {"title": "Northwind MSP", "body": "ACME-1: <b>Ana</b> replied", "tag": "1", "path": "/cases"}
    push = {"origin": server, "registrationId": found[-1]["registrationId"], "data": json.dumps(said)}
    devtools.send("ServiceWorker.deliverPushMessage", push)
    page.wait_for_timeout(300)
    assert page.evaluate(SHOWN) == []  # the bell of the page that is in front says it
    page.goto("about:blank")
    devtools.send("ServiceWorker.deliverPushMessage", push)
    devtools.send("ServiceWorker.deliverPushMessage", push)
    page.wait_for_timeout(500)
    page.goto("/me/notifications")
    assert page.evaluate(SHOWN) == [["Northwind MSP", "ACME-1: <b>Ana</b> replied"]]  # once: they have one tag
