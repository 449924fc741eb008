"""Replies that only thank neither reopen nor restart a clock; whoever asks or complains is heard."""

from portal.cases.thanks.detection import is_only_thanks
from tests.cases.thanks_corpus import NEAR_MISSES, THANKS, sentences


def test_no_near_miss_is_swallowed():
    """A question that is taken as thanks is lost: not one may be."""
    corpus = sentences(NEAR_MISSES)
    swallowed = [text for _language, text in corpus if is_only_thanks(text)]
    print(f"near-misses: {len(swallowed)} of {len(corpus)} taken as thanks")
    assert len(corpus) >= 200
    assert not swallowed


def test_thanks_are_found():
    corpus = sentences(THANKS)
    missed = [text for _language, text in corpus if not is_only_thanks(text)]
    print(f"thanks: {len(corpus) - len(missed)} of {len(corpus)} found")
    assert len(corpus) >= 200
    assert not missed


def test_long_texts_end():
    """The detector reads what strangers write: no text keeps it busy."""
    assert not is_only_thanks("thank you " * 39 + "x")
    assert not is_only_thanks("very " * 70 + "x")
    assert not is_only_thanks("thanks " * 10_000)
    assert not is_only_thanks("")
