"""Worked time: entries and timers of staff, their list for who reviews them, and nothing of it for customers."""

import datetime as dt

import pytest
from sqlalchemy import select

from portal.cases.actions import links
from portal.kernel.errors import Forbidden, Refused
from portal.kernel.events import Event
from portal.time_entries import actions
from portal.time_entries.actions import TimeFacts
from portal.time_entries.models import CaseTimer, TimeEntry
from portal.time_entries.queries import entries_of, panel_numbers
from tests.support.time_entries import leave_time

WORDS = "Moved the zebrafish mailbox"


@pytest.fixture
def case(world):
    return world.open_case("rita", subject="Orders stand still", visibility="shared")


def add(world, case, minutes=30, text=WORDS, *, by="ana", day=None, **more):
    ctx = world.ctx(by, "staff")
    today = ctx.now.date()
    facts = TimeFacts(minutes, text, day or today, more.pop("billable", True))
    return actions.add_entry(ctx, world.reload(case), facts, today, **more)


def minutes_of(world, case):
    return [row.minutes for row in entries_of(world.ctx("ana", "staff"), case.id, 1).rows]


def about(timer, seconds):
    """Whether *timer* measured *seconds*, and what the test itself took."""
    return seconds <= timer.seconds < seconds + 50


def form_on(page, field="minutes"):
    return next(form for form in page.forms if field in form.values)


def test_time_is_added_changed_and_removed_on_the_page_without_a_script(world, as_user, case):
    ana, path = as_user("ana"), f"/desk/cases/{case.key}"
    form = form_on(ana.get(f"{path}/time").page)
    assert form["billable"] and form["day"], "billable and today are what is usual"
    assert ana.submit(form, minutes="1:30", text=WORDS).status_code == 303
    assert ana.submit(form, minutes="1:30", text=WORDS).status_code == 303
    (entry,) = world.rows(TimeEntry)
    assert (entry.minutes, entry.text, entry.billable, entry.staff_id) == (90, WORDS, True, world.ana.staff_id)
    assert "1 h 30 min, of which 1 h 30 min billable" in ana.get(path).page.text
    assert f"Time added, 1 h 30 min billable: {WORDS}" in ana.get(f"{path}/history").page.text
    edit = form_on(ana.get(f"{path}/time?entry={entry.id}").page)
    assert edit["minutes"] == "1:30"
    assert ana.submit(edit, minutes="20", billable=None).status_code == 303
    assert "20 min, of which 0 min billable" in ana.get(path).page.text
    assert ana.post(f"{path}/time", data={"verb": "remove", "entry": str(entry.id)}).status_code == 303
    told = ana.get(f"{path}/history").page.text
    assert "Time changed from 1 h 30 min billable to 20 min not billable" in told
    assert f"Time removed, 20 min not billable: {WORDS}" in told
    assert world.rows(TimeEntry) == []


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"minutes": "none"}, "Write minutes like 45"),
        ({"minutes": "1441"}, "at most 24 hours"),
        ({"text": "  "}, "Write what was done"),
        ({"day": "2199-01-01"}, "Choose a day that has come"),
        ({"day": "2001-01-01"}, "Choose a day within the last year"),
        ({"day": "soon"}, "Write the day like 2027-01-31"),
        ({"verb": "fly"}, "Choose what to do"),
        ({"verb": "remove"}, "This entry is not there any more"),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence_and_keeps_the_words(world, as_user, case, sent, said):
    ana = as_user("ana")
    form = form_on(ana.get(f"/desk/cases/{case.key}/time").page)
    answer = ana.submit(form, **{"minutes": "45", "text": WORDS, **sent})
    assert answer.status_code == 422 and said in answer.page.text
    shown = form_on(answer.page)
    assert shown["minutes"] == sent.get("minutes", "45") and shown["text"] == sent.get("text", WORDS).strip()
    assert world.rows(TimeEntry) == []


def test_one_changes_ones_own_entries_and_a_lead_everybodys(world, as_user, case):
    entry = add(world, case, by="lee")
    today, facts = entry.worked_on, TimeFacts(5, "Less", entry.worked_on, False)
    with pytest.raises(Forbidden):
        actions.change_entry(world.ctx("ana", "staff"), world.reload(case), entry, facts, today)
    with pytest.raises(Forbidden):
        actions.remove_entry(world.ctx("ana", "staff"), world.reload(case), entry)
    ana, path = as_user("ana"), f"/desk/cases/{case.key}/time"
    page = ana.get(path).page
    assert WORDS in page.text and f"entry={entry.id}" not in ana.get(path).get_data(as_text=True)
    assert ana.post(path, data={"verb": "remove", "entry": str(entry.id)}).status_code == 422
    own = add(world, case, 15, by="ana")
    lee = as_user("lee")
    edit = form_on(lee.get(f"{path}?entry={own.id}").page)
    assert lee.submit(edit, minutes="10").status_code == 303
    assert sorted(minutes_of(world, case)) == [10, 30]


