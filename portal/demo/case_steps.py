"""The steps of a demo case: each is one action of the product."""

import datetime as dt
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw
from werkzeug.datastructures import FileStorage

from portal.attachments import actions as attachments
from portal.cases.actions import conversation, desk, links, people, reopening, resolution
from portal.cases.actions.tags import add_tags
from portal.cases.models import Case
from portal.demo.build import BuiltProvider
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.sla.actions import breaches
from portal.sla.models import BreachReason
from portal.sla.queries import breaches as breach_queries
from portal.surveys import actions as surveys
from portal.surveys.queries import answer_for, open_survey
from portal.tasks.actions import TaskFacts, add_task

Act = Callable[[Context, Case, BuiltProvider], object]


@dataclass(frozen=True, slots=True)
class CaseStep:
    """Somebody of the plan does something to the story's case."""

    who: str
    act: Act


@dataclass(frozen=True, slots=True)
class File:
    """A file as somebody would send it."""

    name: str
    content: bytes


def stage_files(ctx: Context, files: Sequence[File]) -> list[Id]:
    """Upload *files* as the actor."""
    return [attachments.stage(ctx, FileStorage(io.BytesIO(file.content), filename=file.name)).id for file in files]


def writes(who: str, body: str, *files: File) -> CaseStep:
    """The customer's side replies."""
    return CaseStep(who, lambda ctx, case, _: conversation.reply(ctx, case, body=body, staged=stage_files(ctx, files)))


def answers(who: str, body: str, *files: File) -> CaseStep:
    """Support replies."""
    return CaseStep(who, lambda ctx, case, _: conversation.answer(ctx, case, body=body, staged=stage_files(ctx, files)))


def notes(who: str, body: str, *files: File) -> CaseStep:
    """Staff write something for staff."""
    return CaseStep(who, lambda ctx, case, _: conversation.note(ctx, case, body=body, staged=stage_files(ctx, files)))


def tags(who: str, line: str) -> CaseStep:
    """Staff put tags on the case, separated by commas."""
    return CaseStep(who, lambda ctx, case, _: add_tags(ctx, case, line))


def plans(who: str, text: str, *, by: str = "", mandatory: bool = False) -> CaseStep:
    """Staff put a task on the case, for the colleague *by*."""

    def act(ctx: Context, case: Case, built: BuiltProvider) -> None:
        add_task(ctx, case, TaskFacts(text, mandatory, built.staff[by].id if by else None))

    return CaseStep(who, act)


def takes(who: str) -> CaseStep:
    return CaseStep(who, lambda ctx, case, _: desk.take(ctx, case))


def assigns(who: str, to: str, department: str = "") -> CaseStep:
    """Somebody of staff gives the case to a colleague."""
    return CaseStep(
        who,
        lambda ctx, case, built: desk.assign(
            ctx,
            case,
            owner_id=built.staff[to].id,
            department_id=built.departments[department].id if department else case.department_id,
        ),
    )


def starts(who: str) -> CaseStep:
    return CaseStep(who, lambda ctx, case, _: desk.start(ctx, case))


def asks(who: str, question: str) -> CaseStep:
    return CaseStep(who, lambda ctx, case, _: desk.ask(ctx, case, question=question))


def holds(who: str, reason: str, *, days: int) -> CaseStep:
    """Pause until *days* from the moment it is done."""
    return CaseStep(who, lambda ctx, case, _: desk.hold(ctx, case, reason=reason, until=ctx.now + dt.timedelta(days)))


def wakes(who: str) -> CaseStep:
    return CaseStep(who, lambda ctx, case, _: desk.wake(ctx, case))


def escalates(who: str, tier: int, note: str) -> CaseStep:
    return CaseStep(who, lambda ctx, case, _: desk.escalate(ctx, case, tier=tier, note=note, keep_owner=note))


def redefines(who: str, severity: int, reason: str) -> CaseStep:
    return CaseStep(who, lambda ctx, case, _: desk.redefine_severity(ctx, case, severity=severity, reason=reason))


def explain_breaches(ctx: Context, case: Case) -> None:
    """Support says why promises were broken before a case ends, as its policy asks."""
    if ctx.actor.is_staff:
        for row, _reading in breach_queries.without_reason(breach_queries.broken_clocks(ctx, case)):
            breaches.explain_breach(ctx, case, row, reason=BreachReason.LOAD.value)


def resolves(who: str, solution: str, check: str = "") -> CaseStep:
    """Support gives the solution."""

    def resolve(ctx: Context, case: Case, _built: BuiltProvider) -> None:
        explain_breaches(ctx, case)
        resolution.resolve(ctx, case, solution=solution, check=check)

    return CaseStep(who, resolve)


