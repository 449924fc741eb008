"""One definition of kept and broken: the pure one, its SQL, and every figure that people read say the same numbers."""

import datetime as dt
import random
import re
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import insert

from portal.cases.actions import desk, resolution
from portal.sla import clock_rows
from portal.sla.clock_rows import CaseLocation
from portal.sla.engine.policy import ClockKind
from portal.sla.engine.results import PromiseCount, PromiseResult, result_in_period
from portal.sla.models import SlaClock
from portal.sla.queries import boards, disputes, reports
from portal.sla.queries.boards import BoardFilter
from tests.sla import cached_clocks
from tests.sla.clock_events import OFFICE, answer_event, fold_events, make_event, opening_events, question_event

MINUTE = dt.timedelta(minutes=1)
MONDAY = dt.datetime(2026, 11, 16, tzinfo=dt.UTC)


# -- the definition against brute force -------------------------------------------------------------------------------


def event_named(name, when, severity):
    if name == "answer":
        return answer_event(when)
    if name == "ask":
        return question_event(when)
    facts = {"severity": [severity, 1]} if name == "severity" else {}
    event = {"reply": "replied", "hold": "held", "close": "closed", "severity": "severity_changed"}.get(
        name, "resolved"
    )
    return make_event(when, f"case.{event}", "contact" if name in ("reply", "close") else "staff", **facts)


@st.composite
def histories(draw):
    """Events of one case within three days, on whole minutes."""
    severity = draw(st.sampled_from((1, 3)))
    minute = draw(st.integers(8 * 60, 17 * 60))

    def when(minutes):
        day, rest = divmod(minutes, 24 * 60)
        return f"{('Mon', 'Tue', 'Wed', 'Thu')[day]} {rest // 60:02}:{rest % 60:02}"

    events = opening_events(when(minute), severity)
    for _ in range(draw(st.integers(0, 5))):
        minute = min(minute + draw(st.sampled_from((3, 14, 15, 16, 30, 61, 240, 241, 600, 1500))), 4 * 24 * 60 - 1)
        name = draw(st.sampled_from(("answer", "ask", "reply", "hold", "resolve", "close", "severity")))
        events.append(event_named(name, when(minute), severity))
        if name in ("resolve", "close"):
            break
    return events, MONDAY + dt.timedelta(minutes=minute)


def count_by_hand(clock, since, until):
    """What *clock* counts as, minute by minute."""
    stopped = clock.stopped_at is not None and clock.stopped_at <= until
    if stopped and clock.stopped_at < since:
        return None
    moment = clock.started_at
    used = [0 for _track in clock.terms.tracks]
    late = False
    while moment < (clock.stopped_at if stopped else until):
        if late:
            break
        segment = next(s for s in clock.segments if s.start <= moment and (s.end is None or moment < s.end))
        if segment.counts:
            for n, track in enumerate(clock.terms.tracks):
                used[n] += track.always or OFFICE.is_open(moment)
        moment += MINUTE
        over = any(u * 60 >= track.seconds for u, track in zip(used, clock.terms.tracks, strict=True))
        # Done on the minute is done in time.
        late = over and not (stopped and moment == clock.stopped_at)
    if late:
        return PromiseResult.BROKEN
    return PromiseResult.KEPT if stopped and clock.outcome == "met" else None


@settings(max_examples=150, deadline=None)
@given(histories(), st.integers(0, 6000), st.integers(0, 6000))
def test_the_definition_is_what_counting_minute_by_minute_finds(history, after, span):
    events, last = history
    until = last + after * MINUTE
    since = until - span * MINUTE
    for clock in fold_events(*events)[1]:
        found = result_in_period(clock.outcome, clock.due_at, clock.stopped_at, since, until)
        assert found == count_by_hand(clock, since, until), clock


@pytest.mark.parametrize(("kept", "broken", "percent"), [(199, 1, 99), (1, 0, 100), (0, 3, 0), (2, 1, 66)])
def test_a_hundred_percent_is_said_only_if_nothing_was_broken(kept, broken, percent):
    assert PromiseCount(kept, broken).percent == percent


