"""The audience of a case draws a bounded number of people, and finds the others by name, without JavaScript."""

import pytest

from portal.cases.pages import audience


@pytest.fixture
def case(world, monkeypatch):
    monkeypatch.setattr(audience, "PEOPLE_SHOWN", 1)
    return world.open_case("rita", visibility="shared")


def options(page):
    return {option.text.strip() for option in page.all("option") if option.get("value")}


def readers(page):
    return [row.text for row in page.all("span", class_="people__name")]


@pytest.mark.parametrize(
    ("who", "path"),
    [
        ("olga", "/cases/{key}/exclusions"),
        ("olga", "/cases/{key}/people"),
        ("olga", "/cases/{key}/sharing"),
        ("lee", "/desk/cases/{key}/exclusions"),
        ("lee", "/desk/cases/{key}/people"),
        ("lee", "/desk/cases/{key}/sharing"),
    ],
)
def test_a_list_of_readers_ends_and_a_search_finds_the_others(as_user, case, who, path):
    address = path.format(key=case.key)
    page = as_user(who).get(address).page
    assert not any("Rita Costa" in name for name in readers(page)) and "more" in page.text
    found = as_user(who).get(f"{address}?q=rita").page
    assert any("Rita Costa" in name for name in readers(found))
    assert [box.get("value") for box in found.all("input", id="q")] == ["rita"]


def test_a_choice_of_people_ends_and_a_search_finds_the_others(as_user, case):
    address = f"/cases/{case.key}/exclusions"
    page = as_user("olga").get(address).page
    assert "The first 1 by name. Search finds the others." in page.text
    assert len(options(page)) == 1 and "Mel Harper" not in options(page)
    assert options(as_user("olga").get(f"{address}?q=mel").page) == {"Mel Harper"}
    assert options(as_user("olga").get(f"{address}?q=mel@acme.example").page) == {"Mel Harper"}


def test_a_search_keeps_the_way_back_to_the_queue(as_user, case):
    page = as_user("lee").get(f"/desk/cases/{case.key}/sharing?from=all&q=<b>").page
    assert [box.get("value") for box in page.all("input", name="from")] == ["all"]
    assert [box.get("value") for box in page.all("input", id="q")] == ["<b>"]
