"""H7: a telephone system says which call rings; pages of the desk show who calls, and missed calls are called back."""

import datetime as dt

import pytest

from portal.calls.actions.incoming_calls import delete_old_incoming_calls
from portal.calls.models import Call, IncomingCall, PhoneExtension, TelephoneSystem
from portal.calls.pages import telephone_events
from portal.identity.models import User
from portal.kernel import clock
from portal.kernel.bearer_tokens import hash_bearer_token
from portal.tenants.actions.staff import end_staff
from portal.tenants.models import StaffMember
from tests.support.hotlines import add_extension, add_system

EVENTS = "/phone/events"
CARD = "/desk/calls/incoming/card"
NUMBER = "+48600700800"


@pytest.fixture
def rings(world, client):
    """`rings(event="ringing", …)` sends one message of the telephone system, as JSON; returns the answer."""
    token = add_system(world)[1]
    add_extension(world, world.ana, "101")

    def send(event="ringing", call="c1", *, by=token, host=None, **fields):
        body = {"call": call, "event": event, "caller": NUMBER, "called": "101", **fields}
        browser = client() if host is None else client(host=host)
        return browser.post(EVENTS, json=body, headers={"Authorization": f"Bearer {by}"})

    send.token = token
    return send


def give_number(world, *people, number="+48 600 700 800"):
    for person in people:
        world.row(User, person).phone = number
    world.session.commit()


def test_h7_a_token_is_made_shown_once_replaced_and_revoked(world, client):
    ada = client("ada")
    new = "/admin/phone/systems/new"
    assert "No telephone system is connected" in ada.get("/admin/phone/systems").page.text
    assert ada.submit(ada.get(new).page.form(new), name="").status_code == 422
    made = ada.submit(ada.get(new).page.form(new), name="Office")
    (row,) = world.rows(TelephoneSystem)
    path = f"/admin/phone/systems/{row.id}"
    assert made.headers["Location"] == path
    shown = ada.get(path).page
    assert "/phone/events" in shown.text
    token = shown.all("button", **{"data-copy": True})[-1].get("data-copy")
    assert len(token) == 43
    assert token not in ada.get(path).text
    assert row.token_hash == hash_bearer_token(token)
    assert "is there" not in ada.get(new).text
    assert ada.submit(ada.get(new).page.form(new), name="office").status_code == 422

    def status():
        headers = {"Authorization": f"Bearer {token}"}
        return client().post(EVENTS, json={"call": "1", "event": "ringing"}, headers=headers).status_code

    assert status() == 200
    form = ada.get(path).page.form(path)
    assert ada.submit(form, active=None).status_code == 303
    assert status() == 401
    assert "Switched off" in ada.get("/admin/phone/systems").page.text
    assert ada.submit(ada.get(path).page.form(path), active="y", name="Headquarters").status_code == 303
    assert status() == 200
    renew = f"{path}/token"
    assert ada.submit(ada.get(renew).page.form(renew)).status_code == 303
    assert status() == 401
    end = f"{path}/end"
    assert ada.submit(ada.get(end).page.form(end)).status_code == 303
    world.session.expire_all()
    assert row.token_hash is None
    assert ada.post(end).status_code == 409
    assert "No token" in ada.get("/admin/phone/systems").page.text


def test_h7_changes_of_tokens_stand_in_the_security_log(world, client):
    ada = client("ada")
    new = "/admin/phone/systems/new"
    ada.submit(ada.get(new).page.form(new), name="Office")
    (row,) = world.rows(TelephoneSystem)
    for verb in ("token", "end"):
        path = f"/admin/phone/systems/{row.id}/{verb}"
        ada.submit(ada.get(path).page.form(path))
    log = ada.get("/admin/security").page.text
    for sentence in ("Telephone system added", "New token for a telephone system made", "Token of a telephone system"):
        assert sentence in log


