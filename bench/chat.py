"""Open chats under traffic: 300 contacts' pages and 60 agents' panes that ask as app.js does, and write to each other.

    .venv/bin/python -m bench.chat --chats 300 --agents 60 --seconds 120

Everything of production is there: gunicorn as gunicorn.conf.py says, RQ worker and scheduler, PostgreSQL, Valkey, an
SMTP server. The people are at a database of their own (in a temporary folder). Each chat has a line about every GAP
seconds from either side; whoever writes says first that they type; an agent opens the chat before they answer in it.

Two phases: silence, in which pages only ask, and traffic. At the end each acknowledged line is looked for in the
database and on the page of the contact: once each, in the order of the database. The result is a section of
bench/RESULTS.md.
"""

import argparse
import asyncio
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from aiosmtpd.controller import Controller

from bench import databases, load, page_costs
from bench.compare import PORT, RESULTS
from bench.databases import BenchDatabase
from bench.idle_desks import processor_seconds
from bench.mail import SINK, Sink
from bench.world_builder import HOST, Scale, World
from portal.chat.actions.settings import ChatFacts, change_settings
from portal.identity import actions as identity
from portal.identity.queries import user_by_email
from portal.kernel import clock, uow
from portal.kernel.actor import system
from portal.kernel.context import Context
from portal.kernel.database import Tenancy, bind, db
from portal.sla.actions.calendars import add_calendar
from portal.tenants.models import Provider

TITLE = "## Open chats"
# Seconds between the lines of a chat, whoever writes them; of writing a line; and what app.js does (static/js/app.js).
GAP, WRITING = 30.0, 4.0
FIRST, LONGEST, SLOWER, AFTER_LINE = 3.0, 15.0, 1.1, 0.02
MOST = 20
ID = "[0-9a-f]{8}-[0-9a-f-]{27}"
AFTER = re.compile(rf"news\?after=({ID})")
TAG = re.compile(r'hx-ptag="([0-9a-f]+)"')
TOKEN = re.compile(r'name="csrf_token"[^>]*?value="([^"]+)"')
MARK = re.compile(r'name="mark"[^>]*?value="([0-9a-f]+)"')
LINE = re.compile(r"Line (\d+) of the bench")
AIM_SENDING = 1.0
WORDS = "word " * 12


# -- people at browsers -----------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Answer:
    status: int
    headers: dict[str, str]
    text: str


@dataclass(slots=True)
class Times:
    """Seconds of requests by kind, statuses by kind, and how long the other side waited for a line."""

    taken: dict[str, list[float]] = field(default_factory=dict)
    statuses: Counter[str] = field(default_factory=Counter)
    until_shown: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def note(self, kind: str, status: int, seconds: float, known: bool) -> None:
        self.taken.setdefault(kind, []).append(seconds)
        self.statuses[f"{kind} {status}{' known' if known else ''}"] += 1

    @property
    def requests(self) -> int:
        return sum(map(len, self.taken.values()))


