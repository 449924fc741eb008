"""B10, M3: administrators build the form of a request type; everybody else is kept out of it."""

import pytest

from portal.cases.engine.request_fields import load_fields
from portal.cases.models import RequestType
from portal.kernel.errors import Refused
from portal.kernel.events import Event

NEW = {"label_en": "Number plate", "label_pl": "Numer rejestracyjny", "kind": "text", "required": "y"}


@pytest.fixture
def outage(world):
    return world.row(RequestType, world.types["outage"])


@pytest.fixture
def builder(as_user, outage):
    """`builder("new", {...})`: a form of the builder, sent by an administrator."""
    base = f"/admin/request-types/{outage.id}/fields"

    def send(path, data):
        return as_user("ada").post(f"{base}/{path}", data=data)

    return send


def keys(outage):
    return [one.key for one in load_fields(outage.own_fields) if not one.ended]


def add(builder, outage, label, **changes):
    answer = builder("new", {**NEW, "label_en": label, **changes})
    assert answer.status_code == 303, answer.page.first("main").text
    return load_fields(outage.own_fields)[-1]


def test_m3_a_field_is_added_with_a_key_of_its_own(world, builder, outage, as_user):
    assert add(builder, outage, "Number plate").key == "number_plate"
    assert add(builder, outage, "Number plate").key == "number_plate_2"
    assert "Number plate" in as_user("cora").get("/new/outage?account=ACME").text
    assert "request_type.changed" in [event.name for event in world.rows(Event)]


def test_m3_choices_and_their_condition(builder, outage):
    vehicle = add(
        builder, outage, "Vehicle", kind="choice", choices_en="Car\nNone", choices_pl="Auto\nBrak", default="none"
    )
    assert [choice.text for choice in vehicle.choices] == [{"en": "Car", "pl": "Auto"}, {"en": "None", "pl": "Brak"}]
    assert vehicle.default == "c2"
    plate = add(builder, outage, "Plate", when=["vehicle=c1"])
    assert plate.shown_when is not None and plate.shown_when.values == ("c1",)
    anything = add(builder, outage, "Anything", when=["vehicle=c1", "vehicle=*"])
    assert anything.shown_when is not None and anything.shown_when.values == ()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"label_en": ""}, "Write what the form asks"),
        ({"label_en": "x" * 121}, "Shorten"),
        ({"kind": "choice"}, "Write at least one answer to choose from"),
        ({"kind": "choice", "choices_en": "Car\ncar"}, "Two answers have the same words"),
        ({"kind": "choice", "choices_en": "\n".join(map(str, range(101)))}, "Offer at most 100 answers"),
        ({"kind": "number", "default": "many"}, "The form would not accept this itself"),
        ({"kind": "color"}, "Choose one of the answers shown"),
        ({"when": ["nothing=*"]}, "Choose from the list"),
    ],
)
def test_m3_an_invalid_field_says_why_and_keeps_what_was_typed(builder, outage, changes, sentence):
    answer = builder("new", {**NEW, "help_en": "As on the vehicle's papers", **changes})
    assert answer.status_code == 422 and sentence in answer.text and "As on the vehicle&#39;s papers" in answer.text
    assert not outage.own_fields


def test_m3_answers_of_two_fields_cannot_show_a_third(builder, outage):
    add(builder, outage, "One")
    add(builder, outage, "Two")
    answer = builder("new", {**NEW, "when": ["one=*", "two=*"]})
    assert answer.status_code == 422 and "Choose answers of one field only" in answer.text


def test_m3_fields_are_moved_and_never_before_what_shows_them(builder, outage):
    add(builder, outage, "One")
    add(builder, outage, "Two", when=["one=*"])
    add(builder, outage, "Three")
    builder("three/move", {"direction": "up"})
    assert keys(outage) == ["one", "three", "two"]
    builder("three/move", {"direction": "up"})
    assert keys(outage) == ["three", "one", "two"]
    answer = builder("two/move", {"direction": "up"})
    assert answer.status_code == 422 and "would no longer come before it" in answer.text
    assert keys(outage) == ["three", "one", "two"]


def test_m3_an_ended_field_keeps_its_key_and_comes_back_at_the_end(builder, outage):
    add(builder, outage, "One")
    add(builder, outage, "Two")
    builder("one/end", {})
    assert keys(outage) == ["two"] and add(builder, outage, "One").key == "one_2"
    builder("one/end", {})
    assert keys(outage) == ["two", "one_2", "one"]


