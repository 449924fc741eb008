"""B10, M3: a request type asks its own fields, and a case keeps the answers."""

import pytest

from portal.cases.actions import request_fields as actions
from portal.cases.engine.request_fields import Choice, Condition, RequestField
from portal.cases.models import Case, RequestType

VEHICLES = (Choice("c1", {"en": "On foot", "pl": "Pieszo"}), Choice("c2", {"en": "By car", "pl": "Samochodem"}))
VISIT = (
    RequestField("who", "person", {"en": "Host", "pl": "Gospodarz"}),
    RequestField("guests", "text", {"en": "Guests", "pl": "Goście"}, required=True, in_lists=True),
    RequestField("when", "moment", {"en": "When", "pl": "Kiedy"}, required=True),
    RequestField("vehicle", "choice", {"en": "How they come", "pl": "Dojazd"}, required=True, choices=VEHICLES),
    RequestField(
        "plate", "text", {"en": "Number plate", "pl": "Numer"}, required=True, shown_when=Condition("vehicle", ("c2",))
    ),
    RequestField("place", "environment", {"en": "Rack", "pl": "Szafa"}),
    RequestField("order", "file", {"en": "Order form", "pl": "Zamówienie"}),
    RequestField("rules", "consent", {"en": "They know the house rules", "pl": "Znają regulamin"}, required=True),
)
SENT = {
    "account": "ACME",
    "severity": "3",
    "subject": "Visit to the server room",
    "description": "We bring a new switch.",
    "own_guests": "Jan Kowalski",
    "own_when": "2026-12-03T14:30",
    "own_vehicle": "c2",
    "own_plate": "WA 12345",
    "own_rules": "y",
}


@pytest.fixture
def visit(world):
    """Northwind's outages with the fields of a visit."""
    row = world.row(RequestType, world.types["outage"])
    row.own_fields = [one.to_stored() for one in VISIT]
    world.session.flush()
    return row


def answers(world, key="ACME-1"):
    return {one["key"]: one["value"] for one in world.case(key).answers or []}


def test_b10_the_form_asks_the_fields_of_its_type(as_user, visit):
    page = as_user("cora").get("/new/outage?account=ACME")
    for label in ("Host", "Guests", "When", "How they come", "Number plate", "Rack", "Order form"):
        assert label in page.text
    assert "Only if “How they come” is “By car”" in page.text
    assert "Guests" not in as_user("cora").get("/new/question?account=ACME").text


def test_b10_a_case_keeps_the_answers(world, as_user, visit):
    assert as_user("cora").post("/new/outage", data=SENT).status_code == 303
    found = answers(world)
    assert found["guests"] == "Jan Kowalski" and found["vehicle"] == "c2" and found["plate"] == "WA 12345"
    assert found["when"].endswith("Z") and found["rules"] == "yes" and "who" not in found


def test_m3_an_answer_that_is_not_asked_is_neither_needed_nor_stored(world, as_user, visit):
    on_foot = {**SENT, "own_vehicle": "c1", "own_plate": "x" * 9_000}
    assert as_user("cora").post("/new/outage", data=on_foot).status_code == 303
    assert "plate" not in answers(world)


def test_b10_what_is_missing_is_said_beside_its_field_and_nothing_typed_is_lost(world, as_user, visit):
    answer = as_user("cora").post(
        "/new/outage", data={**SENT, "own_plate": "", "own_guests": "Ewa & Ola", "own_rules": ""}
    )
    assert answer.status_code == 422
    assert "Answer “Number plate”" in answer.text and "Tick “They know the house rules” to go on" in answer.text
    assert 'value="Ewa &amp; Ola"' in answer.text and 'value="2026-12-03T14:30"' in answer.text
    assert 'href="#own_plate"' in answer.text and not world.rows(Case)


def test_b10_both_sides_and_the_paper_show_the_answers(world, as_user, visit):
    as_user("cora").post("/new/outage", data=SENT)
    for who, path in (("cora", "/cases/ACME-1"), ("cora", "/cases/ACME-1/print"), ("ana", "/desk/cases/ACME-1")):
        text = as_user(who).get(path).text
        assert "Number plate" in text and "WA 12345" in text and "By car" in text, path
    assert "14:30" in as_user("cora").get("/cases/ACME-1").text


def test_m3_a_change_of_the_form_changes_no_case(world, as_user, visit):
    as_user("cora").post("/new/outage", data=SENT)
    ctx = world.ctx("ada")
    renamed = RequestField("plate", "number", {"en": "Vehicle id"})
    actions.change_field(ctx, visit, "plate", renamed)
    actions.end_field(ctx, visit, "vehicle")
    text = as_user("cora").get("/cases/ACME-1").text
    assert "Number plate" in text and "WA 12345" in text and "By car" in text and "Vehicle id" not in text


def test_m3_answers_are_found_by_who_sees_the_case_only(world, as_user, visit):
    as_user("cora").post("/new/outage", data={**SENT, "visibility": "private"})
    assert "ACME-1" in as_user("cora").get("/cases?tab=all&q=12345").text
    assert "ACME-1" in as_user("ana").get("/desk/queue/all?q=12345").text
    assert "ACME-1" not in as_user("rita").get("/cases?tab=all&q=12345").text
    assert "ACME-1" not in as_user("gina").get("/cases?tab=all&q=12345").text


def test_b10_mails_of_a_new_case_have_the_answers(world, as_user, visit, run_outbox):
    from portal.notifications.models import OutgoingMail

    as_user("cora").post("/new/outage", data=SENT)
    run_outbox()
    mails = [row for row in world.rows(OutgoingMail) if row.kind == "opened"]
    assert mails and all("Number plate: WA 12345" in row.text and "WA 12345" in row.html for row in mails)