class Browser:
    """Somebody's browser. Each request has a connection of its own, as behind a proxy."""

    def __init__(self, port: int, cookies: dict[str, str], book: "Book") -> None:
        self.port, self.cookies, self.book = port, cookies, book

    async def ask(
        self, kind: str, path: str, data: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """One request; *data* makes it a form. Its time and status are noted as those of *kind*."""
        began = time.perf_counter()
        answer = await self._exchange(path, data, headers or {})
        known = answer.status == 304 and "etag" in answer.headers
        self.book.times.note(kind, answer.status, time.perf_counter() - began, known)
        if answer.status not in (200, 204, 303, 304):
            self.book.times.errors.append(f"{kind} {path}: {answer.status} {answer.text[:80]!r}")
        return answer

    async def _exchange(self, path: str, data: Mapping[str, str] | None, headers: Mapping[str, str]) -> Answer:
        body, lines = b"", [f"{'GET' if data is None else 'POST'} {path} HTTP/1.1", f"Host: {HOST}"]
        if data is not None:
            body = urllib.parse.urlencode(data).encode()
            lines += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        lines += ["Cookie: " + "; ".join(f"{k}={v}" for k, v in self.cookies.items()), "Connection: close", "", ""]
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write("\r\n".join(lines).encode() + body)
            raw = await asyncio.wait_for(reader.read(), 60)
        finally:
            writer.close()
        head, _empty, content = raw.partition(b"\r\n\r\n")
        first, *rest = head.decode("latin-1").split("\r\n")
        found: dict[str, str] = {}
        for line in rest:
            name, _colon, value = line.partition(": ")
            if name.lower() == "set-cookie":
                key, _equals, text = value.partition(";")[0].partition("=")
                self.cookies[key] = text
            found[name.lower()] = value
        return Answer(int(first.split()[1]), found, content.decode())


@dataclass(slots=True)
class SentLine:
    number: int
    began: float
    chat_id: str
    by_contact: bool


@dataclass(slots=True)
class Book:
    """What everybody did."""

    times: Times = field(default_factory=Times)
    sent: dict[int, SentLine] = field(default_factory=dict)
    acknowledged: set[int] = field(default_factory=set)
    # Lines of the contact that the agent's page has not told of yet.
    unseen: dict[int, SentLine] = field(default_factory=dict)
    over: bool = False

    def begin_line(self, chat_id: str, by_contact: bool) -> SentLine:
        line = SentLine(len(self.sent) + 1, time.perf_counter(), chat_id, by_contact)
        self.sent[line.number] = self.unseen[line.number] = line
        return line

    def told(self, line: SentLine) -> None:
        """The page of the other side shows *line*."""
        if self.unseen.pop(line.number, None):
            self.times.until_shown.append(time.perf_counter() - line.began)


class OpenPage:
    """An open chat page: it asks for news at the pace of app.js."""

    def __init__(self, browser: Browser, base: str) -> None:
        self.browser, self.base, self.book = browser, base, browser.book
        self.path = self.after = self.tag = self.token = self.mark = ""
        self.chat_id = ""
        self.shown: list[int] = []
        self.pace, self.wake = FIRST, asyncio.Event()

    async def open(self, chat_id: str) -> None:
        """Open the page of a chat."""
        self.chat_id, self.path = chat_id, f"{self.base}/{chat_id}"
        answer = await self.browser.ask("page", self.path)
        if answer.status != 200:
            return
        self.after, self.tag = AFTER.findall(answer.text)[0], TAG.findall(answer.text)[0]
        self.token, self.mark = TOKEN.findall(answer.text)[0], MARK.findall(answer.text)[0]
        self.shown = [int(number) for number in LINE.findall(answer.text)]
        self.tell(answer.text, self.shown)

    async def keep_asking(self, kind: str) -> None:
        """Ask until everything is over."""
        self.pace = random.uniform(FIRST, LONGEST)
        while not self.book.over:
            self.wake.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self.wake.wait(), self.pace)
            self.pace = min(self.pace * SLOWER, LONGEST)
            await self.ask_once(kind)

    async def ask_once(self, kind: str) -> None:
        """One question, as htmx asks it."""
        path, after = self.path, self.after
        headers = {"HX-Request": "true", "HX-PTag": self.tag}
        answer = await self.browser.ask(kind, f"{path}/news?after={after}", headers=headers)
        # hx-sync="this:replace": what was asked before something newer is thrown away.
        if answer.status != 200 or path != self.path or after != self.after:
            return
        self.after, self.tag = AFTER.findall(answer.text)[0], TAG.findall(answer.text)[0]
        numbers = [int(number) for number in LINE.findall(answer.text)]
        self.shown += numbers
        self.tell(answer.text, numbers)
        self.pace = FIRST

    def tell(self, html: str, numbers: list[int]) -> None:
        """Note the lines of the other side that this answer shows."""
        for number in numbers:
            line = self.book.sent[number]
            if line.by_contact == (self.base == "/desk/chat"):
                self.book.told(line)
        if self.base == "/desk/chat":
            waiting = set(re.findall(rf'href="/desk/chat/({ID})"(?:(?!</li>).)*?waits for you', html, re.DOTALL))
            for line in list(self.book.unseen.values()):
                if line.by_contact and line.chat_id in waiting and line.number in self.book.acknowledged:
                    self.book.told(line)

    async def write(self, by_contact: bool) -> None:
        """Type a line and send it, as the box of the page does."""
        token = {"X-CSRFToken": self.token}
        await self.browser.ask("typing", f"{self.path}/typing", {}, token)
        self.pace = min(self.pace, FIRST)
        await asyncio.sleep(WRITING)
        line = self.book.begin_line(self.chat_id, by_contact)
        data = {
            "csrf_token": self.token,
            "mark": self.mark,
            "body": f"Line {line.number} of the bench. " + "word " * 12,
        }
        answer = await self.browser.ask("line", f"{self.path}/messages", data, {"HX-Request": "true"})
        if answer.status != 200:
            return
        self.book.acknowledged.add(line.number)
        self.mark = MARK.findall(answer.text)[0]
        await asyncio.sleep(AFTER_LINE)
        self.wake.set()