def test_m3_what_shows_another_field_is_not_ended(builder, outage):
    add(builder, outage, "One")
    add(builder, outage, "Two", when=["one=*"])
    assert builder("one/end", {}).status_code == 422 and keys(outage) == ["one", "two"]


def test_m3_the_preview_follows_what_is_typed_and_stores_nothing(builder, outage):
    answer = builder("new", {**NEW, "help_en": "As on the papers", "refresh": "1"})
    preview = answer.page.first(id="preview")
    assert answer.status_code == 200 and "Number plate" in preview.text and "As on the papers" in preview.text
    assert not outage.own_fields


def test_m3_two_administrators_do_not_overwrite_each_other(builder, outage):
    field = add(builder, outage, "Plate")
    answer = builder(field.key, {**NEW, "label_en": "Mine", "version": "1"})
    assert answer.status_code == 409 and 'value="Mine"' in answer.text
    assert load_fields(outage.own_fields)[0].label["en"] == "Plate"


@pytest.mark.parametrize("who", ["ana", "cora"])
def test_m3_only_who_configures_builds(world, as_user, outage, who):
    base = f"/admin/request-types/{outage.id}/fields"
    assert as_user(who).post(f"{base}/new", data=NEW).status_code in (403, 404)
    assert as_user(who).get(base).status_code in (403, 404)
    assert not outage.own_fields


def test_m3_a_neighbors_form_is_not_there(world, as_user):
    foreign = world.southgate.types["outage"].id
    for path in ("", "/new", "/plate", "/plate/move", "/plate/end"):
        assert as_user("ada").get(f"/admin/request-types/{foreign}/fields{path}").status_code == 404


def test_m3_a_form_is_bounded(world, builder, outage):
    from portal.cases.actions import request_fields as actions
    from portal.cases.engine.request_fields import RequestField

    ctx = world.ctx("ada")
    for n in range(40):
        actions.add_field(ctx, outage, RequestField("", "text", {"en": f"Field {n}"}))
    with pytest.raises(Refused, match="at most 40"):
        actions.add_field(ctx, outage, RequestField("", "text", {"en": "One more"}))


def test_b10_a_type_is_offered_to_accounts_and_roles(world, as_user, outage):
    needed = {"account": "ACME", "subject": "Portal is slow", "description": "Every page.", "severity": "3"}
    outage.only_roles = ["organization_admin"]
    world.session.flush()
    assert "/new/outage" not in as_user("rita").get("/new").text
    answer = as_user("rita").post("/new/outage", data=needed)
    assert answer.status_code == 422 and "is not offered to you in" in answer.text
    outage.only_roles, outage.only_accounts = [], [str(world.globex.id)]
    world.session.flush()
    assert as_user("rita").post("/new/outage", data=needed).status_code == 422
    outage.only_accounts = [str(world.acme.id)]
    world.session.flush()
    assert as_user("rita").post("/new/outage", data=needed).status_code == 303


def test_b10_the_page_of_a_type_says_for_whom_it_is(world, as_user, outage):
    path = f"/admin/request-types/{outage.id}"
    form = as_user("ada").get(path).page.form(path)
    sent = as_user("ada").submit(form, only_accounts="acme, globex", only_roles=["member"])
    assert sent.status_code == 303, sent.page.first("main").text
    assert set(outage.only_accounts) == {str(world.acme.id), str(world.globex.id)} and outage.only_roles == ["member"]
    again = as_user("ada").get(path).page.form(path)
    wrong = as_user("ada").submit(again, only_accounts="NOBODY")
    assert wrong.status_code == 422 and "There is no account with the key NOBODY" in wrong.text


def test_b10_lists_show_the_answers_that_the_provider_chose(world, builder, outage, as_user):
    add(builder, outage, "Number plate", in_lists="y")
    add(builder, outage, "Secret", required="")
    sent = {"account": "ACME", "subject": "A visit", "description": "By car.", "severity": "3"}
    as_user("cora").post("/new/outage", data={**sent, "own_number_plate": "WA 12345", "own_secret": "shelf 4"})
    for who, path in (("cora", "/cases"), ("ana", "/desk/queue/all")):
        text = as_user(who).get(path).text
        assert "Number plate: <bdi>WA 12345</bdi>" in text and "shelf 4" not in text, path
