"""Measures the counting, the sweep and the recomputing of promises. The results are ratios of one run, not tests.

    .venv/bin/python -m bench.promises deadlines                 # against businesstimedelta, in the same process
    .venv/bin/python -m bench.promises sweep --clocks 10000 1000000 --due 1000
    .venv/bin/python -m bench.promises recompute --cases 10000   # a calendar changes; the desk works meanwhile

`sweep` and `recompute` start a private PostgreSQL and Valkey of their own and leave nothing behind.
"""

import argparse
import datetime as dt
import statistics
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

WEEK = {day: ["09:00-18:00"] for day in ("monday", "tuesday", "wednesday", "thursday", "friday")}


# -- deadlines --------------------------------------------------------------------------------------------------------


def deadlines(_options: argparse.Namespace) -> None:
    """The same questions to both: so many working hours after random moments, Mon–Fri 9–18, German holidays."""
    import random

    import businesstimedelta
    import holidays
    import pytz

    from portal.sla.engine.calendar import parse_calendar

    ours = parse_calendar({"zone": "Europe/Berlin", "week": WEEK, "country": "DE"})
    zone = pytz.timezone("Europe/Berlin")
    days = businesstimedelta.WorkDayRule(
        start_time=dt.time(9), end_time=dt.time(18), working_days=[0, 1, 2, 3, 4], tz=zone
    )
    off = businesstimedelta.HolidayRule(holidays.country_holidays("DE", years=range(2025, 2040)), tz=zone)
    rules = businesstimedelta.Rules([days, off])
    dice = random.Random(7)
    start = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    for name, hours, theirs in (
        ("4 hours", 4, 300),
        ("3 days (27 h)", 27, 200),
        ("a month (180 h)", 180, 40),
        ("a year (2,250 h)", 2250, 4),
    ):
        moments = [start + dt.timedelta(minutes=dice.randrange(300 * 1440)) for _ in range(20_000)]
        span = dt.timedelta(hours=hours)
        ours.add(moments[0], span)  # both have their tables by then
        began = time.process_time()  # of this process alone: others may be at work on the machine
        found = [ours.add(moment, span) for moment in moments]
        mine = len(moments) / (time.process_time() - began)
        wanted = businesstimedelta.BusinessTimeDelta(rules, hours=hours)
        began = time.process_time()
        other = [moment.astimezone(zone) + wanted for moment in moments[:theirs]]
        yours = theirs / (time.process_time() - began)
        same = sum(a == b.astimezone(dt.UTC) for a, b in zip(found, other, strict=False))
        print(
            f"{name:>18}: {mine:>9,.0f}/s  businesstimedelta {yours:>8,.1f}/s  ×{mine / yours:>7,.0f}"
            f"  same answers {same}/{theirs}"
        )
        for a, b, moment in zip(found, other, moments, strict=False):
            if a != b.astimezone(dt.UTC):
                zone_here = ZoneInfo("Europe/Berlin")
                print(f"      differs: {moment.astimezone(zone_here)} → {a.astimezone(zone_here)} / {b}")
                break


# -- a private provider -----------------------------------------------------------------------------------------------


class PrivateNorthwind:
    """A private PostgreSQL and Valkey with Northwind in it, and nothing else running on them."""

    def __init__(self, folder: Path) -> None:
        from engines import testing
        from tests.support import databases, live_world

        self.session = testing.Session()
        engines = self.session.engines
        databases.copy_world(engines, "bench", folder)
        self.live = live_world.Live(engines, "bench", folder, redis=1)
        self.url = engines.url("bench", "postgres")

    def close(self) -> None:
        self.live.close()
        self.session.stop()


def only_rule(world: Any) -> None:
    """Configure one escalation step for each clock, at half of its time."""
    from portal.sla.actions import escalation
    from portal.sla.actions.escalation import StepDesign
    from portal.sla.models import EscalationRule

    for rule in world.rows(EscalationRule):
        rule.active = False
    escalation.add_rule(
        world.ctx("ada"),
        name="Once",
        kinds=["first_response"],
        steps=[StepDesign(50, "draft_update")],
    )


