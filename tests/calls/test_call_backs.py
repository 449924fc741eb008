"""H7 and FEATURES 2.6: somebody asks to be called, staff call, and what is overdue is said once."""

import datetime as dt

import pytest

from portal.calls.models import Call, CallBack, Hotline
from portal.cases.models import Case
from portal.identity.models import User
from portal.kernel.errors import Refused
from portal.notifications.models import Notification
from portal.tenants.actions.staff import end_staff
from portal.tenants.models import StaffMember
from tests.calls.support import WISH, ask, slots_of

WORKDAY = dt.datetime(2027, 1, 13, 12, tzinfo=dt.UTC)
EVENING = dt.datetime(2027, 1, 13, 20, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def _wednesday_noon(hotline, travel_to):
    travel_to(WORKDAY)
    hotline()


def test_h7_call_me_opens_a_case_and_a_task_with_its_own_due_time(world, as_user):
    rita = as_user("rita")
    shown = rita.get("/calls/new")
    assert shown.status_code == 200
    start = slots_of(world, "rita")[0]
    assert start == WORKDAY + dt.timedelta(minutes=30)
    assert rita.post("/calls/new", data={**WISH, "slot": start.isoformat()}).status_code == 303
    row = world.rows(CallBack)[0]
    case = world.session.get(Case, row.case_id)
    assert (row.number, row.starts_at, row.due_at) == ("+48600100200", start, start + dt.timedelta(minutes=30))
    assert (case.channel, case.subject, case.reported_by_id) == ("phone", "The printer again", world.rita.id)
    listed = rita.get("/calls").text
    assert "+48 600 100 200" in listed
    assert "Planned" in listed
    assert "Wed 13 Jan, 13:30–14:00 CET" in listed
    desk = as_user("ana").get("/desk/calls").text
    assert "The printer again" in desk
    assert "Wed 13 Jan, 13:30–14:00 CET" in desk


def test_h7_a_call_about_a_case_joins_it(world, as_user):
    case = world.open_case("rita")
    start = slots_of(world, "rita")[0]
    sent = as_user("rita").post(
        f"/calls/new?case={case.key}",
        data={"slot": start.isoformat(), "phone": "600 100 200", "words": "It is worse now."},
    )
    assert sent.status_code == 303
    row = world.rows(CallBack)[0]
    assert row.case_id == case.id
    assert "It is worse now." in [message.body for message in world.messages_of(case)]
    page = as_user("rita").get(f"/cases/{case.key}")
    assert "Call planned" in page.text
    again = as_user("rita").post(
        f"/calls/new?case={case.key}",
        data={"slot": slots_of(world, "rita")[3].isoformat(), "phone": "600 100 200", "words": "Earlier please."},
    )
    assert again.status_code == 422
    assert "planned already" in again.text
    assert "Earlier please." in again.text


def test_h7_a_second_press_asks_for_one_call(world, as_user):
    rita, start = as_user("rita"), slots_of(world, "rita")[0]
    data = {**WISH, "slot": start.isoformat(), "once": "a" * 32}
    assert [rita.post("/calls/new", data=data).status_code for _n in range(2)] == [303, 303]
    assert len(world.rows(CallBack)) == 1
    assert len(world.rows(Case, Case.subject == WISH["subject"])) == 1


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("phone", "12", "Write a whole phone number"),
        ("phone", "", "Write a phone number"),
        ("slot", "", "Choose a time"),
        ("slot", "2027-01-13T20:00:00+00:00", "not free any more"),
        ("slot", "yesterday", "not free any more"),
        ("subject", "", "Write a subject"),
        ("words", "", "Write what the call is about"),
        ("type", "", "Choose a request type"),
        ("type", "nothing", "Choose a request type"),
        ("account", "GLOBEX", "Choose an account"),
        ("hotline", "nothing", "Choose one of the answers shown"),
        ("environment", "nothing", "Choose an environment"),
    ],
)
def test_h7_what_cannot_be_asked_is_refused_with_the_text_kept(world, as_user, field, value, sentence):
    data = {**WISH, "slot": slots_of(world, "rita")[0].isoformat(), field: value}
    refused = as_user("rita").post("/calls/new", data=data)
    if field == "hotline":
        assert refused.status_code == 303  # the only line is the one that is meant
        return
    assert refused.status_code == 422
    assert sentence in refused.text
    if field != "words":
        assert WISH["words"] in refused.text
    assert not world.rows(CallBack)


def test_h7_a_slot_holds_as_many_calls_as_the_provider_says(world, as_user):
    start = slots_of(world, "rita")[0]
    ask(world, "rita", start)
    assert start not in slots_of(world, "gil")
    with pytest.raises(Refused, match="not free any more"):
        ask(world, "gil", start)
    world.rows(Hotline)[0].slot_calls = 2
    world.session.flush()
    ask(world, "gil", start)
    assert start not in slots_of(world, "mel")


def test_h7_slots_tell_nobody_whose_they_are(world, as_user):
    ask(world, "rita", slots_of(world, "rita")[0])
    shown = as_user("gil").get("/calls/new").text + as_user("gil").get("/calls").text
    assert "printer" not in shown
    assert "600 100 200" not in shown


