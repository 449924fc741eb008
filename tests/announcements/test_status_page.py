"""FEATURES M12: the public status page, readable without sign-in and while signing in does not work, says nothing of
clients."""

import datetime as dt

import pytest
from lxml import etree
from redis import Redis

from portal.announcements import actions
from portal.announcements.models import StatusPost, StatusUpdate
from portal.kernel.errors import Conflict, Forbidden
from portal.tenants.models import Provider
from tests.support.announcements import say_in_public, write_announcement

NOW = dt.datetime(2026, 11, 30, 12, tzinfo=dt.UTC)
PATHS = ("/status", "/status/feed.atom")


def test_M12_it_says_only_what_staff_wrote_for_everybody(world, client, announce):
    row = announce("Acme cannot reach its VPN", accounts=["ACME"], body="Rita saw it first.")
    announce("Another outage of Globex", accounts=["GLOBEX"])
    for path in PATHS:
        assert "VPN" not in client().get(path, checked=False).text
    say_in_public(world, row)
    actions.write_update(world.ctx("lee"), row, body="Acme's line is cut.", rhythm=60, public="A line is cut.")
    actions.write_update(world.ctx("lee"), row, body="Only for Acme.", rhythm=60)
    for path in PATHS:
        text = client().get(path, checked=False).text
        assert "Outage: Some people cannot work" in text
        assert "A line is cut." in text
        assert "VPN" not in text
        assert "Globex" not in text
        assert "Only for Acme" not in text


def test_M12_no_name_of_a_client_stands_there(world, client, announce):
    """No account, environment, organization, person or announcement of clients, whatever stands beside it."""
    row = announce("To Acme", accounts=["ACME"], environments=[("GLOBEX", "Test")], services=["colocation"])
    say_in_public(world, row)
    say_in_public(world, announce("Maintenance for Globex", accounts=["GLOBEX"], kind="maintenance"))
    names = {person.name for person in world.northwind.people.values()}
    names |= {"Acme", "Globex", "GLOBEX", "ACMEPL", "Production", "Colocation", "Remote hands", "To Acme"}
    for path in PATHS:
        text = client().get(path, checked=False).text
        assert "Some people cannot work" in text
        assert not [name for name in names if name in text]
        assert str(row.id) not in text


def test_M12_it_is_the_same_for_everybody_and_may_be_kept(world, client, announce):
    say_in_public(world, announce("To Acme", accounts=["ACME"]))
    for path in PATHS:
        answers = [client(who).get(path, checked=False) for who in (None, "rita", "gil", "lee")]
        assert {answer.status_code for answer in answers} == {200}
        assert all(answer.headers["Cache-Control"] == "public, max-age=60" for answer in answers)
        assert not any("Set-Cookie" in answer.headers for answer in answers)
        assert not any("Rita Costa" in answer.text or "csrf_token" in answer.text for answer in answers)


def test_M12_it_is_there_while_redis_is_not(world, client, announce, monkeypatch):
    say_in_public(world, announce("To Acme", accounts=["ACME"]))

    def refuse(*_arguments, **_options):
        raise ConnectionError("no Redis")

    monkeypatch.setattr(Redis, "execute_command", refuse)
    for path in PATHS:
        assert client().get(path, checked=False).status_code == 200


def test_M12_it_costs_a_few_statements(world, client, announce, statements):
    for number in range(12):
        row = say_in_public(world, announce(f"To Acme {number}", accounts=["ACME"]))
        actions.write_update(world.ctx("lee"), row, body="B", rhythm=0, public="P")
    world.session.commit()
    browser = client()
    browser.get("/status")
    with statements() as seen:
        browser.get("/status")
    asked = [one for one in map(str, seen) if "SELECT" in one and "set_config" not in one]
    assert len(asked) <= 4, asked
    assert not [one for one in asked if " cases" in one or "users" in one]


def test_M12_another_provider_has_its_own(world, client, announce):
    say_in_public(world, announce("To Acme", accounts=["ACME"]))
    answer = client(host=world.southgate.host).get("/status")
    assert "Some people cannot work" not in answer.text
    assert "Nothing is reported at present." in answer.text


