"""Which cases there are and what becomes of them: skew, states, the order of words. Deterministic for a seed."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from random import Random

from bench import words
from bench.people import Client, Company, Person, World
from bench.story import DAY, HOUR, Book, Life, message

YEARS = 730 * DAY
OPEN = 0.10
# The newest part of all cases, and how many of them are still open; the others that are open are spread over the rest.
NEWEST, OPEN_AMONG_NEWEST = 0.08, 0.85
OPEN_AMONG_OLD = (OPEN - NEWEST * OPEN_AMONG_NEWEST) / (1 - NEWEST)
STATES = (("new", 18), ("open", 28), ("in_progress", 20), ("waiting", 16), ("on_hold", 8), ("resolved", 10))
# Messages of a case: four on average; one case in a thousand is a long conversation.
LENGTHS = ((2, 15), (3, 25), (4, 30), (5, 15), (6, 10), (8, 5))
LONG = 60


@dataclass
class Plot:
    """Draws what happens."""

    world: World
    book: Book
    rng: Random
    count: int
    start: int

    def __post_init__(self) -> None:
        self._weights = list(accumulate(company.weight for company in self.world.companies))
        self._answering: dict[str, list[Person]] = {}

    def tell(self) -> Iterator[None]:
        """All cases in the order in which they were opened; yields after each, so that buffers can be emptied."""
        span = self.book.until - self.start
        for n in range(self.count):
            opened = self.start + int((n + self.rng.random()) * span / self.count)
            self.one(n, opened)
            yield

    def one(self, n: int, opened: int) -> None:
        """The n-th case from its opening to what it is now."""
        rng = self.rng
        company: Company = rng.choices(self.world.companies, cum_weights=self._weights)[0]
        client = company.accounts[min(int(rng.expovariate(1.2)), len(company.accounts) - 1)]
        life = self.cast(company, client, opened)
        topic, name = rng.choice(words.TOPICS), words.machine(rng)
        subject = words.filled(rng.choice(topic.subjects), name, rng)
        said = words.description(topic, name, rng)
        kind = rng.choice(self.world.types)
        department = kind[1]
        life.department = next(d for d in self.world.departments if d[0] == department)
        if rng.random() < 0.5:
            life.department = rng.choice(self.world.departments)
        environment = rng.choice(client.environments) if rng.random() < 0.8 else None
        life.submit(environment, rng.choice((1, 2, 2, 3, 3, 3, 3, 4, 4, 4)) if kind[2] else kind[3])
        state = self.fate(n)
        self.happen(life, state, topic, name, LONG if n % 1000 == 500 else 0)
        life.write(kind, environment, opened, subject, said)

    def cast(self, company: Company, client: Client, opened: int) -> Life:
        """Who reports it, for whom, who reads along."""
        rng = self.rng
        contact = rng.choice(client.contacts)
        reporter, draw = contact, rng.random()
        if draw < 0.10:
            reporter = next((p for p in client.contacts if p.role in ("coordinator", "organization_admin")), contact)
        elif draw < 0.15:
            reporter = rng.choice(self.answering(client))
        life = Life(self.book, client, reporter, contact, opened)
        behalf = reporter.id != contact.id
        life.visibility = "private" if behalf else company.default_visibility
        if rng.random() < 0.15:
            life.visibility = "shared" if life.visibility == "private" else "private"
        if rng.random() < 0.08:
            friend = rng.choice(company.contacts)
            if friend.id not in (contact.id, reporter.id):
                life.copied[friend.id] = friend
        return life

    def answering(self, client: Client) -> list[Person]:
        """Staff who answer cases of *client*."""
        if client.id not in self._answering:
            self._answering[client.id] = self.world.answering(client)
        return self._answering[client.id]

    def fate(self, n: int) -> str:
        """What it is now: one in ten is not closed."""
        newest = n >= self.count * (1 - NEWEST)
        if self.rng.random() >= (OPEN_AMONG_NEWEST if newest else OPEN_AMONG_OLD):
            return "closed"
        states, weights = zip(*STATES, strict=True)
        return str(self.rng.choices(states, weights)[0])

    def happen(self, life: Life, state: str, topic: words.Topic, name: str, length: int) -> None:
        """Everything between the opening and *state*, at moments that grow and end before now."""
        rng, until = self.rng, self.book.until
        if state == "new":
            return
        numbers, weights = zip(*LENGTHS, strict=True)
        length = length or rng.choices(numbers, weights)[0]
        room = until - life.now - 1000
        lasts = min(int(rng.lognormvariate(0, 1) * 2 * DAY) + 2 * HOUR, room)
        pause = 72 * HOUR if state == "closed" and lasts + 73 * HOUR < room and rng.random() < 0.4 else 0
        times = sorted(life.now + 1 + int(rng.random() * max(lasts - 2, 1)) for _ in range(length + 6))
        clock = iter(times)

        def tick() -> None:
            life.now = max(life.now + 1, next(clock))

        agent = rng.choice(self.answering(life.client))
        tick()
        life.take(agent)
        if rng.random() < 0.04:
            tick()
            life.wish(rng.choice(self.answering(life.client)), "follow")
        elif rng.random() < 0.02:
            tick()
            life.wish(life.contact, "mute")
        elif rng.random() < 0.004:
            gone = rng.choice(life.client.contacts)
            if gone.id not in (life.contact.id, life.reporter.id, *life.copied):
                tick()
                life.exclude(agent, gone)
        closing = {"waiting": 1, "resolved": 1, "closed": 1}.get(state, 0)
        rejects = state in ("resolved", "closed") and length > 3 and rng.random() < 0.06
        talk = length - closing - (2 if rejects else 0)
        self.talk(life, agent, topic, name, talk, tick)
        if rejects:
            tick()
            life.resolve(agent, words.filled(topic.solved, name, rng), rng.choice(words.CHECKS))
            tick()
            life.reject(life.contact, words.filled(rng.choice(words.REJECTIONS), name, rng))
        tick()
        if state == "in_progress":
            life.start(agent)
        elif state == "waiting":
            life.ask(agent, words.filled(rng.choice(words.QUESTIONS), name, rng))
        elif state == "on_hold":
            life.hold(agent, rng.choice(words.HOLDS), until + int(rng.random() * 20 * DAY) + HOUR)
        elif state in ("resolved", "closed"):
            if state == "resolved" and life.now + 70 * HOUR < until:
                life.now = until - int(rng.random() * 70 * HOUR) - 2 * HOUR
            life.resolve(agent, words.filled(topic.solved, name, rng), rng.choice(words.CHECKS))
        if state == "closed":
            self.close(life, pause, tick)

    def talk(self, life: Life, agent: Person, topic: words.Topic, name: str, count: int, tick: object) -> None:
        """Answers, replies and notes; the first word is support's."""
        rng = self.rng
        customers = [life.contact, *life.copied.values()]
        for k in range(count):
            tick()  # type: ignore[operator]
            draw = rng.random()
            if k == 0 or draw < 0.35:
                life.answer(agent, message(rng, words.ANSWERS, name, topic))
            elif draw < 0.78:
                life.reply(rng.choice(customers), message(rng, words.REPLIES, name, topic))
            elif draw < 0.94 or life.tier == 3:
                life.note(agent, message(rng, words.NOTES, name, topic))
            elif draw < 0.97:
                life.escalate(agent, message(rng, words.NOTES, name, topic))
            else:
                life.redefine(agent, 1 + life.severity % 4, rng.choice(words.SEVERITY_REASONS))
                life.note(agent, message(rng, words.NOTES, name, topic))

    def close(self, life: Life, pause: int, tick: object) -> None:
        """The customer accepts, or three days of silence close it."""
        if pause:
            life.now += 48 * HOUR
            life.event("case.closing_soon", None, "system")
            life.now += 24 * HOUR
            life.end("case.auto_closed", None, "system")
        else:
            tick()  # type: ignore[operator]
            life.end("case.accepted", life.contact, "contact")
