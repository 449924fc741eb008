"""The log answers who got that error: the page shows the words by which its line is found."""

import json
import logging
import re

import pytest
from sqlalchemy.exc import OperationalError

from portal.kernel.logs import json_formatter


class Lines(logging.Handler):
    """The lines as they are written, while the request is there."""

    def __init__(self):
        super().__init__()
        self.setFormatter(json_formatter())
        self.written = []

    def emit(self, record):
        self.written.append(json.loads(self.format(record)))


@pytest.fixture
def lines():
    access, handler = logging.getLogger("portal.access"), Lines()
    level = access.level
    access.setLevel(logging.INFO)
    access.addHandler(handler)
    yield handler.written
    access.removeHandler(handler)
    access.setLevel(level)


def test_a_request_is_told_by_route_provider_person_and_address(world, client, lines):
    case = world.open_case("rita")
    assert client("rita").get(f"/cases/{case.key}", environ_base={"REMOTE_ADDR": "192.0.2.7"}).status_code == 200
    line = lines[-1]
    assert line["route"].startswith("/cases/<")
    assert (line["status"], line["method"], line["address"]) == (200, "GET", "192.0.2.7")
    assert (line["provider"], line["actor"]) == (str(world.northwind.id), str(world.rita.id))
    assert line["ms"] >= 0 and line["level"] == "info" and line["timestamp"]
    assert case.key not in json.dumps(line) and world.rita.email not in json.dumps(line)


def test_a_token_in_the_path_is_not_logged(client, lines):
    client().get("/password/averyveryverysecrettoken")
    assert "averyvery" not in json.dumps(lines)


def test_the_page_of_an_error_shows_what_finds_its_line(world, client, lines, monkeypatch):
    def broken(*_):
        raise OperationalError("select", {}, Exception("gone"))

    browser = client("rita")
    endpoint = next(rule.endpoint for rule in world.app.url_map.iter_rules() if rule.rule == "/cases")
    monkeypatch.setitem(world.app.view_functions, endpoint, broken)
    answer = browser.get("/cases")
    line = lines[-1]
    assert answer.status_code == line["status"] == 503
    shown = re.search(r"<code>(\w+)</code>", answer.text)[1]
    assert shown == line["request_id"] == answer.headers["X-Request-Id"]


def test_a_probe_logs_nothing_of_alembic(client, caplog):
    caplog.set_level(logging.INFO)
    assert client().get("/readyz").status_code in (200, 503)
    assert not [record for record in caplog.records if record.name.startswith("alembic")]
