"""`make bench`: Parley's pages compared with two baselines in one run. It writes the results to bench/RESULTS.md.

    CASES     the size to compare at (100000); it is loaded if it is not there
    GROWTH    the sizes of the growth table, for example "10000 100000 1000000"; empty: none
    ROUNDS    how often baseline and page alternate (40)

The machine may have other load: every page is measured in short rounds, each right after the baseline. The result is
the median of the ratios of a round, with its quartiles.
"""

import argparse
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from bench import databases, load, page_costs
from bench import plans as planning
from bench.databases import ROOT, BenchDatabase
from bench.http_servers import Client, gunicorn, signed_in
from bench.world_builder import HOST

PORT = int(os.environ.get("PORT", "8150"))
RESULTS = ROOT / "bench" / "RESULTS.md"
PAGE_AIM, WRITE_AIM, GROWTH_AIM = 6.0, 4.0, 2.0
ADMIN, MEMBER = "person0@client0.example", "person3@client0.example"
LEAD = "lead1@bench.example"
SMALL = "person0@client4.example"


@dataclass(frozen=True, slots=True)
class Page:
    """A page to measure: its name, its path, and who opens it."""

    name: str
    path: str
    who: str


@dataclass(slots=True)
class Measurement:
    """Seconds of the baseline and of the page, one pair a round."""

    bare: list[float] = field(default_factory=list)
    own: list[float] = field(default_factory=list)
    size: int = 0

    @property
    def ratios(self) -> list[float]:
        return [own / bare for own, bare in zip(self.own, self.bare, strict=True)]

    def spread(self) -> tuple[float, float, float]:
        """First quartile, median and third quartile of the ratios."""
        low, middle, high = statistics.quantiles(self.ratios, n=4)
        return low, middle, high


def pages(key: str) -> list[Page]:
    """The pages that DESIGN 8 names: list, queue, case page, search, on both sides. *key* is a case of the largest
    client."""
    return [
        Page("list: my cases", "/cases", MEMBER),
        Page("list: all of the largest client", "/cases?tab=all&status=any", ADMIN),
        Page("list: all of a small client", "/cases?tab=all&status=any", SMALL),
        Page("case page, portal", f"/cases/{key}", ADMIN),
        Page("search, portal: a common word", "/search?q=printer", ADMIN),
        Page("search, portal: a rare word", "/search?q=srv1234", ADMIN),
        Page("queue: unassigned", "/desk/queue/unassigned", LEAD),
        Page("queue: all open", "/desk/queue/all", LEAD),
        Page("queue: recently closed", "/desk/queue/recently-closed", LEAD),
        Page("case page, desk", f"/desk/cases/{key}", LEAD),
        Page("search, desk: a common word", "/desk/search?q=printer", LEAD),
        Page("search, desk: a rare word", "/desk/search?q=srv1234", LEAD),
    ]


def some_keys(where: BenchDatabase, count: int) -> list[str]:
    """Keys of ordinary cases of the largest client's administrator: four messages, still open."""
    with psycopg.connect(where.owner_url) as connection:
        rows = connection.execute(
            "SELECT a.key || '-' || c.number FROM cases c JOIN accounts a ON a.id = c.account_id"
            " JOIN organizations o ON o.id = a.organization_id"
            " WHERE o.slug = (SELECT slug FROM organizations ORDER BY created_at, id LIMIT 1)"
            " AND c.state IN ('open', 'in_progress') AND c.message_count >= 4"
            " ORDER BY c.message_count, c.opened_at DESC, c.id LIMIT %s",
            [count],
        ).fetchall()
    return [str(key) for (key,) in rows]


def provider_of(where: BenchDatabase) -> str:
    """The id of the bulk provider."""
    with psycopg.connect(where.owner_url) as connection:
        row = connection.execute("SELECT provider_id FROM hosts WHERE host = %s", [HOST]).fetchone()
    assert row is not None
    return str(row[0])