def test_h7_only_who_connects_makes_tokens(world, client, travel):
    row, _token = add_system(world)
    for who in ("ana", "lee", "aud", "pat"):
        for path in ("new", row.id, f"{row.id}/token", f"{row.id}/end"):
            assert client(who).post(f"/admin/phone/systems/{path}", data={}).status_code == 403, (who, path)
    assert client("aud").get("/admin/phone/systems").status_code == 200
    assert client("sue").get(f"/admin/phone/systems/{row.id}").status_code == 404
    ada = client("ada")
    travel(minutes=11)
    assert ada.post(f"/admin/phone/systems/{row.id}/token", data={}).headers["Location"].startswith("/me/proof")


def test_h7_a_ringing_call_shows_who_calls_on_the_pages_of_the_agent(world, client, rings):
    give_number(world, world.rita)
    ana, lee = client("ana"), client("lee")
    assert ana.get("/desk/tick").json["counts"]["ringing"] == ""
    assert rings().status_code == 200
    assert ana.get("/desk/tick").json["counts"]["ringing"] == "1"
    card = ana.get(CARD)
    assert "Call from +48 600 700 800" in card.text
    assert world.rita.name in card.text
    assert "(ACME)" in card.text
    assert "/desk/calls/log?caller=%2B48600700800" in card.text
    assert ana.get(CARD, headers={"HX-PTag": card.headers["HX-PTag"]}).status_code == 304
    assert world.rita.name in ana.get("/desk/calls/incoming").text
    # Somebody else's pages show nothing.
    assert lee.get("/desk/tick").json["counts"]["ringing"] == ""
    assert "Call from" not in lee.get(CARD).text


def test_h7_the_corner_is_on_desk_pages_of_a_provider_with_a_telephone_system(world, client, rings):
    assert 'data-ringing=""' in client("ana").get("/desk/calls/made").text
    rings()
    page = client("ana").get("/desk/calls/made").text
    assert 'data-ringing="1"' in page
    assert "A call rings for you" in page
    assert "data-ringing" not in client("sam").get("/desk/calls/made").text
    assert "data-ringing" not in client("ada").get("/admin/phone").text


def test_h7_a_person_whom_the_agent_may_not_see_is_an_unknown_number(world, client, rings):
    give_number(world, world.rita)
    add_extension(world, world.tom, "102")
    rings(called="102")
    card = client("tom").get(CARD).text
    assert "Call from +48 600 700 800" in card
    assert "Unknown number" in card
    assert world.rita.name not in card
    assert "ACME" not in card


def test_h7_several_people_with_the_number_are_listed(world, client, rings):
    give_number(world, world.rita, world.mel, number="600 700 800")
    rings()
    card = client("ana").get(CARD).text
    assert world.rita.name in card
    assert world.mel.name in card


@pytest.mark.parametrize("caller", ["", "anonymous", "77"])
def test_h7_a_number_that_tells_nothing_names_nobody(world, client, rings, caller):
    give_number(world, world.rita, number="77 anonymous")
    rings(caller=caller)
    card = client("ana").get(CARD).text
    assert world.rita.name not in card
    assert ("Call from a withheld number" in card) is (caller == "")


def test_h7_an_answered_call_that_ended_is_logged_with_what_the_system_knows(world, client, rings):
    give_number(world, world.rita)
    case = world.open_case("rita")
    rings()
    rings("answered")
    ana = client("ana")
    assert "You talk with" in ana.get(CARD).text
    rings("ended", seconds=125)
    assert "has ended" in ana.get(CARD).text
    (row,) = world.rows(IncomingCall)
    person = f"ACME:{world.rita.contact_id}"
    form = ana.get(f"/desk/calls/log?person={person}&incoming={row.id}").page.form("/desk/calls/log")
    values = form.values
    assert (values["direction"], values["minutes"], values["number"]) == (["in"], ["3"], ["+48 600 700 800"])
    assert ana.submit(form, case=case.key).status_code == 303
    (call,) = world.rows(Call)
    world.session.expire_all()
    assert (call.minutes, call.direction, call.case_id) == (3, "in", case.id)
    assert (row.call_id, row.settled_by_id) == (call.id, world.ana.staff_id)
    assert ana.get("/desk/tick").json["counts"]["ringing"] == ""


