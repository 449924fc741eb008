"""What is kept of drawn texts is bounded by its size."""

from portal.web.rich_text.cache import SizedCache


def test_a_text_is_made_once():
    made = []
    cache = SizedCache(1_000)
    for _turn in range(3):
        assert cache.get("a", lambda text: made.append(text) or text * 2) == "aa"
    assert made == ["a"]


def test_the_oldest_goes_when_the_size_is_reached():
    cache = SizedCache(1_000)
    for number in range(100):
        cache.get(f"{number:010}", lambda text: text * 4)
        assert cache.size <= 1_000
    made = []
    cache.get(f"{99:010}", made.append)
    assert not made
    cache.get(f"{0:010}", lambda text: made.append(text) or text)
    assert made


def test_what_alone_would_fill_it_is_not_kept():
    cache = SizedCache(1_000)
    cache.get("x" * 60, lambda text: text)
    assert cache.size == 0
