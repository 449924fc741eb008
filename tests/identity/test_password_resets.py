"""A forgotten password: asked for by anybody, answered alike, changed only by whoever holds the link."""

import pytest

from portal.identity.models import LinkRequest
from portal.kernel import tokens
from portal.kernel.events import Event
from tests.identity.steps import PASSWORD, masked, reset_link, sign_in

PHRASE = "bread from the mill road"


def test_asking_answers_the_same_for_everybody(world, client):
    answers = [
        client().post("/password", data={"email": email})
        for email in (world.rita.email, world.jan.email, "nobody@acme.example", "someone@elsewhere.example")
    ]
    assert {(a.status_code, a.headers["Location"], masked(a)) for a in answers} == {
        (303, "/password/sent", masked(answers[0]))
    }
    assert "Check your email" in client().get("/password/sent").page.text


def test_asking_costs_the_same_statements_for_everybody(world, client, statements):
    """A known address may not be told from an unknown one by time: the worker finds out who it is."""
    ran = []
    client().get("/password")  # the host is looked up once
    for email in (world.rita.email, world.jan.email, "nobody@acme.example"):
        with statements() as seen:
            client().post("/password", data={"email": email})
        ran.append([statement.split(" ")[:3] for statement in seen])
    assert ran[0] == ran[1] == ran[2] and any("link_requests" in part for words in ran[0] for part in words)
    assert world.rows(Event, Event.name == "person.reset_asked") == []


def test_only_people_who_sign_in_get_a_link(world, client, run_outbox):
    for who in ("rita", "jan"):
        client().post("/password", data={"email": world.person(who).email})
    run_outbox()
    assert world.rows(LinkRequest) == []
    asked = world.rows(Event, Event.name == "person.reset_asked")
    assert [event.subject_id for event in asked] == [world.rita.id]
    token = tokens.derive_token(world.rows(tokens.TokenHash)[-1].id)
    assert token not in str(asked[0].facts)


def test_the_link_sets_the_password_signs_in_and_ends_every_other_sign_in(world, client):
    elsewhere, browser = client("rita"), client()
    path = reset_link(world, browser, "rita")
    for _ in range(10):
        assert browser.get(path).status_code == 200
    assert elsewhere.get("/me").status_code == 200
    form = next(f for f in browser.get(path).page.forms if f.action == path)
    assert browser.submit(form, password=PHRASE).status_code == 303
    assert "Rita Costa" in browser.get("/me").page.text
    assert elsewhere.get("/me").status_code == 302
    assert sign_in(client(), world.rita.email, PASSWORD).status_code == 422
    assert sign_in(client(), world.rita.email, PHRASE).status_code == 303


def test_it_works_once_for_an_hour_and_only_the_newest(world, client, travel):
    first = reset_link(world, client(), "rita")
    second = reset_link(world, client(), "rita")
    assert client().get(first).status_code == 410
    travel(hours=1, seconds=1)
    gone = client().get(second)
    assert gone.status_code == 410
    assert gone.page.all("a", href="/password")


def test_a_link_of_another_provider_or_purpose_does_not_exist(world, client):
    path = reset_link(world, client(), "rita")
    assert client(host=world.southgate.host).get(path).status_code == 404
    assert client().get(path.replace("/password/", "/invite/")).status_code == 404
    assert client().get("/password/nonsense").status_code == 404


def test_a_refused_password_leaves_the_link_good(world, client):
    path = reset_link(world, client(), "rita")
    answer = client().post(path, data={"password": "rita costa"})
    assert answer.status_code == 422
    assert "too easy" in answer.page.text
    assert client().post(path, data={"password": PHRASE}).status_code == 303


def test_the_right_password_still_works_after_somebody_asked(world, client):
    reset_link(world, client(), "rita")
    assert sign_in(client(), world.rita.email).status_code == 303


@pytest.mark.parametrize("email", ["", "rita", "\x00", "x" * 1_000_000])
def test_what_is_no_address_is_answered_with_a_sentence(client, email):
    assert client().post("/password", data={"email": email}).status_code == 422


def test_an_old_form_token_keeps_the_address_and_mails_nobody(world, client):
    answer = client().post("/password", csrf=False, data={"email": world.rita.email})
    assert answer.status_code == 422
    assert answer.page.first("input", name="email").get("value") == world.rita.email
    assert world.rows(Event, Event.name == "person.reset_asked") == []


def test_a_signed_in_person_may_ask_for_another_address_without_gaining_anything(world, client, run_outbox):
    browser = client("rita")
    assert browser.post("/password", data={"email": world.ana.email}).status_code == 303
    run_outbox()
    event = world.rows(Event, Event.name == "person.reset_asked")[-1]
    assert (event.actor_side, event.actor_user_id) == ("system", None)
    assert "Rita Costa" in browser.get("/me").page.text