def test_h7_a_missed_call_waits_in_the_list_until_somebody_calls_back(world, client, rings):
    give_number(world, world.rita)
    world.open_case("rita")
    rings()
    rings("ended")
    ana = client("ana")
    assert ana.get("/desk/tick").json["counts"]["ringing"] == ""
    assert "/desk/calls/missed" in ana.get("/desk/calls").page.links
    missed = client("lee").get("/desk/calls/missed").text
    assert world.rita.name in missed
    assert f"for {world.ana.name}" in missed
    (row,) = world.rows(IncomingCall)
    person = f"ACME:{world.rita.contact_id}"
    search = ana.get(f"/desk/calls/log?caller=%2B48600700800&incoming={row.id}").page
    assert any(f"incoming={row.id}" in link and "person=" in link for link in search.links)
    form = ana.get(f"/desk/calls/log?person={person}&incoming={row.id}").page.form("/desk/calls/log")
    assert form.values["direction"] == ["out"]
    assert ana.submit(form, minutes="1").status_code == 303
    assert "No call was missed" in ana.get("/desk/calls/missed").text


def test_h7_a_missed_call_is_taken_off_the_list_once(world, client, rings):
    rings("ended")
    (row,) = world.rows(IncomingCall)
    ana, lee = client("ana"), client("lee")
    path = f"/desk/calls/missed/{row.id}/settle"
    assert client("aud").post(path, data={}).status_code == 403
    form, late = ana.get(path).page.form(path), lee.get(path).page.form(path)
    assert ana.submit(form).status_code == 303
    assert lee.submit(late).status_code == 409
    assert "No call was missed" in lee.get("/desk/calls/missed").text


def test_h7_the_list_of_missed_calls_shows_only_accounts_of_the_agent(world, client, rings):
    give_number(world, world.rita)
    rings("ended", call="of rita")
    rings("ended", call="of nobody", caller="+48601601601")
    (of_rita,) = world.rows(IncomingCall, IncomingCall.external_id == "of rita")
    tom = client("tom")
    shown = tom.get("/desk/calls/missed").text
    assert "+48 601 601 601" in shown
    assert "600 700 800" not in shown
    for path in (f"/desk/calls/missed/{of_rita.id}/settle", f"/desk/calls/log?incoming={of_rita.id}"):
        assert tom.get(path).status_code == 404
    assert "600 700 800" in client("ana").get("/desk/calls/missed").text
    assert "601 601" not in client("sam").get("/desk/calls/missed").text
    assert client("pat").get("/desk/calls/missed").status_code == 403


def test_h7_the_same_message_twice_changes_nothing(world, rings):
    for _n in range(3):
        assert rings().json == {"call": "c1", "state": "ringing"}
    (row,) = world.rows(IncomingCall)
    heard = row.heard_at
    assert rings("ended", seconds=0).json["state"] == "ended"
    assert rings("ended", seconds=9).json["state"] == "ended"
    world.session.expire_all()
    assert (row.seconds, row.missed, row.heard_at >= heard) == (0, True, True)


@pytest.mark.parametrize(
    ("events", "state", "missed"),
    [
        (["answered", "ringing"], "answered", False),
        (["ended", "ringing"], "ended", True),
        (["ringing", "ended", "answered"], "ended", False),
        (["answered", "ended", "answered", "ringing", "ended"], "ended", False),
    ],
)
def test_h7_late_messages_never_lead_back(world, rings, events, state, missed):
    for event in events:
        assert rings(event).status_code == 200
    (row,) = world.rows(IncomingCall)
    assert (row.state, row.missed) == (state, missed)


def test_h7_a_call_that_rings_on_elsewhere_moves_there(world, client, rings):
    add_extension(world, world.lee, "201")
    rings()
    rings(called="201")
    assert "Call from" not in client("ana").get(CARD).text
    assert "Call from" in client("lee").get(CARD).text
    rings("answered", called="101")
    assert "You talk with" in client("ana").get(CARD).text