def test_M12_drafts_are_not_there_and_history_is_of_90_days(world, client, announce, travel):
    draft = say_in_public(world, announce("Later", kind="notice", state="draft"))
    assert "Some people" not in client().get("/status").text
    actions.publish(world.ctx("lee"), draft)
    assert "Some people" in client().get("/status").text
    actions.end(world.ctx("lee"), draft, public="It works again.")
    ended = client().get("/status").text
    assert "It works again." in ended
    assert "Over within 90 days" in ended
    travel(days=91)
    assert "Some people" not in client().get("/status").text


def test_M12_it_can_be_changed_and_taken_off(world, as_user, client, announce):
    row = announce("To Acme", accounts=["ACME"])
    path = f"/desk/announcements/{row.id}/status"
    lee = as_user("lee")
    assert lee.post(path, data={"title": "", "body": "We look."}).status_code == 422
    assert lee.post(path, data={"title": "Slow", "body": "We look."}).status_code == 303
    assert "We look." in client().get("/status").text
    old = lee.post(path, data={"title": "Slower", "body": "Mine", "version": "1"})
    assert old.status_code == 409
    assert "Mine" in old.text
    assert lee.post(path, data={"title": "<i>Slow</i>", "body": "We **see**."}).status_code == 303
    shown = client().get("/status").text
    assert "&lt;i&gt;Slow&lt;/i&gt;" in shown
    assert "<strong>see</strong>" in shown
    actions.write_update(world.ctx("lee"), row, body="B", rhythm=0, public="P")
    assert lee.post(f"{path}/remove").status_code == 303
    assert not world.rows(StatusPost)
    assert not world.rows(StatusUpdate)
    with pytest.raises(Conflict):
        actions.take_from_public(world.ctx("lee"), row)
    assert lee.get(f"{path}/remove", checked=False).status_code == 409


def test_M12_who_may_write_there(world, as_user, announce):
    row = announce("To Globex", accounts=["GLOBEX"])
    for who in ("ana", "tom", "aud"):
        assert as_user(who).post(f"/desk/announcements/{row.id}/status", checked=False).status_code == 403
    ctx = world.ctx("tom", "staff")
    names = ("side", "provider_id", "user_id", "name", "staff_id", "tier", "all_accounts", "account_ids")
    ctx.actor = type(ctx.actor)(**{name: getattr(ctx.actor, name) for name in names}, role="lead")
    with pytest.raises(Forbidden, match="all accounts"):
        actions.show_in_public(ctx, row, title="T", body="B")


def test_M12_a_discarded_draft_leaves_nothing(world, announce):
    row = say_in_public(world, announce("Later", kind="notice", state="draft"))
    actions.discard(world.ctx("lee"), row)
    assert not world.rows(StatusPost)


def test_M12_visitors_find_the_way_where_it_says_anything(world, client, announce):
    assert 'href="/status"' not in client().get("/sign-in").text
    say_in_public(world, write_announcement(world, "To everybody"))
    assert 'href="/status"' in client().get("/sign-in").text


def test_M12_it_speaks_the_language_of_the_provider(world, client, announce):
    say_in_public(world, announce("To Acme", accounts=["ACME"]))
    world.row(Provider, world.northwind).locale = "pl"
    world.session.flush()
    answer = client().get("/status")
    assert "Awaria: Some people cannot work" in answer.text
    assert "Accept-Language" in answer.headers["Vary"], "where the provider chose none"


def test_M12_the_feed_is_an_atom_feed(world, client, announce):
    row = say_in_public(world, announce("To Acme", accounts=["ACME"]))
    post = world.rows(StatusPost, StatusPost.announcement_id == row.id)[0]
    answer = client().get("/status/feed.atom", checked=False)
    assert answer.mimetype == "application/atom+xml"
    feed = etree.fromstring(answer.data)
    inside = {"a": "http://www.w3.org/2005/Atom"}
    assert feed.xpath("string(a:link[@rel='self']/@href)", namespaces=inside).endswith("/status/feed.atom")
    assert feed.xpath("string(a:entry/a:id)", namespaces=inside) == f"urn:uuid:{post.id}"
    assert feed.xpath("string(a:entry/a:title)", namespaces=inside) == "Outage: Some people cannot work"
