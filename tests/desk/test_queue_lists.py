"""The desk's lists: filters, grouping, columns, density, and the file."""

import csv
import io

import pytest


def keys(answer):
    return [cell.text for cell in answer.page.all("td", data_cell="key")]


def lines(answer):
    assert answer.status_code == 200 and answer.mimetype == "text/csv"
    return list(csv.reader(io.StringIO(answer.get_data(as_text=True).removeprefix("\ufeff"))))


def test_d3_a_queue_is_filtered_by_organization_type_and_people(world, as_user):
    acme, globex = world.open_case("rita", type="question"), world.open_case("gil")
    ana = as_user("ana")
    for query in (
        f"organization={world.acme.organization_id}",
        f"type={acme.request_type_id}",
        f"by={acme.reported_by_id}",
        f"contact={acme.contact_user_id}",
    ):
        assert keys(ana.get(f"/desk/queue/all?{query}")) == [acme.key], query
    assert globex.key in keys(ana.get("/desk/queue/all"))


def test_d3_people_of_other_clients_are_not_named(world, as_user):
    rita = world.open_case("rita").reported_by
    world.open_case("gil")
    page = as_user("tom").get(f"/desk/queue/all?by={rita.id}&organization={world.acme.organization_id}").page
    assert "Opened by: not found" in page.text and "Organization: not found" in page.text
    assert rita.name not in page.text and "Acme" not in page.text


def test_d5_closed_cases_come_by_a_choice(world, as_user):
    closed, going = world.case_in("closed"), world.open_case("rita")
    ana = as_user("ana")
    assert keys(ana.get("/desk/queue/all")) == [going.key]
    assert set(keys(ana.get("/desk/queue/all?status=any"))) == {closed.key, going.key}


@pytest.mark.parametrize("group", ["account", "owner", "status", "severity"])
def test_d3_a_queue_has_groups(world, as_user, group):
    world.case_in("open")
    world.open_case("gil", severity=2)
    page = as_user("ana").get(f"/desk/queue/all?group={group}").page
    assert len(page.all("th", role="rowheader")) == 2


def test_d3_a_group_that_there_is_not_is_named(world, as_user):
    world.open_case("rita")
    page = as_user("ana").get("/desk/queue/all?group=secrets").page
    assert "Grouped by" in page.text and not page.all("th", role="rowheader")


def test_d3_columns_and_density_are_in_the_address(world, as_user):
    world.open_case("rita")
    page = as_user("ana").get("/desk/queue/all?columns=number,tier,opened&density=compact").page
    heads = [cell.text.strip() for cell in page.all("th", role="columnheader")]
    assert heads == ["", "Number", "Subject", "Tier", "Opened"]
    assert page.first("table", class_="list").get("data-density") == "compact"
    answer = as_user("ana").get("/desk/queue/all?column=&column=owner&owner=me")
    assert answer.status_code == 303 and answer.location == "/desk/queue/all?owner=me&columns=owner"


def test_a9_a_file_holds_what_the_queue_shows(world, as_user):
    case = world.open_case("rita", subject="+48 600 000 000 does not ring")
    world.open_case("gil")
    answer = as_user("ana").get("/desk/queue/all/cases.csv?account=ACME&columns=number,who,severity")
    head, line = lines(answer)
    assert head == ["Number", "Subject", "About", "Account", "Severity"]
    assert line[:2] == [case.key, "'+48 600 000 000 does not ring"]


def test_a9_a_file_leaves_foreign_and_excluded_cases_out(world, as_user):
    acme, globex = world.open_case("rita"), world.open_case("gil")
    tom = as_user("tom")
    assert [line[0] for line in lines(tom.get("/desk/queue/all/cases.csv"))[1:]] == [globex.key]
    assert tom.get("/desk/queue/all/cases.csv?account=ACME").status_code == 404
    assert tom.get("/desk/queue/nonsense/cases.csv").status_code == 404
    world.exclude(globex, "tom")
    assert len(lines(tom.get("/desk/queue/all/cases.csv"))) == 1
    assert acme.key in as_user("ana").get("/desk/queue/all/cases.csv").get_data(as_text=True)


def test_a9_somebody_without_case_content_gets_no_file(as_user):
    assert as_user("pat").get("/desk/queue/all/cases.csv").status_code in (403, 404)
    assert as_user("rita").get("/desk/queue/all/cases.csv").status_code in (403, 404)
