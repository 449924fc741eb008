"""Issue 14.9, "installable": a manifest, icons for each provider, a service worker that keeps nothing of anybody."""

import io
import re

import pytest
from PIL import Image

from portal.kernel.app_icon import SIZES, draw_icon, icon_path

WORKER = "/service-worker.js"


@pytest.mark.parametrize("who", [None, "rita", "ana"])
def test_the_manifest_is_the_same_for_every_reader_and_names_the_provider(client, who):
    answer = client(who).get("/manifest.webmanifest")
    said = answer.get_json()
    assert answer.mimetype == "application/manifest+json"
    assert said["name"] == "Northwind MSP" and said["display"] == "standalone" and said["scope"] == "/"
    assert "set-cookie" not in {name.lower() for name, _value in answer.headers}
    for icon in said["icons"]:
        drawn = client(None).get(icon["src"])
        size = int(icon["sizes"].partition("x")[0])
        assert drawn.mimetype == "image/png" and Image.open(io.BytesIO(drawn.data)).size == (size, size)
        assert "immutable" in drawn.headers["Cache-Control"]
    assert {icon["purpose"] for icon in said["icons"]} == {"any", "maskable"}


def test_every_page_names_the_manifest_and_the_icon(client):
    page = client("rita").get("/")
    assert '<link rel="manifest" href="/manifest.webmanifest">' in page.text
    icon = re.search(r'rel="apple-touch-icon" href="([^"]+)"', page.text)[1]
    assert icon == icon_path("Northwind MSP", "#0c5a6b", 180) and client(None).get(icon).status_code == 200


@pytest.mark.parametrize(
    "address", ["/app-icon/181-{v}.png", "/app-icon/192-0000000000.png", "/app-icon/999999999-{v}.png"]
)
def test_no_other_size_or_version_is_drawn(client, address):
    version = icon_path("Northwind MSP", "#0c5a6b", 192).partition("-icon/192-")[2].removesuffix(".png")
    assert client(None).get(address.format(v=version)).status_code == 404


@pytest.mark.parametrize("name", ["Northwind", "Żubr", "東京", " ", "9 to 5", "<b>"])
def test_every_provider_gets_an_icon(name):
    for size in SIZES:
        drawn = Image.open(io.BytesIO(draw_icon(name, "#0c5a6b", size)))
        assert drawn.size == (size, size) and len(drawn.getcolors(100_000)) > 1


def test_the_service_worker_keeps_only_what_is_the_same_for_everybody(client):
    texts = {client(who).get(WORKER).text for who in (None, "rita", "ana", "gil")}
    assert len(texts) == 1
    kept = re.findall(r'^  "([^"]+)",$', texts.pop(), re.M)
    assert kept[0] == "/offline" and len(kept) >= 5
    for path in kept:
        answer = client("rita").get(path)
        assert answer.status_code == 200 and "Rita" not in answer.text, path
        if path != "/offline":  # a file for everybody
            assert "immutable" in answer.headers["Cache-Control"], path


def test_the_page_without_a_connection_is_asked_for_without_a_session(client):
    assert 'credentials: "omit"' in client(None).get(WORKER).text
    assert client(None).get("/offline").page.heading == "No connection"


def test_the_service_worker_is_asked_for_again_each_time(client):
    answer = client(None).get(WORKER)
    assert answer.mimetype == "text/javascript" and answer.headers["Cache-Control"] == "no-cache"
