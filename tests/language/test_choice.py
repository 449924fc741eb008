"""Whose language it is: one's own, else the provider's, else the browser's, else English."""

import pytest

from portal.identity.models import User
from portal.tenants.models import Provider
from portal.web import language


def lang(answer):
    return answer.page.first("html").get("lang")


@pytest.fixture
def provider_speaks(world):
    def speak(code):
        world.row(Provider, world.northwind.id).locale = code
        world.session.flush()

    return speak


@pytest.fixture
def person_speaks(world):
    def speak(who, code):
        world.row(User, world.person(who)).locale = code
        world.session.flush()

    return speak


def test_one_reads_ones_own_language(as_user):
    answer = as_user("piotr").get("/cases")
    assert (lang(answer), answer.page.heading) == ("pl", "Zgłoszenia")


def test_who_chose_none_reads_the_providers(as_user, provider_speaks):
    assert lang(as_user("rita").get("/cases")) == "en"
    provider_speaks("pl")
    assert as_user("rita").get("/cases").page.heading == "Zgłoszenia"


def test_ones_own_choice_beats_the_providers(as_user, provider_speaks, person_speaks):
    provider_speaks("pl")
    person_speaks("rita", "en")
    assert as_user("rita").get("/cases").page.heading == "Cases"


def test_before_signing_in_it_is_the_providers(client, provider_speaks):
    provider_speaks("pl")
    answer = client().get("/sign-in", headers={"Accept-Language": "es, en"})
    assert (lang(answer), answer.page.heading) == ("pl", "Zaloguj się")
    assert client().get("/nowhere").page.heading == "Nie możemy znaleźć tej strony"


@pytest.mark.parametrize(
    ("accepts", "heading"),
    [("pl-PL, en;q=0.5", "Nie możemy"), ("de, pl;q=0.5", "Nie możemy"), ("de", "We cannot"), ("", "We cannot")],
)
def test_at_an_unknown_host_it_is_the_browsers(client, accepts, heading):
    answer = client(host="stranger.example").get("/", headers={"Accept-Language": accepts})
    assert answer.status_code == 404 and answer.page.heading.startswith(heading)


def test_staff_read_the_desk_in_their_own_language(as_user, person_speaks):
    person_speaks("ana", "pl")
    page = as_user("ana").get("/desk/queue/all").page
    assert page.first("html").get("lang") == "pl" and "Nowe zgłoszenie" in page.text


@pytest.mark.parametrize("wished", ["pl", "pl_PL", "pl-PL", " PL "])
def test_spellings_of_a_language_that_we_speak(wished):
    assert language.supported_language(wished) == "pl"


@pytest.mark.parametrize("wished", ["", "xx", "tlh", "../pl", "x" * 5000])
def test_a_language_that_we_do_not_speak_is_none(wished):
    assert language.supported_language(wished) == ""


def test_a_stored_language_without_a_catalog_gives_way(as_user, person_speaks):
    """Half a page in another language would help nobody: words, dates and the page's own language go together."""
    person_speaks("rita", "vi")
    answer = as_user("rita").get("/cases")
    assert (lang(answer), answer.page.heading) == ("en", "Cases")


# -- choosing ---------------------------------------------------------------------------------------------------------


def choose(browser, **chosen):
    form = browser.get("/me/preferences").page.form("/me/preferences")
    return browser.submit(form, **chosen)


def test_the_languages_to_choose_from_are_those_we_speak_and_the_providers(as_user):
    options = as_user("rita").get("/me/preferences").page.first(id="locale").all("option")
    assert [(o.get("value"), o.text) for o in options] == [
        ("", "Same as Northwind MSP: English"),
        ("en", "English"),
        ("pl", "Polski"),
    ]


def test_a_chosen_language_holds_from_the_next_page_on_and_for_the_message(as_user):
    rita = as_user("rita")
    assert choose(rita, locale="pl").status_code == 303
    page = rita.get("/me/preferences").page
    assert "Zapisano." in page.text and page.heading == "Profil i preferencje"
    assert choose(rita, locale="").status_code == 303
    assert rita.get("/me/preferences").page.heading == "Profile and preferences"


def test_a_chosen_zone_moves_every_time_and_is_named(world, as_user):
    case = world.open_case("rita")
    rita = as_user("rita")
    for zone, letters in (("Asia/Ho_Chi_Minh", "UTC+07"), ("Europe/Warsaw", "CE")):
        assert choose(rita, zone=zone).status_code == 303
        times = [t.get("title") for t in rita.get(f"/cases/{case.key}").page.all("time")]
        assert times and all(letters in time for time in times)


def test_zones_are_named_in_the_readers_language(as_user):
    options = as_user("piotr").get("/me/preferences").page.first(id="zone").all("option")
    labels = {o.get("value"): o.text for o in options}
    assert labels["Europe/Warsaw"].startswith("Warszawa (")
    groups = [g.get("label") for g in as_user("piotr").get("/me/preferences").page.all("optgroup")]
    assert "Europa" in groups and len(groups) == len(set(groups))


def test_somebody_new_follows_the_provider_until_they_choose(world, as_user, provider_speaks):
    form = as_user("olga").get("/org/acme/people/invite").page.form("/org/acme/people/invite")
    answer = as_user("olga").submit(form, name="Nina New", email="nina@acme.example", invite="y")
    assert answer.status_code in (303, 422)
    made = world.rows(User, User.name == "Nina New")
    assert not made or made[0].locale == ""
