"""The severity question to customers, and the meaning of their answers."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import delete, select

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.cases.models import RequestType, SeverityAnswer
from portal.cases.queries.severity_levels import severity_levels
from portal.kernel import text
from portal.kernel.context import Context
from portal.kernel.errors import Refused
from portal.kernel.events import record
from portal.tenants.models import Provider

KINDS = ("levels", "impact", "none")
MIN_ANSWERS, MAX_ANSWERS = 2, 5


@dataclass(frozen=True, slots=True)
class ScaleAnswer:
    """One answer of an impact scale; `rank` is the severity level that it means."""

    name: str
    rank: int
    description: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class AnswerMeaning:
    """The rank that an answer means, and the label of the answer if it is not a level."""

    rank: int
    words: str = ""


def change_severity_question(
    ctx: Context, provider: Provider, *, kind: str, question: str = "", answers: Sequence[ScaleAnswer] = ()
) -> None:
    """Change the question to customers; records `severity.question_changed`. Existing cases keep what was asked.

    'levels' asks for the levels, 'impact' for *answers*, which replace the previous scale; 'none' asks nothing, and the
    request type's default applies. Raises Refused with the field.
    """
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    if kind not in KINDS:
        raise Refused(_("Choose one of the answers shown"), "kind")
    before = [provider.severity_question, provider.severity_text, [_as_facts(row) for row in _rows(ctx)]]
    provider.severity_question, provider.severity_text = kind, text.clean_line(question)[:200]
    if kind == "impact":
        _replace(ctx, answers)
    after = [kind, provider.severity_text, [_as_facts(row) for row in _rows(ctx)]]
    if before != after:
        provider.version += 1
        ctx.session.flush()
        record(ctx, "severity.question_changed", provider, changed=[before, after])


def interpret_answer(ctx: Context, request_type: RequestType, *, severity: int | None, impact: str) -> AnswerMeaning:
    """The meaning of the customer's answer: a level, or the key of an answer on the provider's impact scale.

    If nothing is asked, the request type's default applies. Raises Refused for an unknown answer.
    """
    kind = ctx.provider.severity_question if request_type.asks_severity else "none"
    if kind == "none":
        return AnswerMeaning(request_type.default_rank)
    if kind == "impact" and (impact or severity is None):
        found = next((row for row in _rows(ctx) if row.key == impact), None)
        if found is not None:
            return AnswerMeaning(found.rank, found.name)
    elif severity in _ranks(ctx):  # also with a scale, for callers that use levels: a rule, an import
        return AnswerMeaning(severity or 0)
    raise Refused(_("Choose how your work is affected"), "severity")


def _replace(ctx: Context, answers: Sequence[ScaleAnswer]) -> None:
    if not MIN_ANSWERS <= len(answers) <= MAX_ANSWERS:
        raise Refused(_("Write %(low)d to %(high)d answers", low=MIN_ANSWERS, high=MAX_ANSWERS), "name_1")
    ranks = _ranks(ctx)
    rows: list[SeverityAnswer] = []
    for position, answer in enumerate(answers, start=1):
        name = text.clean_line(answer.name)[:60]
        key = answer.key or text.slugify(name)[:40].strip("-") or f"answer-{position}"
        key = f"answer-{key}" if key.isdecimal() else key  # a number would read as a level
        if not name:
            raise Refused(_("Write a name"), f"name_{position}")
        if name.casefold() in (row.name.casefold() for row in rows) or key in (row.key for row in rows):
            raise Refused(_("Give each answer a different name"), f"name_{position}")
        if answer.rank not in ranks:
            raise Refused(_("Choose one of the severity levels"), f"rank_{position}")
        rows.append(
            SeverityAnswer(
                provider_id=ctx.provider_id,
                key=key,
                position=position,
                name=name,
                description=text.clean_line(answer.description)[:300],
                rank=answer.rank,
            )
        )
    ctx.session.execute(delete(SeverityAnswer).where(SeverityAnswer.provider_id == ctx.provider_id))
    ctx.session.add_all(rows)
    ctx.session.flush()


def _ranks(ctx: Context) -> set[int]:
    return {level.rank for level in severity_levels(ctx)}


def _rows(ctx: Context) -> list[SeverityAnswer]:
    statement = select(SeverityAnswer).where(SeverityAnswer.provider_id == ctx.provider_id)
    return list(ctx.session.scalars(statement.order_by(SeverityAnswer.position)))


def _as_facts(row: SeverityAnswer) -> list[object]:
    return [row.name, row.rank, row.description]
