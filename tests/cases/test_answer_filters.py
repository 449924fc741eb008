"""D3, M3: lists are filtered by the answers to own fields, on both sides."""

import csv
import io
from itertools import product

import pytest

from portal.cases.engine.request_fields import Choice, RequestField
from portal.cases.models import AnswerValue, Case, RequestType

VEHICLES = (Choice("c1", {"en": "On foot", "pl": "Pieszo"}), Choice("c2", {"en": "By car", "pl": "Samochodem"}))
LIFTS = (Choice("c1", {"en": "Goods lift"}), Choice("c2", {"en": "Ramp"}))
VISIT = (
    RequestField("who", "person", {"en": "Host"}),
    RequestField("plate", "text", {"en": "Number plate", "pl": "Numer"}, in_lists=True),
    RequestField("when", "moment", {"en": "When"}),
    RequestField("day", "date", {"en": "Last day"}),
    RequestField("vehicle", "choice", {"en": "How they come"}, choices=VEHICLES),
    RequestField("needs", "choices", {"en": "They need"}, choices=LIFTS),
    RequestField("people", "number", {"en": "How many"}),
    RequestField("story", "paragraph", {"en": "Story"}),
    RequestField("rules", "consent", {"en": "House rules"}),
)
SENT = {"account": "ACME", "severity": "3", "subject": "Visit", "description": "We come.", "visibility": "shared"}


@pytest.fixture
def visit(world):
    row = world.row(RequestType, world.types["outage"])
    row.own_fields = [one.to_stored() for one in VISIT]
    world.session.flush()
    return row


@pytest.fixture
def visits(as_user, visit):
    """Opens visits; the first is ACME-1."""

    def come(who="cora", **answers):
        sent = {**SENT, **{f"own_{key}": value for key, value in answers.items()}}
        assert as_user(who).post("/new/outage", data=sent).status_code == 303

    return come


def keys(answer):
    assert answer.status_code == 200
    return {cell.text for cell in answer.page.all("td", data_cell="key")}


def asked(as_user, visit, query, who="cora"):
    path = {"ana": "/desk/queue/all?", "cora": "/cases?tab=all&"}.get(who, "/cases?tab=shared&")
    return as_user(who).get(f"{path}type={visit.id}&{query}")


@pytest.mark.parametrize("who", ["cora", "ana"])
def test_d3_each_kind_of_field_filters(world, as_user, visit, visits, who):
    visits(plate="WA 12345", when="2026-12-03T14:30", day="2026-12-04", vehicle="c2", needs=["c1", "c2"], people="2")
    visits(plate="Gd 7", when="2026-12-05T09:00", day="2026-12-09", vehicle="c1", needs=["c2"], rules="y")
    wanted = {
        "own_plate=wa+12": {"ACME-1"},
        "own_plate=GD": {"ACME-2"},
        "own_plate=12345": set(),
        "own_vehicle=c2": {"ACME-1"},
        "own_needs=c2": {"ACME-1", "ACME-2"},
        "own_needs=c1": {"ACME-1"},
        "own_people=2": {"ACME-1"},
        "own_people=3": set(),
        "own_rules=yes": {"ACME-2"},
        "own_day_from=2026-12-05": {"ACME-2"},
        "own_day_from=2026-12-04&own_day_to=2026-12-04": {"ACME-1"},
        "own_when_to=2026-12-03": {"ACME-1"},
        "own_when_from=2026-12-04&own_when_to=2026-12-05": {"ACME-2"},
        "own_vehicle=c1&own_needs=c1": set(),
    }
    assert {query: keys(asked(as_user, visit, query, who)) for query in wanted} == wanted


def test_d3_the_page_draws_the_fields_and_names_the_filter(as_user, visit, visits):
    visits(plate="WA 12345", vehicle="c2")
    page = asked(as_user, visit, "own_vehicle=c2&own_day_from=2026-12-01&own_day_to=2026-12-02").page
    assert [one.get("name") for one in page.first("div", id="answer-filters").all("input")] == [
        *("own_who", "own_plate", "own_when_from", "own_when_to", "own_day_from", "own_day_to", "own_people")
    ]
    chips = page.first("div", class_="filters__active").text
    assert "How they come: By car" in chips and "Last day: " in chips and "Dec" in chips
    assert not as_user("cora").get("/cases?tab=all").page.first("div", id="answer-filters").all("input")


