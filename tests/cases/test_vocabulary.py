"""A provider calls the states by its own words: the same case, the same verbs, other words for both sides."""

import pytest

from portal.cases.actions.status_words import change_status_words
from portal.kernel.errors import Forbidden, Refused
from portal.tenants.models import Provider

# The words of seed S2: who spoke last is a word of the status there.
BY_WHO_SPOKE = {
    "new": "Open",
    "open": "Open",
    "open.answered": "Answered",
    "open.customer_replied": "Customer responded",
    "in_progress": "Processing",
    "in_progress.customer_replied": "Customer responded",
    "resolved": "Answered",
}
# The words of seed S0: fewer words than states.
FEWER = {
    "new": "Open",
    "open": "Open",
    "on_hold": "Pending",
    "waiting": "Pending",
    "resolved": "Solved",
    "closed": "Solved",
}


@pytest.fixture
def name(world):
    """`name(contact={...}, staff={...})` gives the states these words."""

    def change(who="ada", locale="en", **words):
        change_status_words(world.ctx(who), world.row(Provider, world.northwind.id), locale, words)

    return change


def status_of(browser, case, side="/cases"):
    return browser.get(f"{side}/{case.key}").page.first("header", class_="page-head").first("span", class_="pill").text


def test_both_sides_read_their_own_words(world, as_user, name):
    name(contact={"new": "We have it"}, staff={"new": "Unread"})
    case = world.open_case()
    assert status_of(as_user("rita"), case) == "We have it"
    assert status_of(as_user("ana"), case, "/desk/cases") == "Unread"


def test_a_reader_of_another_language_reads_the_built_in_words(world, as_user, name):
    name(locale="pl", contact={"new": "Zgłoszenie przyjęte"})
    assert status_of(as_user("rita"), world.open_case()) == "New"
    assert status_of(as_user("piotr"), world.open_case("piotr", account="ACMEPL")) == "Zgłoszenie przyjęte"


def test_the_word_follows_who_spoke_last(world, as_user, name):
    name(contact=BY_WHO_SPOKE)
    case, rita = world.open_case(), as_user("rita")
    assert status_of(rita, case) == "Open"
    world.answer(case)
    assert status_of(rita, case) == "Answered"
    as_user("ana").post(f"/desk/cases/{case.key}/status", data={"status": "in_progress"})
    assert status_of(rita, case) == "Processing"
    world.reply(case)
    assert status_of(rita, case) == "Customer responded"


def test_a_marker_may_stand_beside_the_status_instead(world, as_user, name):
    name(contact={"answered": "Support replied"})
    case = world.open_case()
    world.answer(case)
    head = as_user("rita").get(f"/cases/{case.key}").page.first("header", class_="page-head")
    assert "Support replied" in head.text and status_of(as_user("rita"), case) == "Open"


def test_a_filter_offers_each_word_once_and_finds_all_that_is_called_so(world, as_user, name):
    name(contact=FEWER)
    held, asked = world.case_in("on_hold", subject="Held"), world.case_in("waiting", subject="Asked")
    world.case_in("closed", subject="Done")
    page = as_user("rita").get("/cases?status=any").page
    chips = [chip.text for chip in page.first("nav", class_="chips").all("a")]
    assert [text.split()[0] for text in chips].count("Pending") == 1
    found = as_user("rita").get("/cases?status=waiting,on_hold").text
    assert held.key in found and asked.key in found and "Done" not in found


def test_a_filter_can_ask_who_spoke_last(world, as_user, name):
    name(contact=BY_WHO_SPOKE)
    answered, untouched = world.open_case(subject="Answered one"), world.open_case(subject="Untouched one")
    world.answer(answered)
    listed = as_user("rita").get("/cases?status=open.answered").text
    assert answered.key in listed and untouched.key not in listed


def test_search_understands_the_own_word(world, as_user, name):
    name(contact=BY_WHO_SPOKE)
    answered, untouched = world.open_case(), world.open_case()
    world.answer(answered)
    found = as_user("rita").get("/search?q=answered").text
    assert answered.key in found and untouched.key not in found


@pytest.mark.parametrize("status", ["open.nobody", "resolved.answered", "lost", "open.answered.open"])
def test_a_status_that_is_none_is_ignored_and_said_so(world, as_user, status):
    case = world.open_case()
    page = as_user("rita").get(f"/cases?status={status}&severity=9")
    assert page.status_code == 200 and case.key in page.text
    assert "2 filters were not understood and are left out: Status, Severity" in page.page.text


def test_a_conflict_speaks_the_words_of_its_reader(world, as_user, name):
    name(contact={"closed": "Done and dusted"})
    case = world.case_in("closed")
    answer = as_user("rita").post(f"/cases/{case.key}/resolution/accept", data={})
    assert answer.status_code == 409 and "Done and dusted" in answer.text


def test_the_words_stand_in_mails(world, name, run_outbox):
    from portal.notifications.models import OutgoingMail

    name(contact={"new": "We have it"})
    world.open_case()
    run_outbox()
    assert "We have it" in world.rows(OutgoingMail)[-1].html


@pytest.mark.parametrize(
    ("words", "field"),
    [
        ({"contact": {"lost": "x"}}, "lost"),
        ({"customer": {"new": "x"}}, "customer"),
        ({"staff": {"new": "x" * 61}}, "staff-new"),
    ],
)
def test_refused_words(name, words, field):
    with pytest.raises(Refused) as refusal:
        name(**words)
    assert refusal.value.field == field


def test_only_who_configures_names_states(name):
    with pytest.raises(Forbidden):
        name("ana", contact={"new": "x"})