def accepts(who: str) -> CaseStep:
    return CaseStep(who, lambda ctx, case, _: resolution.accept(ctx, case))


def rejects(who: str, reason: str) -> CaseStep:
    return CaseStep(who, lambda ctx, case, _: resolution.reject(ctx, case, reason=reason))


def closes(who: str, reason: str = "") -> CaseStep:
    """Either side ends the case."""

    def close(ctx: Context, case: Case, _built: BuiltProvider) -> None:
        explain_breaches(ctx, case)
        resolution.close(ctx, case, reason=reason)

    return CaseStep(who, close)


def reopens(who: str, reason: str) -> CaseStep:
    return CaseStep(who, lambda ctx, case, _: reopening.reopen(ctx, case, reason=reason))


def settles() -> CaseStep:
    """Nobody objects: the clock closes the case when its hours are over."""
    return CaseStep("", lambda ctx, case, _: resolution.auto_close(ctx, case))


def rates(who: str, stars: int, words: str = "") -> CaseStep:
    """The contact answers the survey."""

    def rate(ctx: Context, case: Case, _built: BuiltProvider) -> None:
        survey = open_survey(ctx, case)
        assert survey is not None
        surveys.answer(ctx, survey, case, answers={"q1": stars, "q2": words})

    return CaseStep(who, rate)


def wants_call(who: str, phone: str) -> CaseStep:
    """After a low answer the contact asks for a call."""

    def ask(ctx: Context, case: Case, _built: BuiltProvider) -> None:
        survey = answer_for(ctx, case)
        assert survey is not None
        surveys.say_about_call(ctx, survey, case, wanted=True, phone=phone)

    return CaseStep(who, ask)


def takes_up(who: str) -> CaseStep:
    """Somebody of staff takes the follow-up of a low answer."""

    def take(ctx: Context, case: Case, _built: BuiltProvider) -> None:
        survey = answer_for(ctx, case)
        assert survey is not None
        surveys.take(ctx, survey, case)

    return CaseStep(who, take)


def follows_up(who: str, note: str) -> CaseStep:
    """The follow-up is done."""

    def finish(ctx: Context, case: Case, _built: BuiltProvider) -> None:
        survey = answer_for(ctx, case)
        assert survey is not None
        surveys.finish(ctx, survey, case, note=note)

    return CaseStep(who, finish)


def copies(who: str, *emails: str) -> CaseStep:
    """Put addresses in copy."""
    return CaseStep(who, lambda ctx, case, _: people.add_people(ctx, case, emails))


def shows(who: str, to: str) -> CaseStep:
    """Show the case to one colleague by name."""
    return CaseStep(who, lambda ctx, case, built: people.share_with(ctx, case, built.people[to].id))


def shares(who: str) -> CaseStep:
    """Share the case inside the organization."""
    return CaseStep(who, lambda ctx, case, _: people.set_visibility(ctx, case, "shared"))


def excludes(who: str, whom: str) -> CaseStep:
    """Keep one person out."""
    return CaseStep(who, lambda ctx, case, built: people.exclude(ctx, case, built.people[whom].id))


def mutes(who: str) -> CaseStep:
    return CaseStep(who, lambda ctx, case, _: people.subscribe(ctx, case, "mute"))


def moves(who: str, account: str, contact: str) -> CaseStep:
    """Move the case to another account of the same provider."""
    return CaseStep(
        who,
        lambda ctx, case, built: links.move_account(
            ctx, case, built.accounts[account], contact_id=built.contacts[contact].id
        ),
    )


def picture(name: str, red: int, green: int, blue: int) -> File:
    """A picture that looks like a window, as a screenshot would be attached: a bar, a menu and lines of a list."""
    image = Image.new("RGB", (960, 600), "white")
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, 959, 47), fill=(red, green, blue))
    draw.rectangle((0, 48, 199, 599), fill=(236, 238, 242))
    for line in range(9):
        top = 84 + 56 * line
        draw.rectangle((24, top, 100 + 40 * (line % 3), top + 12), fill=(170, 176, 188))
        draw.rectangle((240, top, 480 + 70 * (line % 5), top + 12), fill=(120, 126, 140))
        draw.line((240, top + 34, 920, top + 34), fill=(222, 225, 230))
    content = io.BytesIO()
    image.save(content, "PNG")
    return File(name, content.getvalue())


def text(name: str, content: str) -> File:
    return File(name, content.encode())
