"""What an installation that people rely on refuses to start with, and pages outside of any provider."""

import pytest

from portal.config import Config
from portal.factory import create_app

LONG = "k" * 40


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"secret_key": ""}, "SECRET_KEY must have at least 32 characters"),
        ({"secret_key": "short"}, "SECRET_KEY must have at least 32 characters"),
        ({"secret_key": LONG, "parley_mail_sink": True}, "PARLEY_MAIL_SINK"),
        ({"secret_key": LONG, "parley_time_travel": True}, "PARLEY_TIME_TRAVEL"),
    ],
)
def test_with_secure_cookies_a_demos_settings_are_refused(settings, sentence):
    with pytest.raises(RuntimeError, match=sentence):
        create_app(Config(secure_cookies=True, **settings))


@pytest.mark.parametrize("who", ["rita", "ana", None])
@pytest.mark.parametrize("path", ["/static/nothing.css", "/theme/nothing-000.css", "/healthz/nothing", "/readyz/x"])
def test_what_is_not_there_is_the_404_page_for_everybody(world, client, who, path):
    answer = client(who).get(path)
    assert answer.status_code == 404
    assert "Something broke" not in answer.text and "<html" in answer.text