def test_a_timer_survives_the_page_and_fills_the_form_when_it_stops(world, as_user, case, travel):
    ana, path = as_user("ana"), f"/desk/cases/{case.key}"
    assert ana.post(f"{path}/time", data={"verb": "start"}).status_code == 303
    travel(minutes=24, seconds=40)
    page = as_user("ana").get(path).page.text
    assert "Your timer runs: 24 min" in page and "Stop the timer" in page
    ana = as_user("ana")
    assert ana.post(f"{path}/time", data={"verb": "stop"}).status_code == 303
    travel(hours=5)
    page = as_user("ana").get(f"{path}/time").page
    form = form_on(page)
    assert form["minutes"] == "25" and form["timer"] == "yes" and "not saved yet" in page.text
    ana = as_user("ana")
    assert ana.submit(form, text=WORDS).status_code == 303
    assert minutes_of(world, case) == [25] and world.rows(CaseTimer) == []


def test_only_one_timer_runs_and_the_other_keeps_its_time(world, as_user, case, travel):
    other = world.open_case("rita", subject="Another one")
    ana = as_user("ana")
    ana.post(f"/desk/cases/{case.key}/time", data={"verb": "start"})
    travel(minutes=10)
    ana = as_user("ana")
    answer = ana.post(f"/desk/cases/{other.key}/time", data={"verb": "start"})
    said = f"That of {case.key} stopped; its time waits there to be saved."
    assert answer.status_code == 303 and said in ana.get(answer.location).page.text
    rows = {row.case_id: row for row in world.rows(CaseTimer)}
    assert about(rows[case.id], 600) and rows[case.id].started_at is None
    assert rows[other.id].started_at is not None
    page = ana.get(f"/desk/cases/{other.key}/time").page.text
    assert "Also yours:" in page and case.key in page
    assert form_on(ana.get(f"/desk/cases/{case.key}/time").page)["minutes"] == "10"
    # Of a colleague nothing is stopped, and nothing is shown.
    assert as_user("lee").post(f"/desk/cases/{other.key}/time", data={"verb": "start"}).status_code == 303
    assert len([row for row in world.rows(CaseTimer) if row.started_at is not None]) == 2
    assert as_user("lee").post(f"/desk/cases/{other.key}/time", data={"verb": "discard"}).status_code == 303
    ana = as_user("ana")
    assert ana.post(f"/desk/cases/{case.key}/time", data={"verb": "start"}).status_code == 303
    travel(minutes=5)
    as_user("ana").post(f"/desk/cases/{case.key}/time", data={"verb": "stop"})
    assert about({row.case_id: row for row in world.rows(CaseTimer)}[case.id], 900)


def test_stopping_and_discarding_nothing_is_answered_with_a_sentence(world, as_user, case):
    ana, path = as_user("ana"), f"/desk/cases/{case.key}/time"
    answer = ana.post(path, data={"verb": "stop"})
    assert answer.status_code in (409, 422) and "No timer of yours runs on this case" in answer.page.text
    assert ana.post(path, data={"verb": "discard"}).status_code == 303


def test_customers_see_nothing_of_worked_time(world, as_user, case):
    add(world, case)
    actions.start_timer(world.ctx("ana", "staff"), world.reload(case))
    rita = as_user("rita")
    for path in (f"/cases/{case.key}", "/cases", "/cases/cases.csv", f"/cases/{case.key}/history"):
        text = rita.get(path).get_data(as_text=True)
        assert "zebrafish" not in text and "Worked time" not in text and "timer" not in text.lower()
    for path in ("/desk/time", "/desk/time/export", f"/desk/cases/{case.key}/time"):
        assert rita.get(path).status_code in (403, 404)
    ctx = world.ctx("rita")
    assert entries_of(ctx, case.id, 1).rows == [] and panel_numbers(ctx, case.id).minutes == 0
    with pytest.raises(Forbidden):
        actions.start_timer(ctx, world.reload(case))