# -- SQL against the definition ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(3))
def test_sql_counts_as_the_definition_does(world, seed):
    dice = random.Random(seed)
    cached_clocks.travel_to(cached_clocks.TUESDAY)
    case = world.open_case("rita", severity=1)
    now = world.ctx("lee").now
    moments = [now + dt.timedelta(minutes=m) for m in (-3000, -1501, -1500, -900, -60, -1, 0, 1, 700)]
    rows = []
    for number in range(2, 152):
        kind, due_at, stopped_at = dice.choice(list(ClockKind)), dice.choice([None, *moments]), dice.choice(moments)
        outcome = dice.choice(("", "", "met", "missed", "void"))
        if outcome == "missed" and (due_at is None or due_at > stopped_at):
            outcome = "met"
        stopped = min(stopped_at, now) if outcome else None
        if outcome in ("met", "void") and due_at is not None and due_at < stopped:
            outcome = "missed"
        rows.append((kind, number, due_at, stopped, outcome))
    location = CaseLocation.of(case).columns()
    world.session.execute(
        insert(SlaClock),
        [
            {
                "id": clock_rows.clock_id(case.id, kind, number),
                **location,
                "kind": kind.value,
                "number": number,
                "severity": 1,
                "started_at": moments[0],
                "state": "stopped" if outcome else dice.choice(("running", "paused")),
                "due_at": due_at,
                "stopped_at": stopped,
                "outcome": outcome,
                "terms": {},
                "segments": [],
            }
            for kind, number, due_at, stopped, outcome in rows
        ],
    )
    lee = world.ctx("lee")
    for since, until in [(moments[1], now), (moments[2], moments[4]), (moments[4], moments[-1]), (now, now)]:
        wanted = Counter()
        for row in world.rows(SlaClock, SlaClock.case_id == case.id):
            wanted[row.kind, result_in_period(row.outcome, row.due_at, row.stopped_at, since, min(until, now))] += 1
        found = {one.kind: one.count for one in reports.compliance(lee, since, until)}
        for kind in ClockKind:
            kept, broken = wanted[kind, PromiseResult.KEPT], wanted[kind, PromiseResult.BROKEN]
            assert found.get(kind, PromiseCount()) == PromiseCount(kept, broken)
            assert len(reports.broken_clocks(lee, since, until, kind=kind).rows) == min(broken, 50)


# -- one world, number by number --------------------------------------------------------------------------------------


@pytest.fixture
def days_late(world, at):
    """Cases of three days: answered in time and late, late and running, late and paused, over, and in time."""
    at("2026-11-25 10:00")
    cases = {name: world.open_case("rita", severity=2, subject=name) for name in ("kept", "missed", "waits", "quiet")}
    cases["closed"] = world.open_case("rita", severity=3)
    cases["globex"] = world.open_case("gil", severity=1)
    at("2026-11-25 10:30")
    world.answer(cases["kept"])
    world.answer(cases["waits"])
    resolution.close(world.ctx("ana"), world.reload(cases["closed"]), reason="Twice")
    at("2026-11-25 13:00")
    world.answer(cases["missed"])
    at("2026-11-27 12:00")  # resolution is late by now: whoever asks now pauses a broken promise
    desk.ask(world.ctx("ana"), world.reload(cases["waits"]), question="Which till?")
    at("2026-11-28 09:00")
    cases["fresh"] = world.open_case("rita", severity=3)
    return cases


def numbers(text):
    return [int(n) for n in re.findall(r"\d+", text)]