def test_h7_a_lost_end_does_not_stay_on_the_page(world, client, rings, travel):
    rings()
    travel(minutes=4)
    assert client("ana").get("/desk/tick").json["counts"]["ringing"] == ""


def test_h7_a_form_is_taken_like_json(world, client, rings):
    data = {"call": "f1", "event": "ended", "caller": "600 700 800", "called": "101", "seconds": "", "extra": "x"}
    headers = {"Authorization": f"bearer {rings.token}"}
    assert client().post(EVENTS, data=data, headers=headers).json == {"call": "f1", "state": "ended"}
    (row,) = world.rows(IncomingCall)
    assert (row.staff_id, row.seconds) == (world.ana.staff_id, 0)


@pytest.mark.parametrize(
    ("body", "status", "word"),
    [
        (b"{", 400, "not JSON"),
        (b"\xff\xfe", 400, "not JSON"),
        (b"[" * 15_000, 400, "not JSON"),
        (b"[]", 422, "one JSON object"),
        (b"{}", 422, "call"),
        (b'{"call": "", "event": "ringing"}', 422, "call"),
        (b'{"call": "\\u0000 \\u200b", "event": "ringing"}', 422, "call"),
        (b'{"call": "1", "event": "hang up"}', 422, "event"),
        (b'{"call": {}, "event": "ringing"}', 422, "call"),
        (b'{"call": "1", "event": "ended", "seconds": -1}', 422, "seconds"),
        (b'{"call": "1", "event": "ended", "seconds": 1e400}', 422, "seconds"),
        (b'{"call": "1", "event": "ended", "seconds": NaN}', 422, "seconds"),
        (b'{"call": "%s", "event": "ringing"}' % (b"9" * 101), 422, "call"),
        (b'{"call": "1", "event": "ringing", "caller": "%s"}' % (b"9" * 51), 422, "caller"),
        (b'{"call": "%s"}' % (b"9" * 30_000), 413, "longer"),
    ],
)
def test_h7_what_is_no_message_is_refused_in_json_and_stores_nothing(world, client, rings, body, status, word):
    headers = {"Authorization": f"Bearer {rings.token}", "Content-Type": "application/json"}
    answer = client().post(EVENTS, data=body, headers=headers)
    assert (answer.status_code, answer.mimetype) == (status, "application/json")
    assert word in answer.text
    assert world.rows(IncomingCall) == []


def test_h7_hostile_words_are_shown_as_words(world, client, rings):
    assert rings(call="<b>1</b>\r\n", caller="<script>1</script>", called="101", number=["x"]).status_code == 200
    card = client("ana").get(CARD).text
    assert "<script>1" not in card
    assert "&lt;script&gt;1" in card
    assert client("ana").get("/desk/calls/log?caller=%3Cscript%3E").status_code == 200


def test_h7_other_kinds_of_bodies_are_refused(client, rings):
    headers = {"Authorization": f"Bearer {rings.token}", "Content-Type": "text/xml"}
    assert client().post(EVENTS, data=b"<call/>", headers=headers).status_code == 415


def test_h7_the_answer_is_the_same_for_unknown_ended_and_foreign_tokens(world, client, rings):
    off, off_token = add_system(world, "Off")
    off.active = False
    ended, ended_token = add_system(world, "Ended")
    ended.token_hash = None
    world.session.commit()
    south_token = add_system(world, "South", by="sue")[1]
    answers = [rings(by=token) for token in ("", "x", "é", "x" * 9000, off_token, ended_token, south_token)]
    headers = {"Authorization": f"Basic {rings.token}"}
    answers.append(client().post(EVENTS, json={"call": "1", "event": "ringing"}, headers=headers))
    assert {(answer.status_code, answer.text) for answer in answers} == {(401, answers[0].text)}
    assert world.rows(IncomingCall) == []