def test_the_list_of_the_lead_finds_and_adds_up_what_its_filters_say(world, as_user, case):
    today = world.ctx("ana", "staff").now.date()
    add(world, case, 30)
    add(world, case, 60, "By the lead", by="lee", billable=False)
    add(world, case, 15, "Long ago", day=today - dt.timedelta(days=200))
    lee = as_user("lee")
    page = lee.get("/desk/time").page.text
    assert "1 h 30 min, of which 30 min billable" in page and "Long ago" not in page and "By the lead" in page
    found = {
        f"person={world.ana.staff_id}": {WORDS},
        "person=nobody": set(),
        "account=acme": {WORDS, "By the lead"},
        "account=none": set(),
        "billable=no": {"By the lead"},
        "billable=yes": {WORDS},
        f"from={today - dt.timedelta(days=300)}": {WORDS, "By the lead", "Long ago"},
        f"from=2001-01-01&to={today - dt.timedelta(days=100)}": {"Long ago"},
        "from=soon&to=later&billable=maybe&page=x": {WORDS, "By the lead"},
    }
    for query, texts in found.items():
        page, file = lee.get(f"/desk/time?{query}").page.text, lee.get(f"/desk/time/export?{query}")
        assert {text for text in (WORDS, "By the lead", "Long ago") if text in page} == texts, query
        lines = file.get_data(as_text=True).splitlines()
        assert len(lines) == 1 + len(texts) and all(any(text in line for line in lines) for text in texts), query
    for who in ("ana", "aud"):
        assert as_user(who).get("/desk/time").status_code == 403, who
        assert as_user(who).get("/desk/time/export").status_code == 403, who


def test_cells_of_the_file_are_no_formulas(world, as_user, case):
    add(world, case, text="=HYPERLINK(1)")
    assert ",=HYPERLINK" not in as_user("lee").get("/desk/time/export").get_data(as_text=True)


def test_a_provider_can_switch_it_off_and_keeps_what_was_written(world, as_user, case):
    add(world, case)
    ada = as_user("ada")
    form = ada.get("/admin/settings").page.form("/admin/settings")
    assert ada.submit(form, records_time=None).status_code == 303
    ana, lee, path = as_user("ana"), as_user("lee"), f"/desk/cases/{case.key}"
    assert "Worked time" not in ana.get(path).page.text and "/desk/time" not in lee.get("/desk/queue/mine").page.text
    for who, address in ((ana, f"{path}/time"), (lee, "/desk/time"), (lee, "/desk/time/export")):
        assert who.get(address).status_code == 404
    assert ana.post(f"{path}/time", data={"verb": "start"}).status_code == 404
    form = ada.get("/admin/settings").page.form("/admin/settings")
    assert ada.submit(form, records_time="y").status_code == 303
    assert "30 min, of which 30 min billable" in as_user("ana").get(path).page.text


def test_time_goes_along_when_cases_are_merged(world, case, travel, run_outbox):
    target = world.open_case("rita", subject="The other one", visibility="shared")
    ctx = world.ctx("ana", "staff")
    leave_time(ctx, case, world.ana.staff_id, "There")
    leave_time(ctx, target, world.lee.staff_id, "Here")
    actions.start_timer(ctx, world.reload(target))
    travel(minutes=5)
    actions.start_timer(world.ctx("ana", "staff"), world.reload(case))
    actions.start_timer(world.ctx("lee", "staff"), world.reload(case))
    travel(minutes=2)
    links.merge(world.ctx("ana", "staff"), world.reload(case), world.reload(target))
    run_outbox()
    ctx = world.ctx("ana", "staff")
    assert {row.text for row in entries_of(ctx, target.id, 1).rows} == {"There", "Here"}
    timers = {row.staff_id: row for row in world.rows(CaseTimer)}
    assert {row.case_id for row in timers.values()} == {target.id}
    assert about(timers[world.ana.staff_id], 300) and timers[world.ana.staff_id].started_at is not None
    travel(minutes=1)
    stopped = actions.stop_timer(world.ctx("ana", "staff"), world.reload(target))
    assert about(stopped, 300 + 180)
    with pytest.raises(Refused):
        add(world, target, text="")


def test_measuring_is_no_event_and_an_entry_is_one(world, case):
    ctx = world.ctx("ana", "staff")
    actions.start_timer(ctx, world.reload(case))
    actions.stop_timer(ctx, world.reload(case))
    actions.discard_timer(ctx, world.reload(case))
    add(world, case)
    names = select(Event.name).where(Event.case_id == case.id, Event.name.startswith("time."))
    assert list(world.session.scalars(names)) == ["time.added"]
