"""The demo's time moves for all its processes at once; an installation that people rely on refuses it."""

import datetime as dt

import pytest

from portal.config import Config, SettingsError
from portal.factory import create_app
from portal.kernel import clock


@pytest.fixture
def file(tmp_path):
    clock.follow_file(tmp_path / "clock")
    yield tmp_path / "clock"
    clock.follow_file(None)


def ahead():
    return clock.now() - dt.datetime.fromtimestamp(clock.milliseconds() / 1000, dt.UTC)


def test_whoever_follows_the_file_is_moved(file):
    assert abs(ahead()) < dt.timedelta(seconds=5)
    clock.travel_all(dt.timedelta(hours=3))
    assert abs(ahead() - dt.timedelta(hours=3)) < dt.timedelta(seconds=5)
    file.write_text("60")  # as another process would
    assert abs(ahead() - dt.timedelta(minutes=1)) < dt.timedelta(seconds=5)
    clock.travel_all(dt.timedelta(0))
    assert abs(ahead()) < dt.timedelta(seconds=5)


def test_nonsense_in_the_file_is_real_time(file):
    file.write_text("soon")
    assert abs(ahead()) < dt.timedelta(seconds=5)


def test_without_a_file_nobody_travels():
    with pytest.raises(RuntimeError):
        clock.travel_all(dt.timedelta(hours=1))


def test_the_commands(app, file, monkeypatch):
    monkeypatch.setattr(app.config["PARLEY"], "parley_time_travel", True)
    run = app.test_cli_runner().invoke
    assert "3:00:00 ahead" in run(args=["clock", "travel", "3h"]).output
    assert "3:07:00 ahead" in run(args=["clock", "travel", "7m"]).output
    assert run(args=["clock", "travel", "soon"]).exit_code == 1
    assert "real time" in run(args=["clock", "home"]).output


def test_production_refuses(app):
    answer = app.test_cli_runner().invoke(args=["clock", "travel", "3h"])
    assert answer.exit_code == 1 and "demo only" in answer.output
    with pytest.raises(SettingsError, match="no demo"):
        create_app(Config(parley_time_travel=True, secure_cookies=True, secret_key="k" * 40))