def test_d3_choosing_a_type_brings_its_fields(as_user, visit):
    for who, path in (("cora", "/cases"), ("ana", "/desk/queue/all")):
        answer = as_user(who).get(f"{path}?type={visit.id}", headers={"HX-Request": "true"})
        fields = answer.page.first("div", id="answer-filters")
        assert fields.get("hx-swap-oob") == "true" and "own_plate" in answer.text
    assert "hx-swap-oob" not in as_user("cora").get(f"/cases?type={visit.id}").text


def test_d3_what_cannot_be_read_is_named_and_what_is_of_another_type_says_nothing(world, as_user, visit, visits):
    visits(plate="WA 1")
    answer = asked(as_user, visit, "own_vehicle=c9&own_day_from=tomorrow&own_people=many")
    assert keys(answer) == {"ACME-1"}
    assert "3 filters were not understood and are left out: Last day, How they come, How many" in answer.page.text
    other = as_user("cora").get(f"/cases?tab=all&type={world.types['question'].id}&own_plate=WA")
    assert "not understood" not in other.text and keys(other) == set()
    without = as_user("cora").get("/cases?tab=all&own_plate=XX&own_BAD=1&own_=2")
    assert keys(without) == {"ACME-1"}


def test_d3_an_answer_is_found_by_who_sees_the_case_only(world, as_user, visit, visits):
    visits(plate="WA 12345")
    assert keys(asked(as_user, visit, "own_plate=wa", "mel")) == {"ACME-1"}
    assert keys(asked(as_user, visit, "own_plate=wa", "gina")) == set()
    case = world.case("ACME-1")
    world.exclude(case, "mel")
    for path in ("/cases?tab=shared", "/cases.csv?tab=shared"):
        assert "ACME-1" not in as_user("mel").get(f"{path}&type={visit.id}&own_plate=wa").text


def test_d3_a_saved_list_keeps_the_filter_and_so_does_the_file(world, as_user, visit, visits):
    visits(plate="WA 12345")
    visits(plate="GD 1")
    file = as_user("cora").get(f"/cases.csv?tab=all&type={visit.id}&own_plate=gd").get_data(as_text=True)
    assert [row[0] for row in csv.reader(io.StringIO(file.removeprefix("\ufeff")))][1:] == ["ACME-2"]
    cora = as_user("cora")
    answer = cora.post(f"/cases/filters/new?tab=all&type={visit.id}&own_plate=gd", data={"name": "From Danzig"})
    assert "own_plate=gd" in answer.headers["Location"]
    assert keys(cora.get(answer.headers["Location"])) == {"ACME-2"}
    chip = asked(as_user, visit, "own_plate=gd").page.first("a", title="Remove this filter")
    assert chip is None or "own_plate" not in chip.get("href")


def test_d3_a_correction_is_followed(world, as_user, visit, visits):
    visits(plate="WA 12345", vehicle="c2")
    case = world.case("ACME-1")
    from portal.cases.actions.case_answers import correct_answers

    correct_answers(world.ctx("ana"), case, {"plate": ["KR 9"], "vehicle": ["c2"]})
    world.session.flush()
    assert keys(asked(as_user, visit, "own_plate=wa")) == set()
    assert keys(asked(as_user, visit, "own_plate=kr&own_vehicle=c2")) == {"ACME-1"}
    values = {(row.field, row.value) for row in world.rows(AnswerValue)}
    assert values == {("plate", "kr 9"), ("vehicle", "c2")}


def test_d3_filters_agree_with_what_the_cases_say(world, as_user, visit, visits):
    """Every pair of filters finds what a look at each answer finds."""
    plates, vehicles, needs = ("wa 1", "wa 12", "Łódź 3", ""), ("c1", "c2", ""), (["c1"], ["c1", "c2"], [])
    for plate, vehicle, need in list(product(plates, vehicles, needs))[::3]:
        visits(plate=plate, vehicle=vehicle, needs=need)
    stored = {}
    for number in range(1, len(world.rows(Case)) + 1):
        case = world.case(f"ACME-{number}")
        stored[case.key] = {one["key"]: one["value"] for one in case.answers or []}
    folded = {"Łódź 3": "lodz 3"}
    for plate, vehicle, need in product(("wa", "wa 12", "łód", ""), ("c1", ""), ("c2", "")):
        query = f"own_plate={plate}&own_vehicle={vehicle}&own_needs={need}&size=50"
        begins = {"łód": "lod"}.get(plate, plate)
        wanted = {
            key
            for key, one in stored.items()
            if folded.get(one.get("plate", ""), one.get("plate", "")).startswith(begins)
            and (not vehicle or one.get("vehicle") == vehicle)
            and (not need or need in one.get("needs", []))
        }
        assert keys(asked(as_user, visit, query)) == wanted, query
