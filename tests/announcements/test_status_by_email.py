"""FEATURES M12: the status page by email. An address confirms it once, every mail ends it with one click, and
nothing of clients is said."""

import re

import pytest
from redis import Redis
from redis.exceptions import ConnectionError as RedisIsGone
from sqlalchemy import select

from portal.announcements import actions
from portal.announcements.models import StatusSubscriber
from portal.identity import throttle
from portal.identity.models import User
from portal.kernel import ids, mail, retention
from portal.kernel.errors import Forbidden
from portal.kernel.events import Event, record
from portal.notifications import subscriber_mails
from portal.notifications.models import OutgoingMail
from tests.support.announcements import say_in_public

ADDRESS = "boss@shop.example"
CLIENTS = ("@acme.example>", "@globex.example>", "@initech.example>")


@pytest.fixture(autouse=True)
def counters(world, monkeypatch):
    """Nobody asked before."""
    monkeypatch.setitem(world.app.extensions, throttle.EXTENSION, throttle.Counters(""))


@pytest.fixture
def ask(client):
    """`ask("a@b.example")` on the page; answers like a browser."""

    def press(email=ADDRESS, chosen="all", host=None):
        browser = client(host=host) if host else client()
        return browser.post("/status/email", data={"email": email, "chosen": chosen})

    return press


@pytest.fixture
def received(world, monkeypatch):
    """The messages of a kind that went out, the last one last."""
    sent = []
    monkeypatch.setattr(mail, "send_mail", lambda _url, message, **_rest: sent.append(message))
    monkeypatch.setattr(world.app.config["PARLEY"], "smtp_url", "smtp://127.0.0.1:1")

    def read(kind="status_news", provider="northwind"):
        # The others go to the people of the clients.
        ours = [one for one in sent if one["X-Parley-Provider"] == provider and not one["To"].endswith(CLIENTS)]
        return [one for one in ours if one["Subject"].startswith("Confirm:") is (kind == "status_confirm")]

    return read


def words(message):
    return message.get_body(("plain",)).get_content()


def link_after(text, message):
    return re.search(rf"{text}: https?://[^/]+(/a/\S+)", words(message))[1]


def subscribers(world):
    return {(row.email, row.chosen, row.confirmed_at is not None) for row in world.rows(StatusSubscriber)}


@pytest.fixture
def subscribe(ask, client, run_outbox, received):
    """Ask and confirm; returns the link that ends it."""

    def both(email=ADDRESS, chosen="all"):
        ask(email, chosen)
        run_outbox()
        message = received("status_confirm")[-1]
        assert client().post(link_after("Confirm the address", message)).status_code == 303
        return link_after("Delete the address", message)

    return both


def test_M12_an_address_confirms_before_it_gets_anything(world, client, ask, announce, run_outbox, received):
    answer = ask()
    assert answer.status_code == 303 and answer.location == "/status/email/sent"
    assert "An email with a link is on its way" in client().get(answer.location).text
    run_outbox()
    say_in_public(world, announce("To Acme", accounts=["ACME"]))
    run_outbox()
    assert not received()
    (message,) = received("status_confirm")
    assert message["To"] == ADDRESS
    link = link_after("Confirm the address", message)
    for _look in range(2):
        assert "Confirm the address" in client().get(link).text
        assert subscribers(world) == {(ADDRESS, "all", False)}
    assert client().post(link).status_code == 303
    assert "You get the status by email" in client().get(link).text
    assert subscribers(world) == {(ADDRESS, "all", True)}
    run_outbox()
    assert not received(), "it is not told of what was said before"


def test_M12_the_answer_is_the_same_for_every_address(world, client, ask, subscribe, run_outbox, received):
    rita = f"{world.rita.id}"
    subscribe()
    seen = set()
    for email in (ADDRESS, "new@shop.example", "rita@acme.example"):
        answer = ask(email)
        seen.add((answer.status_code, answer.location, answer.text))
    assert len(seen) == 1
    run_outbox()
    assert len(received("status_confirm")) == 4
    assert (ADDRESS, "all", True) in subscribers(world), "asking again changes nothing that was confirmed"
    assert rita not in {str(row.user_id) for row in world.rows(OutgoingMail, OutgoingMail.kind == "status_confirm")}


