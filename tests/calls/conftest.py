"""Phone in tests."""

import pytest

from portal.calls.models import Hotline
from portal.kernel import clock
from tests.support.hotlines import make_hotline


@pytest.fixture
def hotline(world):
    """`hotline(urgent_rank=1)` is a number in use, on weekdays from nine to six in Warsaw."""
    return lambda *words, **how: world.row(Hotline, make_hotline(world, *words, **how))


@pytest.fixture
def travel_to(travel):
    """`travel_to(moment)` moves the clock there; the test's end brings it home."""
    return lambda moment: travel(seconds=(moment - clock.now()).total_seconds())