async def talk(contact: OpenPage, agent: OpenPage, turn: asyncio.Lock, until: float) -> None:
    """The traffic of one chat until the moment *until*: lines of either side. An agent writes one after the other."""
    chat_id = contact.chat_id
    await asyncio.sleep(random.uniform(0, GAP))
    while time.perf_counter() < until:
        if random.random() < 0.5:
            await contact.write(by_contact=True)
        else:
            async with turn:
                if agent.chat_id != chat_id:
                    await agent.open(chat_id)
                await agent.write(by_contact=False)
        await asyncio.sleep(random.uniform(GAP / 2, GAP * 1.5) - WRITING)


# -- the provider -----------------------------------------------------------------------------------------------------


def sign_everybody_in(app: Any, where: BenchDatabase, emails: list[str]) -> list[dict[str, str]]:
    """Open the chat day and night, and return the cookies of a browser for each of *emails*."""
    with psycopg.connect(where.owner_url) as connection:
        found = connection.execute("SELECT provider_id FROM hosts WHERE host = %s", [HOST]).fetchone()
        kind = connection.execute("SELECT id FROM request_types ORDER BY position LIMIT 1").fetchone()
    assert found is not None and kind is not None
    # The key that signs a cookie is that of its host.
    with app.test_request_context(base_url=page_costs.URL):
        signer = app.session_interface.get_signing_serializer(app)
    cookies = []
    with app.app_context():
        ctx = Context(system(found[0]), clock.now(), db.session, channel="system")
        bind(db.session, Tenancy.of(ctx.actor))
        ctx.provider = db.session.get(Provider, found[0])
        with app.test_request_context(base_url=page_costs.URL), uow.unit_of_work(db.session):
            hours = add_calendar(ctx, name="Day and night", content={"name": "Day and night", "always": True})
            change_settings(ctx, ChatFacts(True, hours.id, kind[0], "Hello.", MOST, 60))
        for email in emails:
            with uow.unit_of_work(db.session):
                person = user_by_email(ctx, email)
                assert person is not None, email
                token = identity.start_session(ctx, person)
            cookies.append({app.config["SESSION_COOKIE_NAME"]: signer.dumps({"_user_id": token})})
    return cookies


async def start_chats(contacts: list[OpenPage], agents: list[OpenPage]) -> None:
    """Everybody opens their pages: agents take chats, contacts start theirs, and each agent accepts their share."""
    ids: dict[int, str] = {}
    few = asyncio.Semaphore(8)

    async def take(agent: OpenPage) -> None:
        async with few:
            agent.token = token = TOKEN.findall((await agent.browser.ask("page", "/desk/chat")).text)[0]
            await agent.browser.ask(
                "start", "/desk/chat/taking", {"csrf_token": token, "takes": "y", "most": str(MOST)}
            )

    async def start(number: int, contact: OpenPage) -> None:
        async with few:
            html = (await contact.browser.ask("page", "/chat")).text
            account = re.findall(r'name="account"[^>]*value="(\w+)"', html) or re.findall(
                r'<option[^>]*value="(\w+)"', html.partition('name="account"')[2].partition("</select>")[0]
            )
            data = {
                "csrf_token": TOKEN.findall(html)[0],
                "mark": MARK.findall(html)[0],
                "account": account[0],
                "body": f"Question {number} of somebody",
            }
            answer = await contact.browser.ask("start", "/chat", data)
            ids[number] = answer.headers["location"].rpartition("/")[2]

    async def accept(number: int) -> None:
        agent = agents[number % len(agents)]
        async with few:
            await agent.browser.ask("start", f"/desk/chat/{ids[number]}/accept", {"csrf_token": agent.token})
            await contacts[number].open(ids[number])

    await asyncio.gather(*map(take, agents))
    await asyncio.gather(*(start(number, contact) for number, contact in enumerate(contacts)))
    await asyncio.gather(*(accept(number) for number in range(len(contacts))))
    for number, agent in enumerate(agents):
        await agent.open(ids[number])


