"""The portal of one preset, served to a real Chromium: what the seeds' texts are walked through on.

A journey says `PRESET = "…"` and is one test: its chapters share one portal and follow the order of the seed's text.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from portal.notifications.models import OutgoingMail
from tests.browser.conftest import visiting
from tests.presets.conftest import Portal, opened


@pytest.fixture(scope="module")
def portal(live: Any, request: pytest.FixtureRequest) -> Portal:
    """The portal of the module's PRESET with its people and no cases."""
    return opened(live, request.module.PRESET)


@pytest.fixture
def visit(chromium: Browser, server: str, portal: Portal) -> Iterator[Any]:
    """Pages of that portal; people by their key in demo.toml."""
    base = f"http://{portal.host}:{server.rpartition(':')[2]}"
    with visiting(chromium, base, portal.emails.__getitem__) as open_as:
        yield open_as


@pytest.fixture
def mails(portal: Portal) -> Any:
    """`mails("user")` → the mails that this person was sent, newest last; everything due is done before."""

    def sent_to(who: str) -> list[OutgoingMail]:
        while portal.live.work_due():
            pass
        found = portal.rows(OutgoingMail, OutgoingMail.recipient == portal.emails[who])
        return sorted(found, key=lambda mail: mail.id)

    return sent_to


@pytest.fixture
def told() -> dict[str, str]:
    """What earlier chapters leave to later ones: keys of cases."""
    return {}
