"""What a mail costs on its way in, stage by stage: processor time of this process, and statements.

    .venv/bin/python -m bench.mail_stages --cases 250 --messages 200 [--profile] [--statements]

The mails go through `receive_message`, as those of the LMTP listener do, one after the other in this process, each of
another contact, into new cases. Processor time stands still when the machine does something else. `--profile` prints
the functions that most of the time is spent in, `--statements` the statements of one mail.
"""

import argparse
import cProfile
import pstats
import subprocess
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import Engine, event

from bench import databases, load, page_costs
from bench.case_generator import YEARS
from bench.databases import BenchDatabase
from bench.idle_desks import processor_seconds
from bench.mail import ADDRESS, flask, write_messages
from bench.world_builder import HOST, Scale, World, WorldBuilder, milliseconds
from portal import mail_commands
from portal.channels.mail.actions import intake
from portal.config import Config

STAGES = {
    "find the provider": (mail_commands, "find_provider"),
    "read the mail": (intake, "parse_message"),
    "decide": (intake, "decide"),
    "open the case": (intake, "carry_out"),
    "log row and original": (intake, "_store"),
}
REST = "the rest: context, lock, outbox, commit"
SENT = "all statements"


class Costs:
    """Seconds of the processor and statements, by stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self.statements: dict[str, int] = defaultdict(int)
        self.texts: list[tuple[str, str]] = []
        self.stage = REST

    def measured(self, name: str, work: Callable[..., Any]) -> Callable[..., Any]:
        """*work*, whose time and statements count for the stage *name*."""

        def do(*args: Any, **more: Any) -> Any:
            before, self.stage = self.stage, name
            began = time.process_time()
            try:
                return work(*args, **more)
            finally:
                self.seconds[name] += time.process_time() - began
                self.stage = before

        return do

    def note(self, _connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        """Count *statement* for the stage that runs."""
        self.statements[self.stage] += 1
        self.texts.append((self.stage, statement))


@contextmanager
def measuring(costs: Costs) -> Iterator[None]:
    """Measure the stages of what happens inside."""
    originals = {name: (place, attribute, getattr(place, attribute)) for name, (place, attribute) in STAGES.items()}
    for name, (place, attribute, work) in originals.items():
        setattr(place, attribute, costs.measured(name, work))
    event.listen(Engine, "before_cursor_execute", costs.note)
    try:
        yield
    finally:
        event.remove(Engine, "before_cursor_execute", costs.note)
        for place, attribute, work in originals.values():
            setattr(place, attribute, work)


def take_in_all(where: BenchDatabase, world: World, number: int, *, profile: bool, statements: bool) -> None:
    """Take *number* mails in, and print what they cost."""
    settings = Config(
        database_url=where.app_url,
        secret_key="a key for measurements only",
        mail_accept_unchecked=True,
        mail_per_hour=1_000_000,
    )
    app = page_costs.application(where.app_url, Path(where.data or databases.ROOT / "var" / "bench") / "files")

    def receive(mail: bytes) -> None:
        with app.app_context():
            provider_id = mail_commands.find_provider(None, [ADDRESS])  # as where a server names the recipient
        with app.app_context():
            answer = mail_commands.receive_message(settings, mail, "lmtp", [ADDRESS], None, provider_id)
        if answer["fate"] != "case":
            raise SystemExit(f"a mail became no case: {answer}")

    for mail in write_messages(world, 30, "warm"):
        receive(mail)
    costs, profiler = Costs(), cProfile.Profile()
    mails = write_messages(world, number, "stages")
    database = [where.postmaster] if where.postmaster else []
    with measuring(costs):
        data_before, began, clock = processor_seconds(database), time.process_time(), time.perf_counter()
        if profile:
            profiler.enable()
        for mail in mails:
            receive(mail)
        profiler.disable()
        whole, seconds = time.process_time() - began, time.perf_counter() - clock
        data = processor_seconds(database) - data_before
    costs.seconds[REST] = whole - sum(costs.seconds.values())
    print("| stage | processor ms a mail | statements a mail |\n|---|---|---|")
    for name in (*STAGES, REST):
        print(f"| {name} | {costs.seconds[name] / number * 1000:.2f} | {costs.statements[name] / number:.1f} |")
    sent = sum(costs.statements.values()) / number
    print(f"| together | {whole / number * 1000:.2f} | {sent:.1f} |")
    print(f"PostgreSQL: {data / number * 1000:.2f} ms a mail; {number / seconds:.1f} mails a second in one process")
    if statements:
        for stage, text in costs.texts[-round(sent) :]:
            print(f"{stage}: {' '.join(text.split())[:400]}")
    if profile:
        pstats.Stats(profiler).sort_stats("tottime").print_stats(60)
        pstats.Stats(profiler).sort_stats("cumulative").print_stats(170)


def built_world(cases: int) -> World:
    """The world of a database that was filled before."""
    begin = milliseconds(load.UNTIL) - YEARS
    return WorldBuilder(Scale.of(cases), Random(load.SEED), begin - 60_000_000).build()


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench.mail_stages", description="What a mail costs on its way in.")
    parser.add_argument("--cases", type=int, default=250)
    parser.add_argument("--messages", type=int, default=200)
    parser.add_argument("--profile", action="store_true")
    parser.add_argument("--statements", action="store_true")
    asked = parser.parse_args()
    with databases.open_database(asked.cases) as where:
        databases.migrate(where)
        if databases.is_loaded(where):
            world = built_world(asked.cases)
        else:
            world = load.load(where.owner_url, asked.cases, seed=load.SEED, until=load.UNTIL, say=lambda _line: None)
            command, environment = flask(where, "mailbox", "add", HOST, ADDRESS)
            subprocess.run(command, cwd=databases.ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)
        take_in_all(where, world, asked.messages, profile=asked.profile, statements=asked.statements)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
