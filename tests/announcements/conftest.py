"""Announcements in tests."""

import pytest

from portal.announcements.models import Announcement
from tests.support.announcements import write_announcement


@pytest.fixture
def announce(world):
    """`announce("VPN down", accounts=["ACME"])` publishes; `state="draft"` only writes."""
    return lambda *words, **how: world.row(Announcement, write_announcement(world, *words, **how))
