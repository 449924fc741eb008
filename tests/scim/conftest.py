"""The identity providers of two organizations."""

import pytest

from tests.scim.steps import Client


@pytest.fixture
def acme(world, client):
    return Client(world, client, "acme", "ACME")


@pytest.fixture
def globex(world, client):
    return Client(world, client, "globex", "GLOBEX")