# -- measuring --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Phase:
    """What one phase cost: the share of one core that each kind of process used."""

    seconds: float
    times: Times
    cores: dict[str, float]
    load: float

    @property
    def total(self) -> float:
        return sum(share for name, share in self.cores.items() if name != "bench")


def spread(values: list[float]) -> str:
    """Median and 95th percentile in milliseconds."""
    if len(values) < 2:
        return "-"
    cuts = statistics.quantiles(values, n=20)
    return f"{statistics.median(values) * 1000:.0f} / {cuts[18] * 1000:.0f}"


class Meter:
    """Reads the processor time of all processes that take part."""

    def __init__(self, roots: Mapping[str, int]) -> None:
        self.roots = roots

    def read(self) -> dict[str, float]:
        found = {name: processor_seconds([pid]) for name, pid in self.roots.items()}
        own = os.times()
        return {**found, "bench": own.user + own.system}

    async def phase(self, book: Book, seconds: float) -> Phase:
        """Let *seconds* pass and count."""
        book.times = Times()
        before, began = self.read(), time.perf_counter()
        await asyncio.sleep(seconds)
        took, after, times = time.perf_counter() - began, self.read(), book.times
        book.times = Times()
        return Phase(took, times, {n: (after[n] - before[n]) / took for n in before}, os.getloadavg()[0])


def count_statements(app: Any, cookies: dict[str, str], path: str, tag: str) -> tuple[int, int]:
    """The statements of a question that is answered with 304, and of one that has news, in this process."""
    client = app.test_client()
    for name, value in cookies.items():
        client.set_cookie(name, value, domain=HOST)
    found = []
    for known in (tag, ""):
        for _twice in range(2):
            with page_costs.collect_statements() as seen:
                answer = client.get(path, base_url=page_costs.URL, headers={"HX-Request": "true", "HX-PTag": known})
            answer.close()
            if answer.status_code == 200 and known:
                known = answer.headers["HX-PTag"]
        found.append(len(seen))
    return found[0], found[1]


def compare_with_database(where: BenchDatabase, book: Book, contacts: list[OpenPage]) -> tuple[int, int, int, int]:
    """Lines acknowledged and not stored, stored twice, and not shown exactly once and in order; notifications of the
    same event to the same person."""
    with psycopg.connect(where.owner_url) as connection:
        rows = connection.execute(
            "SELECT c.id::text, m.body FROM messages m JOIN chats c ON c.case_id = m.case_id"
            " WHERE m.body LIKE 'Line %' ORDER BY m.case_id, m.position"
        ).fetchall()
        twice = connection.execute(
            "SELECT count(*) FROM (SELECT FROM notifications GROUP BY event_id, user_id HAVING count(*) > 1) t"
        ).fetchone()
    stored: dict[str, list[int]] = {}
    for chat_id, body in rows:
        stored.setdefault(str(chat_id), []).append(int(LINE.findall(str(body))[0]))
    times = Counter(number for numbers in stored.values() for number in numbers)
    wrong = 0
    for page in contacts:
        wrong += sum((Counter(page.shown) - Counter(stored.get(page.chat_id, []))).values())
        wrong += sum((Counter(stored.get(page.chat_id, [])) - Counter(page.shown)).values())
        wrong += page.shown != stored.get(page.chat_id, [])
    lost, doubled = len(book.acknowledged - set(times)), sum(count > 1 for count in times.values())
    return lost, doubled, wrong, int(str(twice[0])) if twice else 0


async def measure(
    port: int, cookies: list[dict[str, str]], chats: int, seconds: float, meter: Meter
) -> tuple[Phase, Phase, Book, list[OpenPage], list[OpenPage]]:
    """Open everything; one phase of silence and one of traffic."""
    book = Book()
    browsers = [Browser(port, one, book) for one in cookies]
    contacts = [OpenPage(one, "/chat") for one in browsers[:chats]]
    agents = [OpenPage(one, "/desk/chat") for one in browsers[chats:]]
    began = time.perf_counter()
    await start_chats(contacts, agents)
    print(f"{chats} chats were started and accepted in {time.perf_counter() - began:.0f} s", flush=True)
    if book.times.errors:
        raise SystemExit("\n".join(book.times.errors[:5]))
    asking = [asyncio.create_task(page.keep_asking("poll")) for page in (*contacts, *agents)]
    await asyncio.sleep(3 * LONGEST)  # until all pages ask at their slowest pace, and the worker has nothing left to do
    silence = await meter.phase(book, max(40.0, seconds / 3))
    print(f"silence: {silence.total:.2f} cores", flush=True)
    locks = [asyncio.Lock() for _agent in agents]
    until = time.perf_counter() + seconds + GAP
    talks = [
        asyncio.create_task(talk(page, agents[n % len(agents)], locks[n % len(agents)], until))
        for n, page in enumerate(contacts)
    ]
    await asyncio.sleep(GAP)  # until all of them talk
    traffic = await meter.phase(book, seconds)
    await asyncio.gather(*talks)
    await asyncio.sleep(2 * LONGEST)
    book.over = True
    await asyncio.gather(*asking)
    traffic.times.errors += book.times.errors
    return silence, traffic, book, contacts, agents