def test_report_monitor_queues_and_receipts_say_the_same_numbers(world, as_user, at, days_late):
    now = at("2026-11-28 10:00")
    lee, since = world.ctx("lee"), now - dt.timedelta(days=30)
    midnight = now.replace(hour=0, minute=0) - dt.timedelta(hours=1)  # in Warsaw
    keys = {name: world.reload(case).key for name, case in days_late.items()}
    # What the receipts say, clock by clock.
    receipts = {name: disputes.receipt(lee, world.reload(case)) for name, case in days_late.items()}
    clocks = [one for found in receipts.values() for one in found]
    kept = Counter(one.status.kind for one in clocks if one.status.state == "met")
    broken = Counter(one.status.kind for one in clocks if one.status.state in ("missed", "late"))
    late_cases = {keys[name] for name, found in receipts.items() if any(one.status.state == "late" for one in found)}
    assert broken.total() > 4 and late_cases == {
        days_late[n].key for n in ("missed", "waits", "quiet", "globex", "kept")
    }
    # The report, by severity and by account, and the list behind it.
    for by in ("severity", "account"):
        count = Counter[str](), Counter[str]()
        for one in reports.compliance(lee, since, now, by=by):
            count[0][one.kind] += one.count.kept
            count[1][one.kind] += one.count.broken
        assert (+count[0], +count[1]) == (kept, broken)
    listed = reports.broken_clocks(lee, since, now)
    assert Counter(row.kind for row in listed.rows) == broken
    page = as_user("lee").get("/desk/reports/sla").page
    shown = [numbers(a.text)[0] for a in page.all("a") if a.text.endswith(" late") and "kind=" in (a.get("href") or "")]
    assert sum(shown) == 2 * broken.total()  # once by severity, once by account
    assert len(page.first("section", aria_labelledby="late").all("tr", class_="list__row")) == broken.total()
    assert "100 %" not in page.text and "Every promise was kept" not in page.text
    # The monitor: who is late, and the figures of today beneath.
    lanes = {lane.key: {card.case.key for card in lane.cards} for lane in boards.monitor(lee, BoardFilter())}
    assert lanes["breached"] == late_cases
    today = boards.today(lee, BoardFilter()).promises
    for kind in ClockKind:
        mine = [one for one in clocks if one.status.kind == kind]
        met = sum(1 for one in mine if one.status.state == "met" and one.row.stopped_at >= midnight)
        missed = sum(1 for one in mine if one.status.state == "missed" and one.row.stopped_at >= midnight)
        still = sum(1 for one in mine if one.status.state == "late")
        assert today.get(kind, PromiseCount()) == PromiseCount(met, missed + still)
    monitor = as_user("lee").get("/desk/monitor").page
    lane = monitor.first("section", aria_labelledby="lane-breached")
    assert {a.text for a in lane.all("a", class_="lane-card__key")} == late_cases
    assert "100 %" not in monitor.first("p", class_="figures").text
    # The queue, its number in the rail, and the chip of each case.
    queue = as_user("lee").get("/desk/queue/breached").page
    assert {cell.text for cell in queue.all("td", data_cell="key")} == late_cases
    rail = next(a.text for a in queue.first("nav", class_="rail").all("a") if a.get("href") == "/desk/queue/breached")
    assert numbers(rail) == [len(late_cases)]
    everything = as_user("lee").get("/desk/queue/all?size=100").page
    for key in keys.values():
        chips = [one for row in everything.all("tr", id=f"row-{key}") for one in row.all("span", class_="sla")]
        assert ("late" in {chip.get("data-state") for chip in chips}) == (key in late_cases)
    # What the client reads: the same cases in the list, the same clocks on the receipt.
    theirs = as_user("rita").get("/cases").page
    rows = {row.first("td", data_cell="key").text: row for row in theirs.all("tr", class_="list__row")}
    assert late_cases - {keys["globex"]} < set(rows)
    for key, row in rows.items():
        assert ("later than promised" in row.text) == (key in late_cases)
    for name in ("missed", "waits", "quiet", "kept"):
        receipt = as_user("rita").get(f"/cases/{keys[name]}/promises").page.first("main").text
        mine = Counter(one.status.state for one in receipts[name])
        assert receipt.count("Later than promised") == mine["late"] and receipt.count("Done late") == mine["missed"]


def test_a_promise_that_was_broken_by_silence_leaves_the_report_only_when_it_is_kept(world, as_user, at, monday):
    case = world.open_case("rita", severity=2)
    at("2026-12-04 10:00")
    page = as_user("lee").get("/desk/reports/sla?days=7").page
    section = page.first("section", aria_labelledby="late").text
    assert case.key in section and "not yet" in section and "Every promise was kept" not in page.text
    assert "0 of 1" in next(row.text for row in page.all("tr", class_="list__row") if row.text.startswith("2 "))