def sweep(live: Any, url: str, clocks: list[int], due: int) -> list[tuple[int, float]]:
    """Seconds to do *due* steps that are due, among so many running clocks; the first row first."""
    import psycopg

    from tests.sla import many_clocks

    with live.inside() as world:
        only_rule(world)
        late = world.open_case("rita", severity=1, ago=dt.timedelta(minutes=10))
        fresh = world.open_case("rita", severity=4)
        late_id, fresh_id, provider = late.id, fresh.id, world.northwind.id
    first, running, found = 10_000, 0, []
    for wanted in clocks:
        if wanted - due > running:
            many_clocks.copy_case(url, fresh_id, provider, wanted - due - running, first=first, due_in=86_400)
            first, running = first + wanted, wanted - due
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("DELETE FROM due_work WHERE due_at <= now()")
            many_clocks.copy_case(url, late_id, provider, due, first=first)
            first += due
            for table in ("cases", "sla_standings", "sla_clocks", "due_work"):
                connection.execute(f"VACUUM ANALYZE {table}")
        began = time.perf_counter()
        done = 0
        while worked := live.work_due():
            done += worked
        found.append((wanted, time.perf_counter() - began))
        print(f"{due:,} due among {wanted:>9,} running: {found[-1][1]:6.1f} s ({done} pieces)", flush=True)
    return found


def recompute(live: Any, url: str, cases: int) -> None:
    """A calendar changes under *cases* open cases; meanwhile somebody answers cases and reads the queue."""
    import psycopg

    from portal.sla.actions import calendars
    from portal.sla.models import Run, SlaCalendar
    from tests.sla import many_clocks

    with live.inside() as world:
        case = world.open_case("rita", severity=3)
        others = [world.open_case("rita", severity=3).id for _ in range(200)]
        case_id, provider = case.id, world.northwind.id
    many_clocks.copy_case(url, case_id, provider, cases, first=10_000, due_in=86_400)
    with psycopg.connect(url, autocommit=True) as connection:
        for table in ("cases", "sla_standings", "sla_clocks", "due_work"):
            connection.execute(f"VACUUM ANALYZE {table}")
    alone = desk_times(live, others[:50])
    with live.inside() as world:
        row = world.rows(SlaCalendar, SlaCalendar.name == "Warsaw business hours")[0]
        content = {"zone": "Europe/Warsaw", "week": {**WEEK, "friday": ["09:00-15:00"]}, "country": "PL"}
        run = calendars.change_calendar(world.ctx("ada"), row, name=row.name, content=content)
        assert run is not None
        run_id = run.id
    during: list[float] = []
    finished = threading.Event()

    def work() -> None:
        index = 50
        # Two answers a second: a desk of some hundred people. All of it in one process with the only worker.
        while not finished.wait(0.5):
            during.extend(desk_times(live, [others[index % 200]]))
            index += 1

    desk = threading.Thread(target=work)
    desk.start()
    began = time.perf_counter()
    # The desk makes work for the queue (bells, mails) all the while, so there is no end of that to wait for.
    state = ""
    while state not in ("done", "canceled"):
        live.work_due()
        with live.inside() as world:
            run = world.row(Run, run_id)
            state = run.state
            print(f"    {time.perf_counter() - began:5.1f} s: {run.done:,} of {run.total:,} cases", flush=True)
    seconds = time.perf_counter() - began
    finished.set()
    desk.join()
    with live.inside() as world:
        run = world.row(Run, run_id)
        print(
            f"{run.done:,} of {run.total:,} cases looked at, {run.changed:,} recomputed in {seconds:.1f} s: {run.state}"
        )
    for name, times in (("desk alone", alone), ("desk meanwhile", during)):
        if times:
            most = sorted(times)[int(len(times) * 0.95)] if len(times) > 1 else times[0]
            print(f"{name:>15}: an answer takes {statistics.median(times) * 1000:.0f} ms (95 %: {most * 1000:.0f} ms)")


def desk_times(live: Any, case_ids: Sequence[Any]) -> list[float]:
    """How long an answer to each of these cases takes, commit and all."""
    from portal.cases.actions import conversation
    from portal.cases.queries.detail import by_id

    found = []
    for case_id in case_ids:
        began = time.perf_counter()
        with live.inside() as world:
            ctx = world.ctx("ana")
            conversation.answer(ctx, by_id(ctx, case_id, lock=True), body="We look into it.")
        found.append(time.perf_counter() - began)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("deadlines")
    sweeping = commands.add_parser("sweep")
    sweeping.add_argument("--clocks", type=int, nargs="+", default=[10_000, 1_000_000])
    sweeping.add_argument("--due", type=int, default=1_000)
    recomputing = commands.add_parser("recompute")
    recomputing.add_argument("--cases", type=int, default=10_000)
    options = parser.parse_args()
    if options.command == "deadlines":
        deadlines(options)
        return
    with tempfile.TemporaryDirectory() as folder:
        bench_world = PrivateNorthwind(Path(folder))
        try:
            if options.command == "sweep":
                sweep(bench_world.live, bench_world.url, options.clocks, options.due)
            else:
                recompute(bench_world.live, bench_world.url, options.cases)
        finally:
            bench_world.close()


if __name__ == "__main__":
    main()