def test_h7_a_token_reaches_its_own_provider_only(world, client, rings):
    _south, south_token = add_system(world, "South", by="sue")
    add_extension(world, world.sam, "101")
    rings(call="same")
    browser = client("sam")
    assert "Call from" not in browser.get(CARD).text
    answer = browser.post(
        EVENTS,
        json={"call": "same", "event": "ringing", "called": "101", "caller": "+48602602602"},
        headers={"Authorization": f"Bearer {south_token}"},
    )
    assert answer.status_code == 200
    assert "602 602 602" in client("sam").get(CARD).text
    assert "602 602 602" not in client("ana").get(CARD).text
    (of_north,) = world.rows(IncomingCall, IncomingCall.external_id == "same")
    assert (of_north.provider_id, of_north.staff_id) == (world.northwind.id, world.ana.staff_id)


def test_h7_too_many_messages_are_refused(rings, monkeypatch):
    monkeypatch.setattr(telephone_events, "OF_SYSTEM", telephone_events.RateLimitItemPerMinute(2, namespace="few"))
    assert [rings().status_code for _n in range(3)] == [200, 200, 429]


def test_h7_a_place_that_guesses_is_refused(rings, monkeypatch):
    monkeypatch.setattr(telephone_events, "FROM_PLACE", telephone_events.RateLimitItemPerMinute(2, namespace="guess"))
    answers = [rings(by="x") for _n in range(3)]
    assert [answer.status_code for answer in answers] == [401, 401, 429]
    assert answers[-1].headers["Retry-After"] == "60"


def test_h7_staff_say_which_extension_is_theirs(world, client):
    ana, lee = client("ana"), client("lee")
    ana.get("/desk")
    lee.get("/desk")
    assert "/me/phone" not in ana.get("/me").page.links
    add_system(world)
    assert "/me/phone" in ana.get("/me").page.links
    form = ana.get("/me/phone").page.form("/me/phone")
    assert ana.submit(form, number="x").status_code == 422
    assert ana.submit(form, number="9" * 21).status_code == 422
    assert ana.submit(form, number="1 0-1").status_code == 303
    assert [row.number for row in world.rows(PhoneExtension)] == ["101"]
    refused = lee.submit(lee.get("/me/phone").page.form("/me/phone"), number="101")
    assert refused.status_code == 422
    assert f"{world.ana.name} has this extension" in refused.text
    assert ana.submit(ana.get("/me/phone").page.form("/me/phone"), number="").status_code == 303
    assert world.rows(PhoneExtension) == []
    assert client("rita").get("/me/phone").status_code == 404


def test_h7_the_extension_of_who_left_is_free(world):
    add_extension(world, world.ana, "101")
    ctx = world.ctx("ada")
    end_staff(ctx, ctx.session.get(StaffMember, world.ana.staff_id), world.row(User, world.ana))
    assert world.rows(PhoneExtension) == []


def test_h7_old_reports_are_deleted(world, rings):
    rings(call="old")
    rings(call="new")
    (old,) = world.rows(IncomingCall, IncomingCall.external_id == "old")
    old.heard_at -= dt.timedelta(days=91)
    world.session.commit()
    assert delete_old_incoming_calls(world.system(), clock.now() - dt.timedelta(days=90), 10) == 1
    assert [row.external_id for row in world.rows(IncomingCall)] == ["new"]


def test_h7_the_desk_menu_counts_the_calls_that_people_wait_for(world, client):
    from tests.support.hotlines import add_call_back, make_hotline

    make_hotline(world)
    add_call_back(world.system(), world.open_case("rita"))
    assert client("ana").get("/desk/tick").json["counts"]["calls"] == "1"
    assert client("tom").get("/desk/tick").json["counts"]["calls"] == ""


def test_h7_other_methods_are_refused_in_json_too(client):
    for method in ("GET", "PUT", "DELETE"):
        answer = client().open("/phone/events", method=method, csrf=False, checked=False)
        assert (answer.status_code, answer.mimetype) == (405, "application/json"), method
        assert answer.json["error"]
