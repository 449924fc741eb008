"""Generates the cases: their distribution, states and words. Deterministic for a seed."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from random import Random

from bench import sample_texts
from bench.case_history import DAY, HOUR, CaseHistory, CaseTables, message
from bench.world_builder import Client, Company, Person, World

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
class CaseGenerator:
    """Draws the cases from the random generator of a seed."""

    world: World
    shared: CaseTables
    rng: Random
    count: int
    start: int

    def __post_init__(self) -> None:
        self._weights = list(accumulate(company.weight for company in self.world.companies))
        self._answering: dict[str, list[Person]] = {}

    def write_cases(self) -> Iterator[None]:
        """All cases in the order in which they were opened; yields after each, so that buffers can be emptied."""
        span = self.shared.until - self.start
        for n in range(self.count):
            opened = self.start + int((n + self.rng.random()) * span / self.count)
            self.write_case(n, opened)
            yield

    def write_case(self, n: int, opened: int) -> None:
        """Write the n-th case with its history."""
        rng = self.rng
        company: Company = rng.choices(self.world.companies, cum_weights=self._weights)[0]
        client = company.accounts[min(int(rng.expovariate(1.2)), len(company.accounts) - 1)]
        life = self.choose_people(company, client, opened)
        topic, name = rng.choice(sample_texts.TOPICS), sample_texts.machine(rng)
        subject = sample_texts.filled(rng.choice(topic.subjects), name, rng)
        said = sample_texts.description(topic, name, rng)
        kind = rng.choice(self.world.types)
        department = kind[1]
        life.department = next(d for d in self.world.departments if d[0] == department)
        if rng.random() < 0.5:
            life.department = rng.choice(self.world.departments)
        environment = rng.choice(client.environments) if rng.random() < 0.8 else None
        life.submit(environment, rng.choice((1, 2, 2, 3, 3, 3, 3, 4, 4, 4)) if kind[2] else kind[3])
        state = self.choose_state(n)
        self.write_history(life, state, topic, name, LONG if n % 1000 == 500 else 0)
        life.write(kind, environment, opened, subject, said)

    def choose_people(self, company: Company, client: Client, opened: int) -> CaseHistory:
        """The reporter, the contact and the participants of a case."""
        rng = self.rng
        contact = rng.choice(client.contacts)
        reporter, draw = contact, rng.random()
        if draw < 0.10:
            reporter = next((p for p in client.contacts if p.role in ("coordinator", "organization_admin")), contact)
        elif draw < 0.15:
            reporter = rng.choice(self.answering(client))
        life = CaseHistory(self.shared, client, reporter, contact, opened)
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

    def choose_state(self, n: int) -> str:
        """The present state of a case: one in ten is not closed."""
        newest = n >= self.count * (1 - NEWEST)
        if self.rng.random() >= (OPEN_AMONG_NEWEST if newest else OPEN_AMONG_OLD):
            return "closed"
        states, weights = zip(*STATES, strict=True)
        return str(self.rng.choices(states, weights)[0])

    def write_history(self, life: CaseHistory, state: str, topic: sample_texts.Topic, name: str, length: int) -> None:
        """Write the events between the opening and *state*, at increasing moments before now."""
        rng, until = self.rng, self.shared.until
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
        self.write_messages(life, agent, topic, name, talk, tick)
        if rejects:
            tick()
            life.resolve(agent, sample_texts.filled(topic.solved, name, rng), rng.choice(sample_texts.CHECKS))
            tick()
            life.reject(life.contact, sample_texts.filled(rng.choice(sample_texts.REJECTIONS), name, rng))
        tick()
        if state == "in_progress":
            life.start(agent)
        elif state == "waiting":
            life.ask(agent, sample_texts.filled(rng.choice(sample_texts.QUESTIONS), name, rng))
        elif state == "on_hold":
            life.hold(agent, rng.choice(sample_texts.HOLDS), until + int(rng.random() * 20 * DAY) + HOUR)
        elif state in ("resolved", "closed"):
            if state == "resolved" and life.now + 70 * HOUR < until:
                life.now = until - int(rng.random() * 70 * HOUR) - 2 * HOUR
            life.resolve(agent, sample_texts.filled(topic.solved, name, rng), rng.choice(sample_texts.CHECKS))
        if state == "closed":
            self.close(life, pause, tick)

    def write_messages(
        self, life: CaseHistory, agent: Person, topic: sample_texts.Topic, name: str, count: int, tick: object
    ) -> None:
        """Answers, replies and notes; the first message is support's."""
        rng = self.rng
        customers = [life.contact, *life.copied.values()]
        for k in range(count):
            tick()  # type: ignore[operator]
            draw = rng.random()
            if k == 0 or draw < 0.35:
                life.answer(agent, message(rng, sample_texts.ANSWERS, name, topic))
            elif draw < 0.78:
                life.reply(rng.choice(customers), message(rng, sample_texts.REPLIES, name, topic))
            elif draw < 0.94 or life.tier == 3:
                life.note(agent, message(rng, sample_texts.NOTES, name, topic))
            elif draw < 0.97:
                life.escalate(agent, message(rng, sample_texts.NOTES, name, topic))
            else:
                life.redefine(agent, 1 + life.severity % 4, rng.choice(sample_texts.SEVERITY_REASONS))
                life.note(agent, message(rng, sample_texts.NOTES, name, topic))

    def close(self, life: CaseHistory, pause: int, tick: object) -> None:
        """The customer accepts, or three days of silence close it."""
        if pause:
            life.now += 48 * HOUR
            life.event("case.closing_soon", None, "system")
            life.now += 24 * HOUR
            life.end("case.auto_closed", None, "system")
        else:
            tick()  # type: ignore[operator]
            life.end("case.accepted", life.contact, "contact")
