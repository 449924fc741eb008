"""Opening on behalf: every pair is checked, whatever the form offered."""

import pytest

from portal.cases.models import Case

GOOD = {
    "account": "ACME",
    "type": "outage",
    "channel": "phone",
    "severity": "2",
    "subject": "Scanner sends blank pages",
    "description": "Since this morning.",
    "phone": "",
    "visibility": "private",
    "notify": "y",
}


def post(browser, world, **fields):
    return browser.post("/desk/new", data={**GOOD, "contact": str(world.rita.contact_id), **fields})


def opened(world):
    return world.rows(Case)


def test_a_call_becomes_a_case(world, as_user):
    answer = post(as_user("ana"), world)
    assert answer.status_code == 303 and answer.location == "/desk/cases/ACME-1"
    case = world.case("ACME-1")
    assert (case.channel, case.reported_by_id, case.contact_user_id) == ("phone", world.ana.id, world.rita.id)
    assert case.reported_side == "staff" and case.on_behalf
    assert as_user("rita").get("/cases/ACME-1").status_code == 200


def test_a_second_press_opens_nothing(world, as_user):
    for _n in range(2):
        assert post(as_user("ana"), world, once="abc").status_code == 303
    assert len(opened(world)) == 1


@pytest.mark.check(44, "0 mails")
def test_nobody_is_emailed_when_the_tick_is_off(world, as_user):
    assert post(as_user("ana"), world, notify="").status_code == 303
    assert world.case("ACME-1").notify_contact is False


def test_somebody_who_is_not_listed_yet(world, as_user):
    answer = post(as_user("ana"), world, contact="", person_name="Eva Bell", person_email="eva@acme.example")
    assert answer.status_code == 303 and world.case("ACME-1").contact_user.name == "Eva Bell"


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"contact": ""}, "Choose the person"),
        ({"contact": "me"}, "Choose the person"),
        ({"contact": "gil"}, "does not belong"),
        ({"contact": "piotr"}, "does not belong"),
        ({"contact": "rubbish"}, "Choose the person"),
        ({"account": "NOPE"}, "Choose an account"),
        ({"account": ""}, "Choose an account"),
        ({"type": "nonsense"}, "Choose a request type"),
        ({"type": ""}, "Choose a request type"),
        ({"environment": "globex"}, "Choose an environment"),
        ({"environment": "rubbish"}, "Choose an environment"),
        ({"severity": ""}, "Choose how your work"),
        ({"severity": "9"}, "Choose how your work"),
        ({"subject": ""}, "Write a subject"),
        ({"description": ""}, "Describe what is happening"),
        ({"channel": "pigeon"}, "Choose one of the answers"),
        ({"cc": "no address"}, "not a full email address"),
        ({"visibility": "everyone"}, "Choose who can see"),
        ({"phone": "12"}, "at least 5 digits"),
        ({"department": "x"}, "Choose one of the departments"),
    ],
)
def test_what_does_not_belong_together_is_refused_with_the_text_kept(world, as_user, fields, says):
    known = {
        "gil": str(world.gil.contact_id),
        "piotr": str(world.piotr.contact_id),
        "globex": str(next(e.id for (key, _n), e in world.environments.items() if key == "GLOBEX")),
    }
    answer = post(as_user("ana"), world, **{k: known.get(v, v) for k, v in fields.items()})
    html = answer.get_data(as_text=True)
    assert answer.status_code == 422 and says in html
    assert "Since this morning." in html or "description" in fields
    assert opened(world) == []


def test_a_type_that_needs_a_service_is_refused_where_it_was_not_bought(world, as_user):
    fields = {"type": "visit", "account": "GLOBEX", "contact": str(world.gil.contact_id)}
    answer = post(as_user("ana"), world, **fields)
    assert answer.status_code == 422 and "needs a service" in answer.get_data(as_text=True) and opened(world) == []


def test_an_account_that_one_does_not_look_after_is_no_choice(world, as_user):
    tom = as_user("tom")
    assert "Acme" not in tom.get("/desk/new?account=ACME").page.first("main").text
    assert post(tom, world).status_code == 422 and opened(world) == []
    assert post(tom, world, account="GLOBEX").status_code == 422 and opened(world) == []
    assert post(tom, world, account="GLOBEX", contact=str(world.gil.contact_id)).status_code == 303


@pytest.mark.parametrize("who", ["aud", "pat", "rita"])
def test_who_may_not_open_for_others(world, as_user, who):
    assert as_user(who).get("/desk/new").status_code == 403
    assert post(as_user(who), world).status_code == 403 and opened(world) == []


def test_the_address_prefills_the_form_and_warns_of_open_cases(world, as_user):
    waiting = world.open_case("rita", subject="Already waiting")
    contact = str(world.rita.contact_id)
    page = as_user("ana").get(f"/desk/new?account=acme&contact={contact}&phone=%2B48600100200&channel=email").page
    form = page.form("/desk/new")
    assert form["account"] == "ACME" and form["contact"] == contact and form["phone"] == "+48600100200"
    assert form["channel"] == "email" and waiting.key in page.first("main").text
    assert "Case for Rita Costa at Acme" in page.first("p", id="read-back").text


@pytest.mark.parametrize(
    "query", ["account=%00", "contact=%00", "phone=" + "9" * 400, "channel=<b>", "type=%00", "account=" + "A" * 99]
)
def test_any_address_opens_the_form(as_user, query):
    assert as_user("ana").get(f"/desk/new?{query}").status_code == 200


def test_asking_for_people_changes_nothing_and_keeps_the_text(world, as_user):
    answer = post(as_user("ana"), world, account="GLOBEX", refresh="1")
    html = answer.get_data(as_text=True)
    assert answer.status_code == 200 and "Gil Okafor" in html and "Since this morning." in html
    assert "does not belong to" in html and opened(world) == []


def test_markup_stays_text(world, as_user):
    answer = post(as_user("ana"), world, subject="<script>alert(1)</script>", contact="")
    assert "<script>alert" not in answer.get_data(as_text=True)
