"""Known and unknown addresses are told apart by no answer: not by its bytes, its headers, its time, or what it stores.

`PARLEY_ADDRESSES=200` compares 200 known and 200 unknown addresses at each door (some minutes); docs/decisions/0017 has
the figures. Without it a few are compared, in the same way.
"""

import os
import random
import re
import statistics
import time

import pytest

from portal.identity import actions
from portal.identity.models import LinkRequest
from portal.identity.passwords import hash_password
from portal.tenants.models import Provider
from tests.identity.steps import PASSWORD, WRONG, masked

pytestmark = pytest.mark.slow

ADDRESSES = int(os.environ.get("PARLEY_ADDRESSES", "12"))
# Ranks of two equal groups differ by more than so many standard deviations once in 15,000 comparisons.
FURTHEST = 4.0
# Where an address can be typed, and what is typed beside it.
DOORS = {
    "/sign-in": {},
    "/sign-in/password": {"password": WRONG},
    "/sign-in/link": {},
    "/password": {},
    "/sign-up": {"name": "Nina Newcomer"},
}
# What differs from answer to answer, whoever asks.
_OF_EACH_ANSWER = re.compile(r"(?i)^(date|set-cookie|content-security-policy|server-timing|x-request-id|etag)$")


@pytest.fixture
def addresses(world):
    """[(address, whether somebody here has it)], in an order of chance."""
    ctx, dice = world.system(), random.Random(20_261_130)
    names = [f"{dice.getrandbits(48):012x}@acme.example" for _ in range(2 * ADDRESSES)]
    stored = hash_password(PASSWORD)  # one for all: hashing 200 would take longer than comparing
    for email in names[:ADDRESSES]:
        actions.store_password_hash(ctx, actions.add_person(ctx, name="Somebody Known", email=email), stored)
    world.row(Provider, world.northwind).registration = "contacts"
    ctx.session.flush()
    mixed = [(email, index < ADDRESSES) for index, email in enumerate(names)]
    dice.shuffle(mixed)
    return mixed


def distance(one: list[float], other: list[float]) -> float:
    """By how many standard deviations the ranks of *one* differ from those of an equal group (Mann and Whitney)."""
    ranked = sorted([(value, True) for value in one] + [(value, False) for value in other])
    ranks = sum(rank for rank, (_value, mine) in enumerate(ranked, start=1) if mine)
    n, m = len(one), len(other)
    mean, deviation = n * (n + m + 1) / 2, (n * m * (n + m + 1) / 12) ** 0.5
    return (ranks - mean) / deviation


@pytest.mark.parametrize("path", DOORS)
def test_no_answer_tells_who_is_known(world, client, addresses, path):
    seconds: dict[bool, list[float]] = {True: [], False: []}
    seen: dict[bool, set[object]] = {True: set(), False: set()}
    client().get(path)  # the host is looked up once
    for number, (email, known) in enumerate(addresses):
        browser = client()
        place = {"REMOTE_ADDR": f"10.{number // 250}.{number % 250}.7"}
        before = len(world.rows(LinkRequest))
        began = time.perf_counter()
        answer = browser.post(path, data={"email": email, **DOORS[path]}, environ_base=place, checked=False)
        seconds[known].append(time.perf_counter() - began)
        headers = sorted((k, v) for k, v in answer.headers if not _OF_EACH_ANSWER.match(k))
        text = masked(answer, email, email.replace("@", "%40"))
        plain = str(headers).replace(email, "·").replace(email.replace("@", "%40"), "·")
        answer.close()  # what is written after the answer
        seen[known].add((answer.status_code, plain, text, len(world.rows(LinkRequest)) - before))
    assert seen[True] == seen[False] and len(seen[True]) == 1
    z = distance(seconds[True], seconds[False])
    known, unknown = (statistics.median(seconds[one]) * 1000 for one in (True, False))
    told = f"{path}: {ADDRESSES} + {ADDRESSES}, median {known:.1f} and {unknown:.1f} ms, {z:.2f} standard deviations"
    print(told)
    assert abs(z) < FURTHEST, told


def test_the_comparison_would_see_a_difference_of_a_tenth():
    """A test that could not fail would prove nothing."""
    dice = random.Random(1)
    usual = [dice.gauss(30, 2) for _ in range(200)]
    slower = [dice.gauss(33, 2) for _ in range(200)]
    assert abs(distance(usual, slower)) > FURTHEST
    assert abs(distance(usual, [dice.gauss(30, 2) for _ in range(200)])) < FURTHEST