def test_M12_news_say_what_everybody_reads_and_nothing_of_clients(world, subscribe, announce, run_outbox, received):
    subscribe()
    row = say_in_public(world, announce("Acme cannot reach its VPN", accounts=["ACME"], body="Rita saw it first."))
    run_outbox()
    (first,) = received()
    assert first["Subject"] == "Outage: Some people cannot work"
    assert "We are" in words(first) and "at it" in words(first)
    actions.write_update(world.ctx("lee"), row, body="Acme's line is cut.", rhythm=60, public="A line is cut.")
    actions.write_update(world.ctx("lee"), row, body="Only for Acme.", rhythm=60)
    actions.end(world.ctx("lee"), row, body="Acme works.", public="It works again.")
    run_outbox()
    run_outbox()
    subjects = [one["Subject"] for one in received()]
    assert subjects[1:] == ["Update on Outage: Some people cannot work", "Ended: Outage: Some people cannot work"]
    bodies = [words(one) + one.get_body(("html",)).get_content() for one in received()]
    assert "A line is cut." in bodies[1] and "It works again." in bodies[2]
    for body in bodies:
        assert not [name for name in ("Acme", "ACME", "VPN", "Rita", str(row.id)) if name in body]


def test_M12_one_click_ends_it_and_looking_does_not(world, client, subscribe, announce, run_outbox, received):
    subscribe()
    row = say_in_public(world, announce("To Acme", accounts=["ACME"]))
    run_outbox()
    (message,) = received()
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = link_after("Unsubscribe", message)
    assert message["List-Unsubscribe"].endswith(f"{link}>")
    assert "We delete your address" in client().get(link).text
    assert client().post(link, data={"List-Unsubscribe": "other"}, csrf=False).status_code != 303
    assert subscribers(world)
    one_click = client().post(link, data={"List-Unsubscribe": "One-Click"}, csrf=False)
    assert (one_click.status_code, one_click.data) == (200, b"")
    assert not subscribers(world)
    assert not world.rows(OutgoingMail, OutgoingMail.recipient == ADDRESS), "the address stays nowhere"
    assert "Your address is deleted." in client().get(link).text
    assert client().post(link).status_code == 200
    actions.write_update(world.ctx("lee"), row, body="B", rhythm=0, public="P")
    run_outbox()
    assert len(received()) == 1


def test_M12_one_click_confirms_nothing(world, client, ask, run_outbox, received):
    ask()
    run_outbox()
    link = link_after("Confirm the address", received("status_confirm")[0])
    assert client().post(link, data={"List-Unsubscribe": "One-Click"}, csrf=False).status_code == 404
    assert subscribers(world) == {(ADDRESS, "all", False)}


def test_M12_who_wants_only_outages_gets_only_these(world, subscribe, announce, run_outbox, received):
    subscribe("ops@shop.example", "outages")
    subscribe("all@shop.example", "all")
    say_in_public(world, announce("A switch", kind="maintenance"))
    run_outbox()
    assert [one["To"] for one in received()] == ["all@shop.example"]
    say_in_public(world, announce("Down"))
    run_outbox()
    assert {one["To"] for one in received()[1:]} == {"ops@shop.example", "all@shop.example"}


def test_M12_asking_and_confirming_again_changes_the_choice(world, subscribe):
    subscribe(chosen="all")
    subscribe(chosen="outages")
    assert subscribers(world) == {(ADDRESS, "outages", True)}


def test_M12_another_providers_subscribers_hear_nothing(world, client, ask, subscribe, announce, run_outbox, received):
    ask("rival@shop.example", host=world.southgate.host)
    run_outbox()
    (message,) = received("status_confirm", "southgate")
    link = link_after("Confirm the address", message)
    assert client().post(link).status_code == 404, "a link is good at its own provider only"
    assert client(host=world.southgate.host).post(link).status_code == 303
    subscribe()
    say_in_public(world, announce("To Acme", accounts=["ACME"]))
    run_outbox()
    assert [one["To"] for one in received()] == [ADDRESS]
    assert not received(provider="southgate")


def test_M12_it_goes_out_in_batches(world, subscribe, announce, run_outbox, received, monkeypatch):
    monkeypatch.setattr(subscriber_mails, "BATCH", 2)
    for number in range(5):
        subscribe(f"reader{number}@shop.example")
    say_in_public(world, announce("To Acme", accounts=["ACME"]))
    for _round in range(5):
        run_outbox()
    assert sorted(one["To"] for one in received()) == [f"reader{number}@shop.example" for number in range(5)]


def test_M12_drafts_and_what_is_without_email_are_not_mailed(world, subscribe, announce, run_outbox, received):
    subscribe()
    draft = say_in_public(world, announce("Later", kind="notice", state="draft"))
    say_in_public(world, announce("Quiet", mailed=False))
    run_outbox()
    assert not received()
    actions.publish(world.ctx("lee"), draft)
    run_outbox()
    assert [one["Subject"] for one in received()] == ["Notice: Some people cannot work"]


def test_M12_what_was_taken_off_is_not_mailed_any_more(world, subscribe, announce, run_outbox, received):
    subscribe()
    row = say_in_public(world, announce("To Acme", accounts=["ACME"]))
    actions.take_from_public(world.ctx("lee"), row)
    run_outbox()
    assert not received()