@dataclass(slots=True)
class Run:
    """What was measured at one size."""

    cases: int
    pages: dict[str, Measurement] = field(default_factory=dict)
    writes: dict[str, Measurement] = field(default_factory=dict)
    shares: dict[str, page_costs.TimeShares] = field(default_factory=dict)
    plans: dict[str, list[planning.Plan]] = field(default_factory=dict)
    memory: dict[str, int] = field(default_factory=dict)
    bare_page: float = 0.0
    bare_write: float = 0.0
    bytes_on_disk: int = 0


def alternate(
    rounds: int, bare: Callable[[], object], own: Sequence[Callable[[], object]], repeat: int
) -> list[Measurement]:
    """Measure the baseline and one of *own* alternately, each of *own* in turn, *rounds* times."""
    found = [Measurement() for _ in own]
    for n in range(rounds + 2):
        for measured, act in zip(found, own, strict=True):
            there, here = _median(bare, repeat), _median(act, repeat)
            if n >= 2:  # the first two rounds are warm-up
                measured.bare.append(there)
                measured.own.append(here)
    return found


def _median(act: Callable[[], object], repeat: int) -> float:
    took = []
    for _ in range(repeat):
        began = time.perf_counter()
        act()
        took.append(time.perf_counter() - began)
    return statistics.median(took)


def visit(client: Client, path: str) -> Callable[[], object]:
    """Get *path*; any status but 200 ends the run."""

    def look() -> None:
        status = client.get(path).status
        if status != 200:
            raise SystemExit(f"{path} answered {status}.")

    return look


def send(client: Client, paths: Sequence[str], values: dict[str, str]) -> Callable[[], object]:
    """Send a form to one of *paths* after the other, each time with another text (the same text of the same person
    counts as a repeated submit); anything but 303 ends the run."""
    token = client.token("/me" if paths[0].startswith("/desk") else "/cases")
    turn = [0]

    def press() -> None:
        turn[0] += 1
        path = paths[turn[0] % len(paths)]
        words = {name: value.replace("#", str(turn[0])) for name, value in values.items()}
        answer = client.post(path, {**words, "csrf_token": token})
        if answer.status != 303:
            raise SystemExit(f"{path} answered {answer.status}: {answer.body[:3000].decode(errors='replace')}")

    return press


def measure(where: BenchDatabase, cases: int, rounds: int) -> Run:
    """Serve the data and the baselines, and measure them alternately."""
    run = Run(cases)
    keys = some_keys(where, 20)
    shown = pages(keys[0])
    with ExitStack() as stack:
        logs = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        env = where.environment(LOG_LEVEL="INFO", SMTP_URL="")
        bare_env = where.environment(BENCH_OWNER_URL=where.owner_url, BENCH_PROVIDER=provider_of(where))
        bare = stack.enter_context(gunicorn("bench.baseline_app:create_app()", PORT, bare_env, logs / "bare"))
        own = stack.enter_context(gunicorn("app:create_app()", PORT + 1, env, logs / "own"))
        yard = Client(PORT)
        clients = {who: signed_in(PORT + 1, who) for who in {page.who for page in shown}}
        acts = [visit(clients[page.who], page.path) for page in shown]
        for page, act in zip(shown, acts, strict=True):
            for _ in range(15):  # each connection prepares repeated statements
                act()
            run.pages[page.name] = Measurement(size=len(clients[page.who].get(page.path).body))
        for page, measured in zip(shown, alternate(rounds, visit(yard, "/list"), acts, 4), strict=True):
            measured.size = run.pages[page.name].size
            run.pages[page.name] = measured
        account = keys[0].partition("-")[0]
        opening = {"account": account, "severity": "3", "subject": "Printer #", "description": "It does not answer."}
        presses = {
            "opening a case": send(clients[ADMIN], ["/new/question"], opening),
            "replying, portal": send(
                clients[ADMIN], [f"/cases/{key}/replies" for key in keys[1:]], {"body": "Again, #."}
            ),
            "answering, desk": send(
                clients[LEAD], [f"/desk/cases/{key}/reply" for key in keys[1:]], {"body": "Soon, #."}
            ),
        }
        row = {"subject": "A printer", "body": "It does not answer."}

        def insert() -> None:
            if yard.post("/insert", row).status != 303:
                raise SystemExit("The baseline does not store.")

        run.writes = dict(zip(presses, alternate(rounds, insert, list(presses.values()), 3), strict=True))
        run.memory = {"Parley, one process": own.memory(), "bare Flask, one process": bare.memory()}
        run.memory["PostgreSQL, the largest connection of Parley"] = _largest_backend(where)
    run.bare_page = statistics.median(t for m in run.pages.values() for t in m.bare)
    run.bare_write = statistics.median(t for m in run.writes.values() for t in m.bare)
    with psycopg.connect(where.owner_url) as connection:
        sized = connection.execute("SELECT pg_database_size(current_database())").fetchone()
    run.bytes_on_disk = int(str(sized[0])) if sized else 0
    return run


