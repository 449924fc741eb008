"""The history of one case as rows, as the actions would have written it, from the opening to its present state.

Each method mirrors one action of `portal/cases/actions` and the reactions and consumers of its event: version and
message counters, the markers, timers, the search document, deliveries, bells. `tests/speed/test_bulk_data.py` checks
the result against the product's own invariants.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from random import Random

from bench import sample_texts
from bench.rows import NULL, Ids, Table, array, facts, flag, moment, text
from bench.world_builder import Client, Person, World
from portal.cases import rules
from portal.kernel.events import consumer_name
from portal.kernel.tokenizer import document_tokens
from portal.notifications.rules import BY_EVENT, CUSTOMER_EVENTS, IGNORING_MUTE
from portal.wiring import CONSUMERS

HOUR = 3_600_000
DAY = 24 * HOUR
UNREAD_FOR = 14 * DAY
OWED = {name: [consumer_name(function) for function in functions] for name, functions in CONSUMERS.items()}

COLUMNS = {
    "cases": "id provider_id organization_id account_id environment_id number request_type_id department_id owner_id"
    " tier reported_by_id reported_side contact_id contact_user_id state visibility severity_asked severity"
    " severity_reason subject description channel notify_contact opened_at updated_at first_answer_at resolved_at"
    " closed_at closed_by auto_close_at hold_reason hold_until last_word reopened_count rejected_count cycle"
    " message_count version",
    "messages": "id provider_id organization_id account_id case_id position kind asks body check author_id"
    " author_side channel occurred_at recorded_at",
    "events": "id provider_id organization_id account_id case_id name subject_id actor_user_id actor_side actor_name"
    " channel occurred_at recorded_at facts",
    "deliveries": "id provider_id event_id consumer state attempts created_at done_at",
    "notifications": "id provider_id user_id side event_id case_id reason created_at read_at",
    "case_grants": "id provider_id organization_id account_id case_id kind user_id added_by_id added_at",
    "case_exclusions": "id provider_id organization_id account_id case_id user_id added_by_id added_at",
    "case_follows": "id provider_id organization_id account_id case_id user_id wish",
    "surveys": "id provider_id organization_id account_id case_id cycle user_id questions_id token_id asked_at"
    " answered_at answers score",
    "token_hashes": "hash id provider_id purpose subject_id expires_at",
    "due_work": "provider_id kind id due_at",
}


def tables() -> dict[str, Table]:
    """The buffers that cases are written to."""
    return {name: Table(name, columns) for name, columns in COLUMNS.items()}


@dataclass(slots=True)
class CaseTables:
    """The buffers of the rows, and what the histories of all cases share."""

    world: World
    rng: Random
    ids: Ids
    until: int
    tables: dict[str, Table]
    # (case id, organization, account, shared, people, words, words of notes, indexed at): PostgreSQL makes documents.
    documents: list[str] = field(default_factory=list)


@dataclass(slots=True)
class CaseHistory:
    """The history of one case while it is written."""

    shared: CaseTables
    client: Client
    reporter: Person
    contact: Person
    now: int
    id: str = ""
    state: str = "new"
    owner: Person | None = None
    department: tuple[str, list[Person]] | None = None
    tier: int = 1
    visibility: str = "private"
    asked: int = 3
    severity: int = 3
    severity_reason: str = ""
    updated: int = 0
    answered: int = 0
    resolved: int = 0
    closed: int = 0
    closed_by: str = ""
    auto_close: int = 0
    hold_reason: str = ""
    hold_until: int = 0
    last_word: str = "customer"
    reopened: int = 0
    rejected: int = 0
    messages: int = 0
    version: int = 1
    # user id → person, what they are to the case.
    copied: dict[str, Person] = field(default_factory=dict)
    muted: set[str] = field(default_factory=set)
    following: dict[str, Person] = field(default_factory=dict)
    excluded: set[str] = field(default_factory=set)
    spoken: list[str] = field(default_factory=list)
    noted: list[str] = field(default_factory=list)
    indexed: int = 0

    @property
    def place(self) -> tuple[str, str, str, str]:
        return (self.shared.world.provider_id, self.client.organization.id, self.client.id, self.id)

    # -- what every verb does ---------------------------------------------------------------------------------------

    def touch(self, public: bool = True) -> None:
        self.version += 1
        if public:
            self.updated = self.now

    def event(
        self, name: str, who: Person | None, side: str, /, *, subject: str = "", told: dict[str, Person] | None = None,
        channel: str = "", **said: object,
    ) -> str:  # fmt: skip
        """Record *name*; with its deliveries and notifications (*told*: the people of the audience `added`)."""
        shared, at = self.shared, moment(self.now)
        event_id = shared.ids.at(self.now)
        shared.tables["events"].add(
            *(event_id, *self.place, name, subject or self.id, who.id if who else NULL, side),
            *(text(who.name) if who else "", channel or {"staff": "desk", "contact": "portal"}.get(side, "system")),
            *(at, at, facts(**said)),
        )
        done = moment(self.now + 2000)
        for consumer in OWED.get(name, ()):
            shared.tables["deliveries"].add(
                shared.ids.at(self.now), shared.world.provider_id, event_id, consumer, "done", "0", at, done
            )
        if name in BY_EVENT:
            self.ring(name, event_id, who, told or {})
        return event_id

    def ring(self, name: str, event_id: str, who: Person | None, told: dict[str, Person]) -> None:
        """Write a notification for each person of the event's audiences whom the case's rules admit."""
        shared, chosen = self.shared, {}  # type: tuple[CaseTables, dict[str, tuple[str, str]]]
        for person, side, reason in self.candidates(name, told):
            if side == "staff" or name in CUSTOMER_EVENTS:
                chosen.setdefault(person.id, (side, reason))
        if who:
            chosen.pop(who.id, None)
        recent = self.now > shared.until - UNREAD_FOR
        for user_id, (side, reason) in chosen.items():
            if user_id in self.excluded or (user_id in self.muted and name not in IGNORING_MUTE):
                continue
            unread = recent and shared.rng.random() < 0.3
            shared.tables["notifications"].add(
                *(shared.ids.at(self.now), shared.world.provider_id, user_id, side, event_id, self.id, reason),
                *(moment(self.now), NULL if unread else moment(min(self.now + HOUR, shared.until))),
            )

    def candidates(self, name: str, told: dict[str, Person]) -> Iterable[tuple[Person, str, str]]:
        """Who is in the audiences of *name*, as `notifications.recipients` finds them; for a case without an owner the
        department is notified, not the leads."""
        for circle in (rule.audience for rule in BY_EVENT[name] if rule.bell):
            if circle == "contact" or (circle == "opened_for" and self.reporter.id != self.contact.id):
                yield self.contact, "contact", "contact"
            elif circle == "reporter" and not self.reporter.staff_id:
                yield self.reporter, "contact", "reporter"
            elif circle == "copied":
                yield from ((person, "contact", "participant") for person in self.copied.values())
            elif circle in ("follower", "staff_follower"):
                wanted = circle == "staff_follower"
                yield from (
                    (p, "staff" if wanted else "contact", "follower")
                    for p in self.following.values()
                    if bool(p.staff_id) is wanted
                )
            elif circle == "owner" and self.owner:
                yield self.owner, "staff", "owner"
            elif circle in ("department", "unowned") and self.department and not self.owner:
                yield from (
                    (p, "staff", "department")
                    for p in self.department[1]
                    if p.accounts is None or self.client.id in p.accounts
                )
            elif circle == "added":
                yield from ((person, "contact", "participant") for person in told.values())

    def say(self, kind: str, body: str, who: Person, *, asks: bool = False, check: str = "") -> str:
        """An entry of the conversation; the last public word moves the marker."""
        self.messages += 1
        message_id, at = self.shared.ids.at(self.now), moment(self.now)
        staff = bool(who.staff_id)
        self.shared.tables["messages"].add(
            *(message_id, *self.place, str(self.messages), kind, flag(asks), text(body), text(check), who.id),
            *("staff" if staff else "contact", "desk" if staff else "portal", at, at),
        )
        if kind != "note":
            self.last_word = "support" if staff else "customer"
            if staff and not self.answered:
                self.answered = self.now
            self.spoken += [body, check]
            self.indexed = self.now
        else:
            self.noted.append(body)
        self.touch(public=kind != "note")
        return message_id

    def due(self, kind: str, at: int) -> None:
        self.shared.tables["due_work"].add(self.shared.world.provider_id, kind, self.id, moment(at))

    # -- the verbs --------------------------------------------------------------------------------------------------

    def submit(self, environment: tuple[str, str] | None, asked: int) -> None:
        """Open the case."""
        self.id = self.shared.ids.at(self.now)
        severity = rules.effective_severity(asked, environment[1] if environment else None)
        self.asked, self.severity, self.severity_reason = severity.asked, severity.effective, severity.reason
        self.updated = self.indexed = self.now
        side = "staff" if self.reporter.staff_id else "contact"
        behalf = self.reporter.id != self.contact.id
        for person in self.copied.values():
            self.grant(person, side)
        channel = "phone" if side == "staff" else ""
        self.event("case.submitted", self.reporter, side, channel=channel, on_behalf=behalf, notify=True)

    def grant(self, person: Person, side: str) -> None:
        """Add a participant from the beginning."""
        shared = self.shared
        shared.tables["case_grants"].add(
            *(shared.ids.at(self.now), *self.place, "participant", person.id, self.reporter.id, moment(self.now))
        )
        self.event(
            "case.person_added", self.reporter, side, subject=person.id, told={person.id: person},
            user=person.id, name=person.name, kind="participant",
        )  # fmt: skip

    def take(self, who: Person) -> None:
        before = self.owner.staff_id if self.owner else ""
        self.owner = who
        if self.state == "new":
            self.state = "open"
        self.touch()
        self.event("case.taken", who, "staff", owner=[before, who.staff_id])

    def answer(self, who: Person, body: str) -> None:
        message = self.say("reply", body, who)
        if self.state == "new":
            self.state = "open"
        self.event("case.answered", who, "staff", message=message, emailed=True)

    def reply(self, who: Person, body: str) -> None:
        message = self.say("reply", body, who)
        if self.state in ("waiting", "on_hold"):
            self.state = "open"
        self.event("case.replied", who, "contact", message=message, reopened=False)

    def note(self, who: Person, body: str) -> None:
        self.event("case.noted", who, "staff", message=self.say("note", body, who))

    def start(self, who: Person) -> None:
        self.state = "in_progress"
        self.touch()
        self.event("case.started", who, "staff")

    def ask(self, who: Person, body: str) -> None:
        message = self.say("reply", body, who, asks=True)
        self.state = "waiting"
        self.event("case.asked", who, "staff", message=message)

    def hold(self, who: Person, reason: str, until: int) -> None:
        self.state, self.hold_reason, self.hold_until = "on_hold", reason, until
        self.due("wake", until)
        self.touch()
        self.event("case.held", who, "staff", reason=reason, until=moment(until))

    def escalate(self, who: Person, body: str) -> None:
        before, self.tier = self.tier, self.tier + 1
        message = self.say("note", body, who)
        self.event("case.escalated", who, "staff", tier=[before, self.tier], message=message)

    def redefine(self, who: Person, severity: int, reason: str) -> None:
        before, self.severity, self.severity_reason = self.severity, severity, reason
        self.touch()
        self.event("case.severity_changed", who, "staff", severity=[before, severity], reason=reason)

    def resolve(self, who: Person, solution: str, check: str) -> None:
        message = self.say("resolution", solution, who, check=check)
        self.state, self.resolved, self.auto_close = "resolved", self.now, self.now + 72 * HOUR
        self.event("case.resolved", who, "staff", message=message)

    def reject(self, who: Person, body: str) -> None:
        message = self.say("rejection", body, who)
        self.state, self.resolved, self.auto_close = "open", 0, 0
        self.rejected += 1
        self.reopened += 1
        self.event("case.rejected", who, "contact", message=message)

    def end(self, name: str, who: Person | None, by: str) -> None:
        """Close the case by acceptance or by its timer; a survey follows."""
        self.state, self.resolved, self.auto_close = "closed", 0, 0
        self.closed, self.closed_by = self.now, by
        self.touch()
        self.event(name, who, by)
        self.survey(who, by)

    def survey(self, who: Person | None, by: str) -> None:
        """The contact was asked; two of five answer."""
        shared, rng = self.shared, self.shared.rng
        survey_id, token_id = shared.ids.at(self.now), shared.ids.at(self.now)
        answered = rng.random() < 0.4 and self.now + DAY < shared.until
        score = rng.choice((5, 5, 5, 4, 4, 3, 2, 1))
        shared.tables["surveys"].add(
            *(survey_id, *self.place, "1", self.contact.id, shared.world.questions_id, token_id, moment(self.now)),
            *((moment(self.now + DAY), facts(q1=score), str(score)) if answered else (NULL, NULL, NULL)),
        )
        digest = f"\\\\x{rng.getrandbits(256):064x}"
        expires = moment(self.now + 30 * DAY)
        shared.tables["token_hashes"].add(digest, token_id, shared.world.provider_id, "survey", survey_id, expires)
        self.event("survey.asked", who, by, subject=survey_id, cycle=1)

    def wish(self, who: Person, wanted: str) -> None:
        """Follow or mute."""
        self.shared.tables["case_follows"].add(self.shared.ids.at(self.now), *self.place, who.id, wanted)
        if wanted == "mute":
            self.muted.add(who.id)
        else:
            self.following[who.id] = who
        self.event("case.muted" if wanted == "mute" else "case.followed", who, "staff" if who.staff_id else "contact")

    def exclude(self, who: Person, gone: Person) -> None:
        """Exclude a person from the case."""
        self.shared.tables["case_exclusions"].add(
            self.shared.ids.at(self.now), *self.place, gone.id, who.id, moment(self.now)
        )
        self.excluded.add(gone.id)
        self.touch(public=False)
        self.event("case.excluded", who, "staff", subject=gone.id, user=gone.id)

    # -- the row ----------------------------------------------------------------------------------------------------

    def write(
        self,
        kind: tuple[str, str, bool, int],
        environment: tuple[str, str] | None,
        opened: int,
        subject: str,
        said: str,
    ) -> None:
        """Write the case, its number, and its search document."""
        shared, client = self.shared, self.client
        client.numbers += 1
        if self.state == "resolved":
            self.due("auto_close", self.auto_close)
            if self.auto_close - DAY > shared.until:
                self.due("closing_soon", self.auto_close - DAY)
        side = "staff" if self.reporter.staff_id else "contact"
        shared.tables["cases"].add(
            *(self.id, self.place[0], self.place[1], self.place[2], environment[0] if environment else NULL),
            *(str(client.numbers), kind[0], self.department[0] if self.department else NULL),
            *(self.owner.staff_id if self.owner else NULL, str(self.tier), self.reporter.id, side),
            *(self.contact.contact_id, self.contact.id, self.state, self.visibility, str(self.asked)),
            *(str(self.severity), text(self.severity_reason), text(subject), text(said)),
            *("phone" if side == "staff" else "portal", "t", moment(opened), moment(self.updated)),
            *(_maybe(self.answered), _maybe(self.resolved), _maybe(self.closed), self.closed_by),
            *(_maybe(self.auto_close), text(self.hold_reason), _maybe(self.hold_until), self.last_word),
            *(str(self.reopened), str(self.rejected), "1", str(self.messages), str(self.version)),
        )
        people = array(sorted({self.reporter.id, self.contact.id, *self.copied}))
        public = document_tokens(subject, said, *self.spoken)
        shared.documents.append(
            "\t".join(
                (
                    *(self.id, self.place[0], self.place[1], self.place[2], flag(self.visibility == "shared"), people),
                    *(tokens(public), tokens(document_tokens(*self.noted)) if self.noted else NULL),
                    moment(self.indexed),
                )
            )
            + "\n"
        )


def tokens(found: list[str]) -> str:
    """Tokens as the text of a tsvector: they hold letters, digits and dots only."""
    return text(" ".join(f"'{token}'" for token in found))


def _maybe(ms: int) -> str:
    return moment(ms) if ms else NULL


def message(rng: Random, kind: tuple[str, ...], name: str, topic: sample_texts.Topic) -> str:
    """A sentence of its kind, sometimes with another one that fits."""
    body = rng.choice(kind)
    if rng.random() < 0.6:
        body += f" {rng.choice(topic.says)}"
    if rng.random() < 0.5:
        body += f" {rng.choice(sample_texts.ANYWHERE)}"
    return sample_texts.filled(body, name, rng)