def test_M12_limits_by_address_and_network(world, ask, run_outbox):
    for _number in range(8):
        assert ask().status_code == 303
    asked = world.rows(Event, Event.name == "status.subscription_asked")
    assert len(asked) == 5
    for number in range(60):
        assert ask(f"reader{number}@shop.example").status_code == 303
    assert len(world.rows(Event, Event.name == "status.subscription_asked")) <= 50


def test_M12_what_cannot_be_an_address_is_refused(world, ask):
    for wrong in ("", "boss", "boss@", "a@b.example, c@d.example", "boss@shop.example\r\nBcc: x@y.example"):
        answer = ask(wrong)
        assert answer.status_code == 422
    assert ask(chosen="everything").status_code == 422
    assert not world.rows(StatusSubscriber)


def test_M12_one_can_ask_while_redis_is_not_there(world, ask, monkeypatch):
    def refuse(*_arguments, **_options):
        raise RedisIsGone

    counters = throttle.Counters(world.app.config["REDIS_URL"])
    monkeypatch.setitem(world.app.extensions, throttle.EXTENSION, counters)
    monkeypatch.setattr(Redis, "execute_command", refuse)
    assert ask().status_code == 303
    assert subscribers(world) == {(ADDRESS, "all", False)}


def test_M12_what_nobody_confirms_is_forgotten_after_two_days(world, ask, client, run_outbox, received, travel):
    ask()
    run_outbox()
    link = link_after("Confirm the address", received("status_confirm")[0])
    travel(days=2, minutes=1)
    world.session.commit()
    retention.prune()
    assert not world.rows(StatusSubscriber)
    assert not world.rows(OutgoingMail, OutgoingMail.recipient == ADDRESS)
    answer = client().post(link)
    assert answer.status_code == 410 and "This link is too old" in answer.text


def test_M12_news_leave_the_log_after_thirty_days_and_subscribers_stay(
    world, subscribe, announce, run_outbox, travel, received
):
    subscribe()
    say_in_public(world, announce("To Acme", accounts=["ACME"]))
    run_outbox()
    assert received()
    travel(days=31)
    world.session.commit()
    retention.prune()
    assert not world.rows(OutgoingMail, OutgoingMail.recipient == ADDRESS)
    assert subscribers(world) == {(ADDRESS, "all", True)}


@pytest.mark.parametrize(("final", "left"), [(True, 0), (False, 1)])
def test_M12_a_mail_that_comes_back_ends_it(world, subscribe, announce, run_outbox, final, left):
    subscribe()
    say_in_public(world, announce("To Acme", accounts=["ACME"]))
    run_outbox()
    (row,) = world.rows(OutgoingMail, OutgoingMail.kind == "status_news")
    ctx = world.system()
    returned = type("Returned", (), {"id": ids.new_id()})()
    record(ctx, "mail.returned", returned, message_ids=[row.message_id.strip("<>")], final=final)
    assert len(world.rows(StatusSubscriber)) == left


def test_M12_the_administration_sees_numbers_and_deletes_an_address(world, as_user, subscribe, ask):
    subscribe()
    subscribe("ops@shop.example", "outages")
    ask("later@shop.example")
    ada = as_user("ada")
    text = ada.get("/admin/status-page").page.text
    assert text.count("1 address") == 3 and "@shop.example" not in text
    assert ada.post("/admin/status-page/remove", data={"email": "nobody@shop.example"}).status_code == 422
    assert ada.post("/admin/status-page/remove", data={"email": ADDRESS}).status_code == 303
    assert {email for email, *_rest in subscribers(world)} == {"ops@shop.example", "later@shop.example"}
    for who in ("lee", "ana", "aud"):
        assert as_user(who).get("/admin/status-page", checked=False).status_code == 403
        assert as_user(who).post("/admin/status-page/remove", data={"email": ADDRESS}, checked=False).status_code == 403
    with pytest.raises(Forbidden):
        actions.remove_subscriber(world.ctx("lee"), "ops@shop.example")


def test_M12_nobody_becomes_a_person_of_the_portal(world, subscribe):
    before = len(world.session.scalars(select(User.id)).all())
    subscribe()
    assert len(world.session.scalars(select(User.id)).all()) == before


def test_M12_a_reader_hears_of_what_is_said_after_confirming_only(
    world, subscribe, announce, run_outbox, travel, received
):
    row = say_in_public(world, announce("To Acme", accounts=["ACME"]))
    travel(minutes=5)
    subscribe()
    travel(minutes=5)
    actions.write_update(world.ctx("lee"), row, body="B", rhythm=0, public="P")
    run_outbox()
    assert [one["Subject"] for one in received()] == ["Update on Outage: Some people cannot work"]