def describe(
    silence: Phase,
    traffic: Phase,
    statements: Mapping[str, tuple[int, int]],
    checks: tuple[int, int, int, int],
    asked: Any,
    lines: int,
) -> str:
    """The section of RESULTS.md."""
    names = ("web", "PostgreSQL", "Valkey", "worker", "scheduler")
    rows = "\n".join(
        f"| {name} | {phase.times.requests / phase.seconds:.0f} | {_unchanged(phase)} | "
        + " | ".join(f"{phase.cores[one]:.2f}" for one in names)
        + f" | **{phase.total:.2f}** ({phase.total / (os.cpu_count() or 1):.0%}) | {_each(phase)} |"
        f" {phase.cores['bench']:.2f} | {phase.load:.1f} |"
        for name, phase in (("silence", silence), ("traffic", traffic))
    )
    taken = traffic.times.taken
    shown = sorted(traffic.times.until_shown)
    lost, doubled, wrong, twice = checks
    kinds = ", ".join(f"{name}: {news} with news, {same} without" for name, (same, news) in statements.items())
    errors = len(silence.times.errors) + len(traffic.times.errors)
    lines_of_times = "\n".join(
        f"| {what} | {len(found)} | {spread(found)} |"
        for what, found in (
            ("a question for news", taken.get("poll", [])),
            (f"sending a line (aim: 95 % within {AIM_SENDING:.0f} s)", taken.get("line", [])),
            ("saying that one types", taken.get("typing", [])),
            ("opening another chat", taken.get("page", [])),
            ("from sending until the other side's page shows it", shown),
        )
    )
    return f"""{TITLE}

`bench.chat --chats {asked.chats} --agents {asked.agents} --seconds {asked.seconds:.0f}`, {clock.now():%Y-%m-%d},
{os.cpu_count()} cores: {asked.chats} contacts' pages and {asked.agents} agents' panes, gunicorn with
{asked.workers} processes, a line in each chat about every {GAP:.0f} s, whose writer types before. The processes that
ask are on the same cores (column “bench”), and so was other work (load).

| phase | requests/s | 304 | {" | ".join(names)} | cores together | processor ms a request | bench | load |
|---|---|---|{"---|" * len(names)}---|---|---|---|
{rows}

| under traffic | number | median / 95 % (ms) |
|---|---|---|
{lines_of_times}

Statements of a question that is not answered from memory: {kinds}; of one that is: 0. Questions under traffic:
{_answers(traffic)}.
Errors: {errors}. Of {lines} acknowledged lines {lost} were lost, {doubled} stored twice, {wrong} not
shown exactly once and in order on the contact's page; {twice} notifications came twice.
"""


def _unchanged(phase: Phase) -> str:
    polls = len(phase.times.taken.get("poll", [])) or 1
    return f"{sum(n for kind, n in phase.times.statuses.items() if kind.startswith('poll 304')) / polls:.0%}"


def _each(phase: Phase) -> str:
    return f"{phase.total * phase.seconds / max(1, phase.times.requests) * 1000:.1f}"


def _answers(phase: Phase) -> str:
    names = {
        "poll 304 known": "304 from memory",
        "poll 304": "304 after a look",
        "poll 200": "with news",
    }
    polls = len(phase.times.taken.get("poll", [])) or 1
    return ", ".join(f"{phase.times.statuses[kind] / polls:.0%} {words}" for kind, words in names.items())