def test_h7_only_who_asked_and_staff_of_the_account_see_a_call_back(world, as_user):
    row = ask(world, "rita", slots_of(world, "rita")[0])
    for who in ("mel", "gil", "olga"):
        assert as_user(who).get(f"/calls/{row.id}/cancel", checked=False).status_code == 404
        assert as_user(who).post(f"/calls/{row.id}/cancel", checked=False).status_code == 404
    for path in ("claim", "release", "cancel"):
        assert as_user("tom").post(f"/desk/calls/{row.id}/{path}", checked=False).status_code == 404
        assert as_user("sue").post(f"/desk/calls/{row.id}/{path}", checked=False).status_code == 404
        assert as_user("aud").post(f"/desk/calls/{row.id}/{path}", checked=False).status_code == 403
    assert "printer" not in as_user("tom").get("/desk/calls").text
    assert "printer" in as_user("aud").get("/desk/calls").text
    assert row.state == "open"


def test_h7_an_excluded_person_loses_sight_of_the_call(world, as_user):
    row = ask(world, "rita", slots_of(world, "rita")[0])
    world.exclude(world.session.get(Case, row.case_id), "ana")
    assert "printer" not in as_user("ana").get("/desk/calls").text
    assert as_user("ana").post(f"/desk/calls/{row.id}/claim", checked=False).status_code == 404


def test_h7_who_is_slower_gets_a_conflict(world, as_user):
    row = ask(world, "rita", slots_of(world, "rita")[0])
    assert as_user("ana").post(f"/desk/calls/{row.id}/claim").status_code == 303
    late = as_user("lee").post(f"/desk/calls/{row.id}/claim")
    assert late.status_code == 409
    assert "was faster" in late.text
    assert row.owner_id == world.ana.staff_id
    assert "The printer again" in as_user("ana").get("/desk/calls?show=mine").text
    assert "The printer again" not in as_user("lee").get("/desk/calls?show=mine").text
    assert "The printer again" not in as_user("lee").get("/desk/calls?show=free").text
    assert as_user("ana").post(f"/desk/calls/{row.id}/release").status_code == 303
    assert "The printer again" in as_user("lee").get("/desk/calls?show=free").text


def test_h7_a_cancelled_call_is_over(world, as_user, run_outbox, travel):
    row = ask(world, "rita", slots_of(world, "rita")[0])
    assert as_user("rita").post(f"/calls/{row.id}/cancel").status_code == 303
    assert row.state == "cancelled"
    assert as_user("rita").post(f"/calls/{row.id}/cancel").status_code == 409
    assert as_user("ana").post(f"/desk/calls/{row.id}/claim").status_code == 409
    assert "The printer again" not in as_user("ana").get("/desk/calls").text
    travel(hours=3)
    run_outbox()
    assert "call.overdue" not in world.event_names(world.session.get(Case, row.case_id))


def test_h7_an_overdue_call_is_said_once(world, as_user, run_outbox, travel):
    row = ask(world, "rita", slots_of(world, "rita")[0])
    as_user("ana").post(f"/desk/calls/{row.id}/claim")
    case = world.session.get(Case, row.case_id)
    for _n in range(3):
        travel(hours=1)
        run_outbox()
    assert world.event_names(case).count("call.overdue") == 1
    told = world.rows(Notification, Notification.user_id == world.ana.id, Notification.case_id == case.id)
    assert told
    assert "Overdue" in as_user("ana").get("/desk/calls?show=overdue").text
    assert "Overdue" in as_user("rita").get("/calls").text


def test_h7_calling_back_ends_the_task_and_is_logged(world, as_user):
    row = ask(world, "rita", slots_of(world, "rita")[0])
    ana = as_user("ana")
    ana.post(f"/desk/calls/{row.id}/claim")
    case = world.session.get(Case, row.case_id)
    key = case_key(world, case)
    shown = ana.get(f"/desk/calls/log?back={row.id}")
    assert "+48 600 100 200" in shown.text
    data = {"direction": "out", "number": "+48 600 100 200", "minutes": "7", "result": "missed", "case": key}
    assert ana.post(f"/desk/calls/log?back={row.id}", data=data).status_code == 303
    assert row.state == "open"
    data |= {"result": "talked", "note": "Wants a new printer", "once": "b"}
    assert ana.post(f"/desk/calls/log?back={row.id}", data=data).status_code == 303
    assert row.state == "done"
    assert [(call.minutes, call.result) for call in world.rows(Call)] == [(7, "missed"), (7, "talked")]
    assert "Wants a new printer" not in as_user("rita").get(f"/cases/{key}").text
    assert "Wants a new printer" in ana.get(f"/desk/cases/{key}").text
    assert "We talked" in as_user("rita").get("/calls").text
    assert ana.post(f"/desk/calls/log?back={row.id}", data={**data, "once": "c"}).status_code == 409


def test_h7_call_backs_of_a_leaver_are_free_again(world, as_user):
    row = ask(world, "rita", slots_of(world, "rita")[0])
    as_user("ana").post(f"/desk/calls/{row.id}/claim")
    member = world.session.get(StaffMember, world.ana.staff_id)
    end_staff(world.ctx("ada"), member, world.row(User, world.ana))
    world.session.refresh(row)
    assert row.owner_id is None


def test_h7_without_a_hotline_nobody_is_offered_a_call(world, as_user):
    world.rows(Hotline)[0].calls_back = False
    world.session.flush()
    assert as_user("rita").get("/calls/new", checked=False).status_code == 404
    assert as_user("rita").get("/calls").status_code == 200
    assert "Let us call you" not in as_user("rita").get("/support").text


def case_key(world, case):
    accounts = world.provider_world_of("rita").accounts
    return f"{next(key for key, row in accounts.items() if row.id == case.account_id)}-{case.number}"
