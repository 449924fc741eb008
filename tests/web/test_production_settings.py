"""What an installation that people rely on refuses to start with, and pages outside of any provider."""

import pytest
from flask import session

from portal.config import Config, SettingsError
from portal.factory import create_app
from portal.web.guards import public
from tests.support import databases

LONG = "k" * 40


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"secret_key": ""}, "SECRET_KEY must have at least 32 characters"),
        ({"secret_key": "short"}, "SECRET_KEY must have at least 32 characters"),
        ({"secret_key": LONG, "parley_mail_sink": True}, "PARLEY_MAIL_SINK"),
        ({"secret_key": LONG, "parley_time_travel": True}, "PARLEY_TIME_TRAVEL"),
        ({"secret_key": LONG, "base_url": "http://support.example.com"}, "BASE_URL must begin with https://"),
    ],
)
def test_with_secure_cookies_a_demos_settings_are_refused(settings, sentence):
    with pytest.raises(SettingsError, match=sentence):
        create_app(Config(secure_cookies=True, **settings))


def test_with_secure_cookies_the_session_belongs_to_one_host_and_https(engines, tmp_path):
    """A cookie with the `__Host-` prefix cannot be set by a neighboring subdomain, nor sent without encryption."""
    settings = databases.make_config(engines, "world", redis=58, files=tmp_path)
    made = databases.make_application(settings.model_copy(update={"secure_cookies": True, "secret_key": LONG}))

    @made.get("/tests-only")
    @public("sets a session")
    def remember():
        session["x"] = 1
        return ""

    with made.test_request_context("/tests-only", base_url="https://nobody.example"):
        cookie = made.process_response(made.make_response(remember())).headers["Set-Cookie"]
    assert cookie.startswith("__Host-parley=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; ")) and "Domain" not in cookie


@pytest.mark.parametrize("who", ["rita", "ana", None])
@pytest.mark.parametrize(
    "path", ["/static/nothing.css", "/theme/nothing-000.css", "/healthz/nothing", "/readyz/x", "/metrics/x"]
)
def test_what_is_not_there_is_the_404_page_for_everybody(world, client, who, path):
    answer = client(who).get(path)
    assert answer.status_code == 404
    assert "Something broke" not in answer.text and "<html" in answer.text