@contextmanager
def services(where: BenchDatabase, folder: Path, workers: int) -> Iterator[dict[str, int]]:
    """The web server, the worker and the scheduler of Parley: the process ids by name."""
    environment = where.environment(
        PORT=str(PORT), SMTP_URL=f"smtp://127.0.0.1:{SINK}", WEB_CONCURRENCY=str(workers), LOG_LEVEL="WARNING"
    )
    flask = (sys.executable, "-m", "flask", "--app", "app")
    commands = {
        "web": (sys.executable, "-m", "gunicorn", "app:create_app()"),
        "worker": (*flask, "worker"),
        "scheduler": (*flask, "scheduler"),
    }
    started = {}
    try:
        for name, command in commands.items():
            with (folder / f"{name}.log").open("wb") as log:
                started[name] = subprocess.Popen(command, cwd=databases.ROOT, env=environment, stdout=log, stderr=log)
        yield {name: process.pid for name, process in started.items()}
    finally:
        for process in started.values():
            process.terminate()
        for process in started.values():
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()


async def wait_until_ready() -> None:
    """Wait until the web server answers."""
    browser = Browser(PORT, {}, Book())
    for _attempt in range(600):
        try:
            if (await browser.ask("ready", "/readyz")).status == 200:
                return
        except (OSError, ValueError, IndexError):
            pass
        await asyncio.sleep(0.2)
    raise SystemExit("The server does not start.")


def people(world: World, chats: int, agents: int) -> list[str]:
    """The addresses of *chats* contacts and of *agents* agents who look after every account."""
    contacts = [person.email for company in world.companies for person in company.contacts][:chats]
    staff = [one.email for one in world.staff if one.role in ("agent", "lead") and one.accounts is None][:agents]
    if len(contacts) < chats or len(staff) < agents:
        raise SystemExit(f"only {len(contacts)} contacts and {len(staff)} agents were made")
    return [*contacts, *staff]


def write_section(text: str) -> None:
    """Put the section into RESULTS.md, in the place of an older one."""
    whole = RESULTS.read_text()
    before, _title, old = whole.partition(TITLE)
    rest = old.partition("\n## ")
    following = f"\n## {rest[2]}" if rest[1] else ""
    RESULTS.write_text(f"{before.rstrip()}\n\n{text.rstrip()}\n{following}")


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--chats", type=int, default=300)
    parser.add_argument("--agents", type=int, default=60)
    parser.add_argument("--seconds", type=float, default=120.0)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--no-write", action="store_true")
    asked = parser.parse_args()
    # With an address of one's own there would be nobody's processes to count.
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL"):
        os.environ.pop(name, None)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="parley-bench-chat-")))
        folder.chmod(0o711)  # PostgreSQL's own user passes through
        os.environ["PARLEY_DATA"] = str(folder)
        where = stack.enter_context(databases.open_database(0))
        databases.migrate(where)
        scale = Scale(600, 30, asked.chats + 10, asked.agents * 4 // 3 + 10)
        world = load.load(where.owner_url, scale.cases, scale=scale, say=lambda _line: None)
        emails = people(world, asked.chats, asked.agents)
        app = page_costs.application(where.app_url, folder / "files")
        cookies = sign_everybody_in(app, where, emails)
        mail = Controller(Sink(), hostname="127.0.0.1", port=SINK)
        mail.start()
        stack.callback(mail.stop)
        roots = stack.enter_context(services(where, folder, asked.workers))
        assert where.postmaster is not None and where.cache is not None
        meter = Meter({**roots, "PostgreSQL": where.postmaster, "Valkey": where.cache})
        asyncio.run(wait_until_ready())
        silence, traffic, book, contacts, agents = asyncio.run(
            measure(PORT, cookies, asked.chats, asked.seconds, meter)
        )
        statements = {
            name: count_statements(app, page.browser.cookies, f"{page.path}/news?after={page.after}", page.tag)
            for name, page in (("a contact's page", contacts[0]), ("an agent's page", agents[0]))
        }
        checks = compare_with_database(where, book, contacts)
        for name in ("web", "worker"):
            text = (folder / f"{name}.log").read_text()
            if "Traceback" in text or "ERROR" in text:
                print(f"{name} said: {text[-3000:]}", file=sys.stderr)
    text = describe(silence, traffic, statements, checks, asked, len(book.acknowledged))
    print(text)
    for problem in traffic.times.errors[:10]:
        print(problem, file=sys.stderr)
    if not asked.no_write:
        write_section(text)
    if any(checks) or traffic.times.errors:
        raise SystemExit("something was lost, doubled or refused")


if __name__ == "__main__":
    main()
