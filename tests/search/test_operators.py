"""A question on the desk may say more than words: whose case, whose owner, which status, since when."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.kernel import clock
from portal.search.rules import MOST, NAMES, split_operators
from tests.support.page import Page

ANYTHING = st.text(alphabet=st.sampled_from('abcü :"-0 \t\n') | st.characters(codec="utf-8"), max_size=80)


def keys(browser, asked: str, **more) -> set[str]:
    """The keys of the cases that the desk's search shows."""
    answer = browser.get("/desk/search", query_string={"q": asked, **more})
    assert answer.status_code == 200
    page: Page = answer.page
    return {link.get("href").rpartition("/")[2] for link in page.all("a", class_="case-row__subject")}


@pytest.mark.parametrize(
    ("question", "words", "operators"),
    [
        ("printer", "printer", []),
        ("account:ACME printer", "printer", [("account", "ACME")]),
        ('from:"Rita North" no  sound', "no sound", [("from", "Rita North")]),
        ("STATUS:Open", "", [("status", "Open")]),
        ("myaccount:x account: x account:", "myaccount:x account: x account:", []),
        ("http://account:80/ status:500", "http://account:80/", [("status", "500")]),
        ('from:"Rita North"x', 'from:"Rita North"x', []),
        ("before:2026-11-01 after:2026-10-01", "", [("before", "2026-11-01"), ("after", "2026-10-01")]),
    ],
)
def test_a_question_is_split(question, words, operators):
    left, found = split_operators(question)
    assert (left, [(name, value) for name, value, _typed in found]) == (words, operators)


@given(
    st.lists(st.one_of(ANYTHING, st.sampled_from([f"{name}:{value}" for name in NAMES for value in ("a", '"b c"')])))
)
def test_nothing_that_was_typed_is_lost(parts):
    question = " ".join(parts)
    left, found = split_operators(question)
    assert len(found) <= MOST
    kept = " ".join([left, *(typed for _name, _value, typed in found)]).split()
    assert sorted(kept) == sorted(question.split())


def test_cases_are_narrowed_by_account_person_owner_status_and_day(world, as_user):
    acme = world.open_case("rita", subject="Scanner jams")
    globex = world.open_case("gil", subject="Scanner is slow")
    other = world.open_case("mel", subject="Printer smells")
    world.answer(acme, "Which tray?")
    ana = as_user("ana")
    assert keys(ana, "account:GLOBEX") == {globex.key}
    assert keys(ana, "account:globex scanner") == {globex.key}
    assert keys(ana, "account:acme scanner") == {acme.key}
    assert keys(ana, "from:rita") == {acme.key}
    assert keys(ana, f'from:"{world.person("rita").name}" scanner') == {acme.key}
    assert keys(ana, "from:rita printer") == set()
    assert other.key in keys(ana, "owner:nobody")
    today = clock.now().date()
    assert keys(ana, f"before:{today - dt.timedelta(days=3)}") == set()
    assert {acme.key, globex.key, other.key} <= keys(ana, f"after:{today - dt.timedelta(days=3)}")
    assert keys(ana, "status:closed") == set()


def test_owner_me_is_the_asker(world, as_user):
    mine, free = world.open_case("rita"), world.open_case("mel")
    assert as_user("ana").post(f"/desk/cases/{mine.key}/take", data={"version": mine.version}).status_code == 303
    assert keys(as_user("ana"), "owner:me") == {mine.key}
    assert keys(as_user("ana"), f'owner:"{world.person("ana").name}"') == {mine.key}
    assert free.key in keys(as_user("ana"), "owner:nobody") and mine.key not in keys(as_user("ana"), "owner:nobody")


def test_a_part_that_means_nothing_is_a_word(world, as_user):
    case = world.open_case("rita", subject="Answer status:500 after:midnight from:nowhere.invalid")
    for asked in ("status:500", "after:midnight", "from:nowhere.invalid", "account:no-such-account-here status:500"):
        assert (case.key in keys(as_user("ana"), asked)) == ("account" not in asked), asked


def test_operators_show_no_case_of_others(world, as_user):
    """Ana's colleague of another provider, and the portal, where a question has only words."""
    case = world.open_case("rita", subject="Scanner jams")
    assert keys(as_user("sue"), "account:ACME") == set() == keys(as_user("sue"), "from:rita")
    answer = as_user("gil").get("/search", query_string={"q": "account:ACME"})
    assert case.key not in answer.text
