"""/me: everybody changes their own profile, preferences and password, and nobody else's."""

import pytest

from portal.identity import actions
from portal.identity.models import User
from portal.kernel.errors import Forbidden
from tests.identity.steps import PASSWORD, WRONG, sign_in

PHRASE = "rain on the station roof"
PAGES = [
    "/me",
    "/me/preferences",
    "/me/security",
    "/me/factors",
    "/me/factors/app",
    "/me/factors/codes",
    "/me/sessions",
]


@pytest.mark.parametrize("path", PAGES)
def test_the_pages_stand_in_the_shell_of_the_persons_side(as_user, path):
    assert as_user("rita").get(path).page.first("html").get("data-surface") == "portal"
    assert as_user("ana").get(path).page.first("html").get("data-surface") == "desk"


@pytest.mark.parametrize("path", PAGES)
def test_a_stranger_is_led_to_the_door(client, path):
    assert client().get(path).status_code == 302


def test_a_form_of_a_stranger_is_shown_with_the_way_to_the_door(client):
    refused = client().post("/me", data={"name": "Words of a stranger"})
    # No session could keep the form until after signing in: the page shows what was typed.
    assert refused.status_code == 401
    assert "Words of a stranger" in refused.text
    assert [link for link in refused.page.all("a") if str(link.get("href")).startswith("/sign-in")]


def test_name_and_phone_are_saved_and_the_name_is_found_by_its_new_spelling(world, as_user):
    answer = as_user("rita").post("/me", data={"name": "Rita  Łoś", "phone": "+48 1 22 333"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/me")
    person = world.row(User, world.rita)
    assert (person.name, person.name_folded, person.phone) == ("Rita Łoś", "rita los", "+48 1 22 333")


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": "", "phone": "+48 600"}, "name"),
        ({"name": "\u202e\u200b", "phone": "123456"}, "name"),
        ({"name": "x" * 201, "phone": "123456"}, "name"),
        ({"name": "Rita", "phone": "12"}, "phone"),
        ({"name": "Rita", "phone": "1" * 51}, "phone"),
        ({"name": "N" * 10_000_000, "phone": "123456"}, "name"),
    ],
)
def test_a_rejected_profile_keeps_what_was_typed_and_changes_nothing(world, as_user, fields, field):
    answer = as_user("rita").post("/me", data=fields)
    assert answer.status_code == 422
    assert answer.page.all(id=f"{field}-error")
    assert answer.page.first("input", name="phone").get("value") == fields["phone"]
    assert world.row(User, world.rita).name == "Rita Costa"


def test_hostile_characters_are_taken_out_of_a_name(world, as_user):
    assert as_user("rita").post("/me", data={"name": "Ri\x00ta \u202eEvil\x1b <b>", "phone": ""}).status_code == 303
    assert world.row(User, world.rita).name == "Rita Evil <b>"
    assert "&lt;b&gt;" in as_user("rita").get("/me").text


def test_preferences_are_saved(world, as_user):
    chosen = {"locale": "en", "zone": "Asia/Tokyo", "theme": "dark", "density": "compact"}
    assert as_user("ana").post("/me/preferences", data=chosen).status_code == 303
    person = world.row(User, world.ana)
    assert (person.zone, person.theme, person.density, person.shortcuts) == ("Asia/Tokyo", "dark", "compact", False)
    assert as_user("ana").get("/me").page.first("html").get("data-theme") == "dark"


def test_a_contact_has_no_desk_settings_and_keeps_them_when_saving(world, as_user):
    page = as_user("rita").get("/me/preferences").page
    assert not page.all("input", name="density")
    chosen = {"locale": "en", "zone": "", "theme": "light", "density": "compact", "shortcuts": ""}
    assert as_user("rita").post("/me/preferences", data=chosen).status_code == 303
    person = world.row(User, world.rita)
    assert (person.theme, person.density, person.shortcuts) == ("light", "comfortable", True)


@pytest.mark.parametrize("field", ["locale", "zone", "theme", "density"])
@pytest.mark.parametrize("value", ["xx", "x\x00", "../../etc/passwd", "Etc/GMT+5", "\u202exx", "x" * 100_000])
def test_a_preference_that_is_not_offered_is_refused(world, as_user, field, value):
    chosen = {"locale": "en", "zone": "", "theme": "light", "density": "compact", field: value}
    answer = as_user("ana").post("/me/preferences", data=chosen)
    assert answer.status_code == 422
    assert world.row(User, world.ana).theme == "auto"


def test_ones_own_language_is_offered_even_without_translation(as_user):
    offered = [o.get("value") for o in as_user("piotr").get("/me/preferences").page.first(id="locale").all("option")]
    assert "pl" in offered and "en" in offered


def test_changing_the_password_needs_the_current_one(world, as_user):
    answer = as_user("rita").post("/me/security", data={"current": WRONG, "password": PHRASE})
    assert answer.status_code == 422
    assert answer.page.first(id="current-error").text.endswith("That is not your current password")
    assert WRONG not in answer.text and PHRASE not in answer.text


def test_a_new_password_ends_the_other_browsers_and_keeps_this_one(world, client):
    here, elsewhere = client("rita"), client("rita")
    assert here.post("/me/security", data={"current": PASSWORD, "password": PHRASE}).status_code == 303
    assert (here.get("/me").status_code, elsewhere.get("/me").status_code) == (200, 302)
    assert sign_in(client(), world.rita.email, PASSWORD).status_code == 422
    assert sign_in(client(), world.rita.email, PHRASE).status_code == 303


@pytest.mark.parametrize("new", ["short", "rita@acme.example", "1234567890", "x" * 201, ""])
def test_a_bad_new_password_is_refused(world, client, new):
    browser = client("rita")
    assert browser.post("/me/security", data={"current": PASSWORD, "password": new}).status_code == 422
    assert sign_in(client(), world.rita.email).status_code == 303


@pytest.mark.parametrize("path", ["/me", "/me/preferences", "/me/security"])
def test_an_old_form_token_is_refused_with_the_form_shown_again(as_user, path):
    data = {"name": "Else", "current": PASSWORD, "password": PHRASE, "locale": "en", "zone": "", "theme": "dark"}
    answer = as_user("rita").post(path, csrf=False, data=data)
    assert answer.status_code == 422
    assert "Check and send again" in answer.page.text


def test_no_action_changes_somebody_else(world, ctx_of):
    ctx, mel = ctx_of("rita"), world.row(User, world.mel)
    with pytest.raises(Forbidden):
        actions.change_profile(ctx, mel, name="X", phone="")
    with pytest.raises(Forbidden):
        actions.change_password(ctx, mel, current=PASSWORD, new=PHRASE)
    with pytest.raises(Forbidden):
        actions.sign_out_elsewhere(ctx, mel)


def test_the_pages_cost_the_same_however_many_sign_ins_there_are(client, statements):
    browser = client("rita")

    def cost():
        with statements() as seen:
            browser.get("/me/sessions")
        return len(seen)

    cost()  # host names are read once in a while
    before = cost()
    for _ in range(10):
        client("rita")
    assert cost() == before
