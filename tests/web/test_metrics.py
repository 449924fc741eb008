"""/metrics: the token, the numbers, no name of a tenant, and one truth from two processes of the web server."""

import os
import re
import socket
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families

from engines.process import Process
from portal.kernel import jobs, outbox, workers
from portal.kernel.database import db
from portal.notifications.models import OutgoingMail
from tests.support import acting, databases

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "howto" / "05-production.md").read_text()
TOKEN = "a-token-for-prometheus"
BEARER = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture(scope="module")
def measured(live):
    """An application with a token, on a database of committed rows."""
    made = databases.make_application(live.config.model_copy(update={"metrics_token": TOKEN}))
    yield made
    with made.app_context():
        db.session.remove()
        db.engine.dispose()


def scrape(app):
    answer = app.test_client().get("/metrics", headers=BEARER)
    assert answer.status_code == 200, answer.text
    return read(answer.text)


def read(text):
    """The samples by name and labels, and the text without help lines."""
    return {
        (sample.name, *(value for _name, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_without_a_token_there_is_no_page(live):
    databases.configure_globals(live.app)
    assert live.app.test_client().get("/metrics", headers=BEARER).status_code == 404


@pytest.mark.parametrize("given", ["", "Bearer", "Bearer ", f"Bearer {TOKEN}x", f"Basic {TOKEN}", TOKEN, "Bearer ąę"])
def test_a_wrong_token_is_refused(measured, given):
    answer = measured.test_client().get("/metrics", headers={"Authorization": given} if given else {})
    assert answer.status_code == 401 and answer.headers["WWW-Authenticate"] == "Bearer"
    assert "parley_" not in answer.text


def test_any_host_answers_and_nothing_keeps_the_answer(measured):
    for host in ("northwind.localhost", "nobody.example", "10.0.0.7:8000"):
        answer = measured.test_client().get("/metrics", headers=BEARER, base_url=f"http://{host}")
        assert answer.status_code == 200 and answer.headers["Cache-Control"] == "no-store"


def test_requests_are_counted_by_route_and_the_labels_are_bounded(measured):
    client = measured.test_client()
    for path in ("/healthz", "/healthz", "/no/such/page", "/other/such/page"):
        client.get(path, base_url="http://northwind.localhost")
    client.open("/healthz", method="BREW", base_url="http://northwind.localhost")
    found = scrape(measured)
    assert found["parley_http_requests_total", "healthz", "GET", "200"] == 2
    assert found["parley_http_requests_total", "none", "GET", "404"] == 2
    assert found["parley_http_requests_total", "none", "other", "405"] == 1
    assert found["parley_http_request_duration_seconds_count", "healthz"] == 2
    endpoints = {name[1] for name in found if name[0] == "parley_http_requests_total"}
    assert endpoints <= {*measured.view_functions, "none"}


def test_what_waits_is_counted_over_all_providers(live, measured):
    databases.configure_globals(measured)
    before = scrape(measured)
    with live.inside() as world:
        world.open_case("rita")
        world.open_case("rita")
    with live.inside() as world:
        dead = world.rows(outbox.Delivery)[0]
        dead.state = "dead"
    after = scrape(measured)

    def grown(*name):
        return after[name] - before[name]

    assert grown("parley_outbox_deliveries", "dead") == 1
    pending = grown("parley_outbox_deliveries", "pending")
    assert pending > 0 and grown("parley_due_work", "delivery") == pending + 1
    assert after["parley_due_work_oldest_seconds",] > 0
    assert (
        grown("parley_promises", "running") > 0
        and after["parley_promises", "late"] == before["parley_promises", "late"]
    )
    assert after["parley_providers",] == 2 and after["parley_database_up",] == after["parley_redis_up",] == 1
    assert after["parley_jobs_queued",] > 0 and after["parley_job_oldest_seconds",] >= 0
    live.work_due()
    with live.inside() as world:
        mails = world.rows(OutgoingMail, OutgoingMail.state == "queued")
    assert scrape(measured)["parley_mails", "queued"] == len(mails)
    assert scrape(measured)["parley_due_work", "delivery"] == 0


def test_a_worker_that_shows_life_is_seen(measured):
    databases.configure_globals(measured)
    assert ("parley_worker_last_seen_seconds",) not in scrape(measured)
    workers.show_life(jobs.redis(), workers.WORKERS, "one")
    found = scrape(measured)
    assert found["parley_workers",] == 1 and found["parley_schedulers",] == 0
    assert 0 <= found["parley_worker_last_seen_seconds",] < workers.SILENT_SECONDS


def test_what_does_not_answer_is_left_out(measured):
    jobs.connect_redis("redis://127.0.0.1:1/0")
    found = scrape(measured)
    assert found["parley_redis_up",] == 0 and ("parley_jobs_queued",) not in found
    assert found["parley_database_up",] == 1 and ("parley_due_work", "delivery") in found
    databases.configure_globals(measured)


def test_no_database_is_no_error(measured, monkeypatch):
    databases.configure_globals(measured)
    bad = measured.config["PARLEY"].model_copy(update={"database_url": "postgresql+psycopg://x:x@127.0.0.1:1/x"})
    elsewhere = databases.make_application(bad)
    found = scrape(elsewhere)
    assert found["parley_database_up",] == 0 and ("parley_due_work", "delivery") not in found
    assert found["parley_redis_up",] == 1
    databases.configure_globals(measured)


def test_the_production_page_lists_every_name(measured):
    """With the labels; no label can name a tenant, a person or a case."""
    databases.configure_globals(measured)
    workers.show_life(jobs.redis(), workers.WORKERS, "one")
    workers.show_life(jobs.redis(), workers.SCHEDULERS, "one")
    acting.run_in_new_context(measured, jobs.work_due)
    answer = measured.test_client().get("/metrics", headers=BEARER).text
    found = {}
    for family in text_string_to_metric_families(answer):
        name = f"{family.name}_total" if family.type == "counter" else family.name
        found[name] = sorted({label for sample in family.samples for label in sample.labels} - {"le"})
    rows = re.findall(r"^\| `(parley_\w+)(?:\{([\w, ]+)\})?` \|", PAGE, re.MULTILINE)
    assert {name: sorted(filter(None, labels.split(", "))) for name, labels in rows} == found


def test_two_processes_of_the_web_server_say_the_same(live, tmp_path):
    """Each process counts in a file of its own, each scrape adds them up, and the folder ends with the server."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = {"METRICS_TOKEN": TOKEN, "PORT": str(port), "WEB_CONCURRENCY": "2", "TMPDIR": str(tmp_path)}
    server = Process(
        "web",
        [sys.executable, "-m", "gunicorn", "app:create_app()"],
        log=tmp_path / "web.log",
        environment={**os.environ, **live.environment(), **settings},
        folder=ROOT,
    )
    try:
        base = f"http://127.0.0.1:{port}"
        sent = wait_for_both(base, tmp_path, server)
        one, two = (read(requests.get(f"{base}/metrics", headers=BEARER, timeout=60).text) for _ in range(2))
        assert one["parley_http_requests_total", "healthz", "GET", "200"] == sent
        assert two["parley_http_requests_total", "healthz", "GET", "200"] == sent
        assert two["parley_http_requests_total", "metrics", "GET", "200"] == 1
        assert one["parley_http_request_duration_seconds_count", "healthz"] == sent
    finally:
        server.stop(grace=10)
    assert not list(tmp_path.glob("parley-metrics-*"))


def wait_for_both(base, folder, server):
    """Ask until both processes have counted something; returns how many requests were answered."""
    sent, deadline = 0, time.monotonic() + 90

    def ask(_n):
        try:
            return requests.get(f"{base}/healthz", timeout=60).status_code == 200
        except requests.ConnectionError:
            time.sleep(0.1)
            return False

    with ThreadPoolExecutor(8) as threads:
        while time.monotonic() < deadline and server.alive:
            sent += sum(threads.map(ask, range(16)))
            if len(list(folder.glob("parley-metrics-*/counter_*.db"))) == 2:
                return sent
    raise AssertionError(f"two processes did not answer: {(folder / 'web.log').read_text()[-3000:]}")
