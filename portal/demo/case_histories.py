"""Playing the demo's case histories in the order of time over all of them, so that numbers, ids and times agree."""

import datetime as dt
import heapq
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from portal.cases.actions import opening
from portal.cases.actions.opening import Opening
from portal.cases.models import Case
from portal.demo.build import BuiltProvider
from portal.demo.case_steps import CaseStep, File, stage_files
from portal.kernel.actor import Actor, Side, system
from portal.kernel.context import Context
from portal.kernel.database import Tenancy, bind
from portal.tenants.queries import actors

_SPAN = re.compile(r"(?:(\d+)d)? ?(?:(\d+)h)? ?(?:(\d+)m)?")


@dataclass(frozen=True, slots=True)
class CaseHistory:
    """A case: who opened it how long ago, with what, and what happened next (each step some time after the last).

    `by` is a person of the plan; staff name the `contact`, coordinators may.
    """

    subject: str
    description: str
    by: str
    ago: str
    account: str = "ACME"
    type: str = "outage"
    severity: int | None = 3
    # The key of an answer, where the provider asks by an impact scale.
    impact: str = ""
    department: str = ""
    contact: str = ""
    environment: str = ""
    visibility: str = ""
    cc: Sequence[str] = ()
    phone: str = ""
    # Own fields of the type by key. "+2d 9:30": that time two days after the case is opened; "@rita": the person.
    answers: Mapping[str, str | Sequence[str]] = field(default_factory=dict)
    files: Sequence[File] = ()
    notify: bool = True
    channel: str = "portal"
    then: Sequence[tuple[str, CaseStep]] = ()


def parse_duration(text: str) -> dt.timedelta:
    """ "2d 3h 15m" as time."""
    found = _SPAN.fullmatch(text)
    if not found or not text:
        raise ValueError(f"{text!r} is no span such as 2d 3h 15m")
    days, hours, minutes = (int(part or 0) for part in found.groups())
    return dt.timedelta(days=days, hours=hours, minutes=minutes)


def step_times(story: CaseHistory, now: dt.datetime) -> list[dt.datetime]:
    """When the story began and when each step happened. A step in the future is a mistake in the data."""
    found = [now - parse_duration(story.ago)]
    for after, _step in story.then:
        found.append(found[-1] + parse_duration(after))
    if found[-1] > now:
        raise ValueError(f"{story.subject!r} goes on in the future")
    return found


def play_histories(ctx: Context, built: BuiltProvider, stories: Sequence[CaseHistory]) -> list[Case]:
    """Let all *stories* happen until now, step by step in the order of time over all of them; *ctx* is the system's."""
    teller = HistoryPlayer(ctx, built)
    cases: dict[int, Case] = {}
    for moment, index, step in merge_by_time(stories, ctx.now):
        if step is None:
            cases[index] = teller.open_case(stories[index], moment)
        else:
            teller.run_step(step, cases[index], moment)
    bind(ctx.session, Tenancy.of(ctx.actor))
    return [cases[index] for index in range(len(stories))]


def merge_by_time(cases: Sequence[CaseHistory], now: dt.datetime) -> Iterator[tuple[dt.datetime, int, CaseStep | None]]:
    """Every opening (None) and step of *cases* with its moment, the earliest first."""
    heap: list[tuple[dt.datetime, int, int]] = []
    for index, story in enumerate(cases):
        for position, moment in enumerate(step_times(story, now)):
            heap.append((moment, index, position))
    heapq.heapify(heap)
    while heap:
        moment, index, position = heapq.heappop(heap)
        yield moment, index, cases[index].then[position - 1][1] if position else None


class HistoryPlayer:
    """Acts as one person after another, each bound to what they may see."""

    def __init__(self, ctx: Context, built: BuiltProvider) -> None:
        self.ctx, self.built = ctx, built
        self._actors: dict[str, Actor] = {"": system(ctx.provider_id)}

    def open_case(self, story: CaseHistory, moment: dt.datetime) -> Case:
        """The story's first sentence."""
        ctx, built = self._as(story.by, moment, story.channel), self.built
        environment = built.environments[story.account, story.environment] if story.environment else None
        contact = built.contacts[story.contact] if story.contact else None
        return opening.submit(
            ctx,
            built.accounts[story.account],
            built.types[story.type],
            Opening(
                subject=story.subject,
                description=story.description,
                severity=story.severity,
                impact=story.impact,
                department_id=built.departments[story.department].id if story.department else None,
                contact_id=contact.id if contact else None,
                environment_id=environment.id if environment else None,
                visibility=story.visibility,
                cc=story.cc,
                phone=story.phone,
                answers={key: self._typed(value, moment) for key, value in story.answers.items()} or None,
                notify=story.notify,
                staged=stage_files(ctx, story.files),
            ),
        )

    def _typed(self, value: str | Sequence[str], moment: dt.datetime) -> list[str]:
        """*value* as the form sends it."""
        if not isinstance(value, str):
            return list(value)
        if value.startswith("@"):
            return [str(self.built.contacts[value[1:]].id)]
        if found := re.fullmatch(r"\+(\d+)d (\d+:\d\d)", value):
            there = moment.astimezone(ZoneInfo(self.ctx.provider.zone)) + dt.timedelta(days=int(found[1]))
            return [f"{there.date().isoformat()}T{found[2].zfill(5)}"]
        return [value]

    def run_step(self, step: CaseStep, case: Case, moment: dt.datetime) -> None:
        """One step of a story."""
        step.act(self._as(step.who, moment, "portal" if step.who else "system"), case, self.built)

    def _as(self, who: str, moment: dt.datetime, channel: str) -> Context:
        ctx = Context(self._actor(who), moment, self.ctx.session, provider=self.ctx.provider, channel=channel)
        bind(ctx.session, Tenancy.of(ctx.actor))
        return ctx

    def _actor(self, who: str) -> Actor:
        if who not in self._actors:
            bind(self.ctx.session, Tenancy.of(self._actors[""]))
            side = Side.STAFF if who in self.built.staff else Side.CONTACT
            self._actors[who] = actors.build_actor(self.ctx, self.built.people[who], side)
        return self._actors[who]
