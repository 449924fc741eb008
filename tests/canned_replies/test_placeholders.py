"""Placeholders: pure, read once, and never read again in what stands in a value."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.canned_replies.engine.placeholders import (
    PLACEHOLDERS,
    resolve,
    still_missing,
    unknown_placeholders,
)
from portal.canned_replies.labels import MEANINGS
from tests.support.effort import scaled

ANYTHING = st.text(max_size=30)
NO_BRACES = st.text(st.characters(exclude_characters="{}"), max_size=20)
NAMES = st.sampled_from(PLACEHOLDERS)
VALUES = st.dictionaries(
    NAMES, st.one_of(ANYTHING, st.sampled_from([f"{{{name}}}" for name in PLACEHOLDERS])), max_size=4
)


@settings(max_examples=scaled(100), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(NO_BRACES, NAMES), max_size=4), NO_BRACES, VALUES)
def test_a_value_stays_text_whatever_stands_in_it(pieces, end, values):
    """A customer called "{account}" is called "{account}" in the reply."""
    text = "".join(f"{before}{{{name}}}" for before, name in pieces) + end
    expected = "".join(before + (values.get(name) or f"{{{name}}}") for before, name in pieces) + end
    shown = resolve(text, values)
    assert shown.text == expected
    assert set(shown.missing) == {name for _before, name in pieces if not values.get(name)}


@settings(max_examples=scaled(100), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(ANYTHING)
def test_a_text_without_known_placeholders_stays_as_it_is(text):
    shown = resolve(text, {})
    assert shown.text == text


@settings(max_examples=scaled(100), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(ANYTHING, VALUES)
def test_what_was_written_and_what_was_put_in_make_the_text(text, values):
    parts = resolve(text, values).parts
    assert "".join(part.text for part in parts) == resolve(text, values).text
    assert all(part.name in PLACEHOLDERS for part in parts if part.name)


def test_capitals_and_spaces_do_not_matter():
    values = {"contact first name": "Jan", "case key": "ACME-1"}
    assert resolve("{Contact First Name} { case_key } {CASE-KEY}", values).text == "Jan ACME-1 ACME-1"


def test_what_only_looks_like_a_placeholder_is_named_and_stays():
    assert unknown_placeholders("{contact name} {contactname} {foo bar} {foo bar} {} {1} {a\nb}") == [
        "{contactname}",
        "{foo bar}",
    ]
    assert resolve("{contactname}", {"contact name": "Jan"}).text == "{contactname}"


def test_what_is_missing_counts_only_while_it_still_stands_in_braces():
    assert still_missing("In {Environment} it works", ["environment", "account"]) == ["environment"]
    assert still_missing("In Production it works", ["environment"]) == []


def test_every_placeholder_has_a_meaning():
    assert set(MEANINGS) == set(PLACEHOLDERS)
