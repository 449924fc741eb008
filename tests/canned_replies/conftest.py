"""What links in texts need: the host that was asked."""

import pytest


@pytest.fixture
def app_request(world):
    """A request to Northwind's host."""
    with world.app.test_request_context(base_url=f"http://{world.northwind.host}"):
        yield
