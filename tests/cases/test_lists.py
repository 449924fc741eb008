"""The client's lists: what waits for the reader, filters by person, type and days, columns, pages, and the file."""

import csv
import datetime as dt
import io

import pytest


def keys(answer):
    return [cell.text for cell in answer.page.all("td", data_cell="key")]


def rows(answer):
    assert answer.status_code == 200 and answer.mimetype == "text/csv"
    return list(csv.reader(io.StringIO(answer.get_data(as_text=True).removeprefix("\ufeff"))))


def heads(answer):
    return [cell.text.strip() for cell in answer.page.all("th", role="columnheader")]


def test_d1_what_waits_for_me_is_a_tab(world, as_user):
    asked, solved, going = world.case_in("waiting"), world.case_in("resolved"), world.case_in("in_progress")
    world.case_in("waiting", by="gil")
    answer = as_user("rita").get("/cases?tab=waiting")
    assert set(keys(answer)) == {asked.key, solved.key} and going.key not in answer.page.text


def test_d1_a_case_about_me_waits_for_me_too(world, as_user):
    case = world.case_in("waiting", by="cora", contact="rita")
    assert keys(as_user("rita").get("/cases?tab=waiting")) == [case.key]
    shared = world.case_in("waiting", by="cora", visibility="shared")
    assert shared.key not in keys(as_user("rita").get("/cases?tab=waiting"))


def test_d1_an_empty_tab_says_what_belongs_there(as_user):
    assert "Nothing waits for you" in as_user("rita").get("/cases?tab=waiting").page.text


def test_d3_a_list_is_filtered_by_who_reported_and_whom_it_is_about(world, as_user):
    own, for_rita = world.open_case("cora"), world.open_case("cora", contact="rita")
    cora, rita = as_user("cora"), world.person("rita")
    assert set(keys(cora.get("/cases?by=me"))) == {own.key, for_rita.key}
    answer = cora.get(f"/cases?contact={rita.id}")
    assert keys(answer) == [for_rita.key] and f"About: {rita.name}" in answer.page.text
    assert "Clear all" in cora.get(f"/cases?contact={rita.id}&by=me").page.text


def test_d3_the_names_of_filters_are_those_of_the_cases(world, as_user):
    world.open_case("rita", visibility="shared")
    world.open_case("gil")
    options = as_user("mel").get("/cases?tab=shared").page.first("select", name="by").text
    assert world.person("rita").name in options and world.person("gil").name not in options


def test_d3_a_person_of_another_client_has_no_name(world, as_user):
    world.open_case("gil")
    gil = world.person("gil")
    page = as_user("rita").get(f"/cases?by={gil.id}").page
    assert "Opened by: not found" in page.text and gil.name not in page.text


def test_d3_a_list_is_filtered_by_type(world, as_user):
    outage, other = world.open_case("rita", type="outage"), world.open_case("rita", type="question")
    page = as_user("rita").get(f"/cases?type={other.request_type_id}")
    assert keys(page) == [other.key] and outage.key not in page.page.text


@pytest.mark.parametrize("what", ["opened", "updated"])
def test_d3_days_are_those_of_the_reader(world, as_user, what):
    old = world.open_case("rita", ago=dt.timedelta(days=30))
    new = world.open_case("rita")
    rita = as_user("rita")
    day = (world.ctx("rita").now - dt.timedelta(days=10)).date().isoformat()
    assert keys(rita.get(f"/cases?{what}_from={day}")) == [new.key]
    assert keys(rita.get(f"/cases?{what}_to={day}")) == [old.key]


@pytest.mark.parametrize("day", ["2026-13-40", "x", "0001-01-01", "9999-12-31", "2026-11-30T00:00", "%00"])
def test_d3_a_day_that_is_none_is_left_out_and_named(world, as_user, day):
    case = world.open_case("rita")
    answer = as_user("rita").get(f"/cases?opened_from={day}&updated_to={day}")
    assert answer.status_code == 200 and keys(answer) == [case.key]
    if day != "%00":
        assert "Opened from" in answer.page.first("main").text


def test_d5_closed_ones_come_by_a_switch(world, as_user):
    closed, going = world.case_in("closed"), world.open_case("rita")
    rita = as_user("rita")
    assert keys(rita.get("/cases")) == [going.key]
    switch = next(a for a in rita.get("/cases").page.all("a") if a.text.strip() == "Closed ones too")
    assert set(keys(rita.get(switch.get("href")))) == {closed.key, going.key}


def test_d1_columns_are_chosen_by_boxes(world, as_user):
    world.open_case("rita", type="outage")
    rita = as_user("rita")
    answer = rita.get("/cases?tab=my&column=&column=number&column=type&column=nonsense")
    assert answer.status_code == 303 and answer.location == "/cases?tab=my&columns=number%2Ctype"
    assert heads(rita.get(answer.location)) == ["Number", "Subject", "Request type"]
    assert "Opened by" in heads(rita.get("/cases?columns=nonsense"))


def test_d1_pages_have_numbers(world, as_user):
    for _n in range(41):
        world.open_case("rita")
    page = as_user("rita").get("/cases?page=2").page.first("nav", class_="pages")
    assert [a.text.split()[-1] for a in page.all("a", class_="pages__link")] == ["1", "2", "3"]


# -- the file ---------------------------------------------------------------------------------------------------------


def test_d1_the_file_holds_the_rows_of_the_filter(world, as_user):
    for n in range(25):
        world.open_case("rita", subject=f"Case number {n}")
    world.case_in("closed", subject="Closed long ago")
    rita = as_user("rita")
    answer = rita.get("/cases.csv?columns=number,status,by")
    head, *lines = rows(answer)
    assert head == ["Number", "Subject", "Status", "Opened by"] and len(lines) == 25
    assert answer.headers["Cache-Control"] == "no-store"
    assert {line[3] for line in lines} == {world.person("rita").name}
    assert len(rows(rita.get("/cases.csv?status=any"))) == 27
    assert [line[1] for line in rows(rita.get("/cases.csv?q=closed"))[1:]] == ["Closed long ago"]


def test_d1_the_file_keeps_formulas_as_text(world, as_user):
    world.open_case("rita", subject='=HYPERLINK("http://evil.example")')
    assert rows(as_user("rita").get("/cases.csv"))[1][1].startswith("'=HYPERLINK")


def test_d1_who_is_kept_out_of_a_case_finds_it_in_no_file(world, as_user):
    case = world.open_case("cora", subject="Leaver on Friday", visibility="shared")
    mel = as_user("mel")
    paths = ("/cases.csv?tab=shared&status=any", "/cases.csv?tab=all&status=any", "/cases.csv?q=Leaver")
    assert "Leaver on Friday" in mel.get(paths[0]).get_data(as_text=True)
    world.exclude(case, "mel")
    for path in paths:
        text = mel.get(path).get_data(as_text=True)
        assert "Leaver on Friday" not in text and case.key not in text


def test_d1_a_file_that_was_cut_says_so(world, as_user, monkeypatch):
    monkeypatch.setattr("portal.cases.queries.lists.FILE_LIMIT", 3)
    for _n in range(4):
        world.open_case("rita")
    lines = rows(as_user("rita").get("/cases.csv"))
    assert len(lines) == 5 and lines[-1][0].startswith("Only the newest 3 rows")
