"""A cache is bounded, drops what was not used for longest, counts, and may be shared by threads."""

import sys
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.kernel.cache import ENTRY_OVERHEAD, Cache, measure


def test_the_least_recently_used_entry_is_dropped():
    cache = Cache(max_entries=2)
    cache.put("a", 1)
    cache.put("b", 2)
    assert cache.get("a") == 1
    cache.put("c", 3)
    assert (cache.get("a"), cache.get("b"), cache.get("c")) == (1, None, 3)


keys = st.integers(0, 9)


@given(st.lists(st.tuples(st.sampled_from(["get", "put", "load"]), keys)), st.integers(1, 6))
def test_it_holds_what_the_rule_says(steps, bound):
    """Against a list of keys by last use."""
    cache, model = Cache(max_entries=bound), OrderedDict()
    for step, key in steps:
        if step == "get":
            assert cache.get(key) == model.get(key)
        elif step == "put":
            model[key] = cache.put(key, object())
        else:
            found = cache.load(key, object)
            assert model.setdefault(key, found) is found
        if key in model:
            model.move_to_end(key)
        while len(model) > bound:
            model.popitem(last=False)
        assert [key for key in range(10) if key in cache] == sorted(model)


def length(_key, value):
    return len(value)


@given(st.lists(st.tuples(keys, st.integers(0, 3_000))))
def test_bytes_never_exceed_the_bound(puts):
    cache, held = Cache(max_bytes=10_000, size=length), {}
    for key, size in puts:
        cache.put(key, "x" * size)
        held[key] = size
        there = {key: size for key, size in held.items() if key in cache}
        assert cache.counters().bytes == sum(size + ENTRY_OVERHEAD for size in there.values()) <= 10_000
        assert cache.counters().entries == len(there)
        assert all(cache.get(key) == "x" * size for key, size in there.items())


def test_a_value_that_takes_a_tenth_of_the_room_is_not_stored():
    """It would drop what everybody else uses."""
    cache = Cache(max_bytes=10_000, size=length)
    cache.put("small", "x" * 100)
    assert cache.load("large", lambda: "x" * 1_000) == "x" * 1_000
    assert cache.get("large") is None and cache.get("small") is not None
    # A larger value in place of a small one: the small one is wrong now.
    cache.put("small", "x" * 1_000)
    assert cache.get("small") is None and cache.counters().bytes == 0


def test_a_value_is_made_once_and_everything_is_counted():
    cache, made = Cache(max_entries=1), []
    for _turn in range(3):
        assert cache.load("a", lambda: made.append(1) or "value") == "value"
    cache.put("b", "another")
    assert made == [1]
    found = cache.counters()
    assert (found.hits, found.misses, found.evictions, found.entries, found.bytes) == (2, 1, 1, 1, 0)
    cache.clear()
    assert "b" not in cache and cache.counters().entries == 0


def test_a_cache_has_one_bound():
    for bounds in ({}, {"max_entries": 1, "max_bytes": 1}, {"max_bytes": 1}, {"max_entries": 1, "size": length}):
        with pytest.raises(ValueError, match="one bound"):
            Cache(**bounds)


def test_threads_share_a_cache():
    """Nobody is given the value of another key, nothing is lost of the count, and the bound holds. Threads change
    places as often as Python lets them; no result depends on when."""
    cache = Cache(max_bytes=30 * (ENTRY_OVERHEAD + 1), size=lambda _key, _value: 1)
    turns, threads = 2_000, 8

    def work(start):
        for turn in range(turns):
            key = (start * 7 + turn * 3) % 60
            assert cache.load(key, lambda: key) == key  # noqa: B023 - called at once
            if turn % 500 == 0:
                cache.clear()

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(work, range(threads)))
    finally:
        sys.setswitchinterval(interval)
    found = cache.counters()
    assert found.hits + found.misses == turns * threads
    held = [key for key in range(60) if key in cache]
    assert len(held) == found.entries <= 30 and found.bytes == found.entries * (ENTRY_OVERHEAD + 1)


def test_containers_are_measured_to_their_depth():
    text = "x" * 1_000
    for value in ([text], (text,), {text: 1}, {1: text}, frozenset([text]), [({"a": [text]},)]):
        assert 1_000 < measure(value) < 2_500
    assert measure([text] * 10) > 10_000
    assert measure(1) == sys.getsizeof(1)