def print_details(where: BenchDatabase, run: Run) -> None:
    """Statements, shares of time and plans of each page, in this process."""
    with tempfile.TemporaryDirectory() as files:
        app = page_costs.application(where.app_url, Path(files))
        clients = {}
        for page in pages(some_keys(where, 1)[0]):
            if page.who not in clients:
                clients[page.who] = page_costs.browser(app, where.owner_url, page.who)
            run.shares[page.name] = page_costs.measure_shares(clients[page.who], page.path)
            run.plans[page.name] = planning.explain(
                where.app_url, page_costs.page_statements(clients[page.who], page.path)
            )


def _largest_backend(where: BenchDatabase) -> int:
    """Private kilobytes of the largest backend; 0 if the server runs elsewhere."""
    with psycopg.connect(where.owner_url) as connection:
        rows = connection.execute("SELECT pid FROM pg_stat_activity WHERE usename = 'parley_app'").fetchall()
    found = [0]
    for (pid,) in rows:
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        found.append(sum(int(line.split()[1]) for line in lines if line.startswith("Private_")))
    return max(found)


# -- the report -------------------------------------------------------------------------------------------------------


def machine() -> str:
    """The machine of the run."""
    model = next(
        (line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")), ""
    )
    memory = next((int(line.split()[1]) // 1024 for line in _lines("/proc/meminfo") if line.startswith("MemTotal")), 0)
    busy = os.getloadavg()
    return (
        f"{os.cpu_count()} cores ({model or platform.machine()}), {memory:,} MB, {platform.system()}, Python "
        f"{platform.python_version()}; load while measuring {busy[0]:.1f} (1 min), {busy[2]:.1f} (15 min)"
    )


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text().splitlines()
    except OSError:
        return []


def table(measured: dict[str, Measurement], aim: float) -> list[str]:
    """One row a page: median of the ratios, their quartiles, milliseconds, bytes."""
    lines = ["| | ratio | quartiles | aim | ms | bytes |", "|---|---:|---:|---:|---:|---:|"]
    for name, found in measured.items():
        low, middle, high = found.spread()
        mark = "≤" if middle <= aim else "**>**"
        took = statistics.median(found.own) * 1000
        size = f"{found.size:,}" if found.size else ""
        lines.append(f"| {name} | {middle:.1f} | {low:.1f} – {high:.1f} | {mark} {aim:.0f} | {took:.1f} | {size} |")
    return lines


def report(runs: Sequence[Run], command: str) -> str:
    """The numbers of RESULTS.md; people write the text around them."""
    main = runs[0]
    lines = [
        f"Made by `{command}` at revision `{_revision()}`.",
        "",
        f"Machine: {machine()}.",
        f"Data: {main.cases:,} cases, {main.bytes_on_disk / 1e9:.1f} GB in PostgreSQL.",
        "",
        f"### Pages beside a bare page, {main.cases:,} cases",
        "",
        f"The bare page takes {main.bare_page * 1000:.1f} ms here.",
        "",
        *table(main.pages, PAGE_AIM),
        "",
        f"### Writing beside a bare INSERT and COMMIT, {main.cases:,} cases",
        "",
        f"The bare insert takes {main.bare_write * 1000:.1f} ms here.",
        "",
        *table(main.writes, WRITE_AIM),
        "",
        "### Where the time goes",
        "",
        "In one process, without the web server: milliseconds waiting for PostgreSQL (driver included), drawing "
        "templates, and the rest (routing, session, scopes, forms, middleware). Buffers are pages of 8 kB that "
        "PostgreSQL touched, all statements together.",
        "",
        "| | statements | buffers | read from end to end | SQL | template | rest |",
        "|---|---:|---:|---|---:|---:|---:|",
    ]
    for name, part in main.shares.items():
        found = main.plans[name]
        scanned = ", ".join(sorted({table for plan in found for table in plan.scanned})) or "–"
        lines.append(
            f"| {name} | {part.statements} | {sum(p.buffers for p in found):,} | {scanned} | {part.sql:.1f} "
            f"| {part.template:.1f} | {part.rest:.1f} |"
        )
    lines += ["", "### Memory", "", "| | MB |", "|---|---:|"]
    lines += [f"| {name} | {kilobytes / 1024:.0f} |" for name, kilobytes in main.memory.items()]
    if len(runs) > 1:
        lines += ["", *growth(runs)]
    return "\n".join(lines) + "\n"


def growth(runs: Sequence[Run]) -> list[str]:
    """The same pages at several sizes, as ratios to the bare page of the same run."""
    ordered = sorted(runs, key=lambda run: run.cases)
    lines = ["### Growth", "", "Ratios to the baseline of the same run; aim: at most twice from end to end.", ""]
    lines.append("| | " + " | ".join(f"{run.cases:,}" for run in ordered) + " | grows |")
    lines.append("|---|" + "---:|" * (len(ordered) + 1))
    for kind in ("pages", "writes"):
        for name in getattr(ordered[0], kind):
            numbers = [getattr(run, kind)[name].spread()[1] for run in ordered]
            factor = numbers[-1] / numbers[0]
            mark = "" if factor <= GROWTH_AIM else " **>**"
            lines.append(f"| {name} | " + " | ".join(f"{n:.1f}" for n in numbers) + f" | ×{factor:.1f}{mark} |")
    lines += ["", "Buffers, all statements of a page:", ""]
    lines.append("| | " + " | ".join(f"{run.cases:,}" for run in ordered) + " |")
    lines.append("|---|" + "---:|" * len(ordered))
    for name in ordered[0].plans:
        sums = [sum(plan.buffers for plan in run.plans[name]) for run in ordered]
        lines.append(f"| {name} | " + " | ".join(f"{n:,}" for n in sums) + " |")
    return lines


def _revision() -> str:
    done = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return done.stdout.strip() or "unknown"


def write_results(text: str, whose: str = "make bench") -> None:
    """Replace the numbers of *whose* in RESULTS.md, and keep the text around them."""
    begin, end = f"<!-- {whose}: from here -->", f"<!-- {whose}: to here -->"
    page = RESULTS.read_text() if RESULTS.exists() else f"# What was measured\n\n{begin}\n{end}\n"
    before, _begin, rest = page.partition(begin)
    _old, _end, after = rest.partition(end)
    RESULTS.write_text(f"{before}{begin}\n\n{text}\n{end}{after}")


def prepare_data(where: BenchDatabase, cases: int) -> None:
    """Migrate the database and load the data if it is missing."""
    databases.migrate(where)
    if not databases.is_loaded(where):
        load.load(where.owner_url, cases)


def main() -> int:
    parser = argparse.ArgumentParser(prog="make bench", description="Compare Parley with two baselines.")
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--growth", default="", help="sizes for the growth table")
    parser.add_argument("--rounds", type=int, default=40)
    asked = parser.parse_args()
    sizes = list(dict.fromkeys([asked.cases, *map(int, asked.growth.replace(",", " ").split())]))
    if len(sizes) > 1 and os.environ.get("DATABASE_URL"):
        print("A growth table needs several databases: leave DATABASE_URL out.", file=sys.stderr)
        return 2
    runs = []
    for size in sizes:
        with databases.open_database(size) as where:
            prepare_data(where, size)
            print(f"{size:,} cases: taking turns ...", flush=True)
            runs.append(measure(where, size, asked.rounds))
            print_details(where, runs[-1])
        text = report(runs, f"make bench CASES={asked.cases}" + (f' GROWTH="{asked.growth}"' if asked.growth else ""))
        write_results(text)
    print(text)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
