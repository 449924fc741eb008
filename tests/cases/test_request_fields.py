"""B10, M3: a request type asks its own fields, and a case keeps the answers."""

import io

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
    assert (
        "Write an answer to “Number plate”" in answer.text
        and "Tick “They know the house rules” to go on" in answer.text
    )
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


# -- who may be chosen ------------------------------------------------------------------------------------------------


def test_b10_people_and_environments_are_those_of_the_account(world, as_user, visit):
    stranger, elsewhere = str(world.gina.contact_id), str(world.environments["GLOBEX", "Production"].id)
    for name, value in (("own_who", stranger), ("own_place", elsewhere), ("own_who", str(world.rita.id))):
        answer = as_user("cora").post("/new/outage", data={**SENT, name: value})
        assert answer.status_code == 422 and "has other answers to choose from" in answer.text, name
    place = world.environments["ACME", "Production"]
    sent = {**SENT, "own_who": str(world.rita.contact_id), "own_place": str(place.id)}
    assert as_user("cora").post("/new/outage", data=sent).status_code == 303
    found = {one["key"]: one["words"] for one in world.case("ACME-1").answers}
    assert found["who"] == [{"": world.rita.name}] and found["place"] == [{"": place.name}]


def test_b10_whoever_is_excluded_is_no_choice_in_a_correction(world, as_user, visit):
    as_user("cora").post("/new/outage", data=SENT)
    case = world.case("ACME-1")
    world.exclude(case, "rita")
    page = as_user("ana").get(f"/desk/cases/{case.key}/answers")
    assert world.mel.name in page.text and str(world.rita.contact_id) not in page.text
    sent = {name: value for name, value in SENT.items() if name.startswith("own_")}
    path = f"/desk/cases/{case.key}/answers"
    assert as_user("ana").post(path, data={**sent, "own_who": str(world.rita.contact_id)}).status_code == 422


# -- files ------------------------------------------------------------------------------------------------------------


def upload(name="order.pdf", content=b"Two switches.\n"):
    return (io.BytesIO(content), name)


def test_b10_a_file_field_keeps_its_file_over_an_error_and_names_it(world, as_user, visit):
    cora = as_user("cora")
    refused = cora.post("/new/outage", data={**SENT, "own_plate": "", "own_order": upload("order.txt")})
    assert refused.status_code == 422 and "order.txt" in refused.text
    staged = refused.page.form("/new/outage")["own_order_staged"]
    assert cora.post("/new/outage", data={**SENT, "own_order_staged": staged}).status_code == 303
    (answer,) = [one for one in world.case("ACME-1").answers if one["key"] == "order"]
    assert answer["words"] == [{"": "order.txt"}]
    assert cora.get("/cases/ACME-1").text.count("order.txt") > 1  # among the answers, and at the opening


def test_b10_a_file_of_somebody_else_is_not_taken(world, as_user, visit):
    foreign = str(world.stage(by="rita").id)
    assert as_user("cora").post("/new/outage", data={**SENT, "own_order_staged": foreign}).status_code == 303
    assert "order" not in answers(world)


# -- the desk ---------------------------------------------------------------------------------------------------------


def desk_form(world, **changes):
    sent = {**SENT, "contact": str(world.rita.contact_id), "type": "outage", "channel": "phone"}
    return {**sent, **changes}


def test_b10_staff_write_what_the_caller_knows(world, as_user, visit):
    page = as_user("ana").get("/desk/new?account=ACME&type=outage")
    assert "Number plate" in page.text
    bare = {name: value for name, value in desk_form(world).items() if not name.startswith("own_")}
    assert as_user("ana").post("/desk/new", data={**bare, "own_guests": "Jan"}).status_code == 303
    assert answers(world) == {"guests": "Jan"}


def test_b10_choosing_the_type_on_the_desk_draws_its_fields(world, as_user, visit):
    bare = {name: value for name, value in desk_form(world).items() if not name.startswith("own_")}
    drawn = as_user("ana").post("/desk/new", data={**bare, "refresh": "1"})
    assert drawn.status_code == 200 and "Number plate" in drawn.text and not world.rows(Case)
    wrong = as_user("ana").post("/desk/new", data=desk_form(world, own_when="tomorrow"))
    assert wrong.status_code == 422 and "“When” is a date and a time" in wrong.text


def test_m3_staff_correct_answers_and_the_history_says_so(world, as_user, visit):
    as_user("cora").post("/new/outage", data=SENT)
    path = "/desk/cases/ACME-1/answers"
    assert path in as_user("ana").get("/desk/cases/ACME-1").page.links
    form = as_user("ana").get(path).page.form(path)
    assert form["own_plate"] == "WA 12345"
    assert as_user("ana").submit(form, own_plate="WA 99999").status_code == 303
    assert answers(world)["plate"] == "WA 99999" and answers(world)["when"]
    history = as_user("ana").get("/desk/cases/ACME-1/history").text
    assert "WA 12345" in history and "WA 99999" in history
    assert "ACME-1" in as_user("ana").get("/desk/queue/all?q=99999").text
    assert "ACME-1" not in as_user("ana").get("/desk/queue/all?q=12345").text
    late = as_user("ana").submit(form, own_plate="WA 77777")
    assert late.status_code == 409 and "WA 77777" in late.text and answers(world)["plate"] == "WA 99999"


@pytest.mark.parametrize("who", ["cora", "rita"])
def test_m3_only_staff_correct_answers(world, as_user, visit, who):
    as_user("cora").post("/new/outage", data=SENT)
    assert as_user(who).post("/desk/cases/ACME-1/answers", data={"own_plate": "X"}).status_code in (403, 404)
    assert answers(world)["plate"] == "WA 12345"


def test_m3_answers_that_name_nobody_go_along_to_another_account(world, as_user, visit):
    from portal.cases.actions.links import move_account
    from portal.tenants.models import Account

    as_user("cora").post("/new/outage", data={**SENT, "own_who": str(world.rita.contact_id)})
    ctx, case = world.ctx("ana"), world.case("ACME-1")
    new = move_account(ctx, case, world.row(Account, world.globex), contact_id=world.gina.contact_id)
    assert {one["key"] for one in new.answers} == {"guests", "when", "vehicle", "plate", "rules"}


# -- nothing typed is lost --------------------------------------------------------------------------------------------


def test_m3_a_draft_keeps_own_fields(world, as_user, visit):
    fields = {**SENT, "own_guests": "Ewa, Ola i Jan"}
    saved = as_user("cora").post("/drafts", data={"draft_of": "/new/outage", **fields})
    assert saved.status_code in (200, 204, 303), saved.text[:300]
    page = as_user("cora").get("/new/outage")
    assert 'value="Ewa, Ola i Jan"' in page.text and 'value="WA 12345"' in page.text


def test_m3_own_text_survives_a_form_that_expired(world, as_user, visit):
    answer = as_user("cora").post("/new/outage", data={**SENT, "own_guests": "Ewa, Ola i Jan"}, csrf=False)
    assert answer.status_code >= 400 and "Ewa, Ola i Jan" in answer.text and not world.rows(Case)


def test_m3_a_form_costs_no_more_statements_for_its_fields(world, as_user, visit, statements):
    cora = as_user("cora")
    cora.get("/new/question?account=ACME")
    with statements() as plain:
        cora.get("/new/question?account=ACME")
    visit.own_fields = [one.to_stored() for one in VISIT if one.kind not in ("person", "environment")]
    world.session.flush()
    cora.get("/new/outage?account=ACME")
    with statements() as asked:
        cora.get("/new/outage?account=ACME")
    assert len(asked) <= len(plain) + 1
