"""What an article may be made from: the words of a case, with everybody whom they could name."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import or_

from portal.authz.scopes import scope
from portal.cases.models import Case, CaseGrant, Message
from portal.cases.queries import by_key
from portal.identity.models import User
from portal.kernel.context import Context
from portal.knowledge.engine.redaction import find_marks, redact


@dataclass(frozen=True, slots=True)
class CaseWords:
    """The problem and the solution of a case as they were written, and the names that they may hold."""

    subject: str
    problem: str
    solution: str
    names: Sequence[str]


def case_words(ctx: Context, key: str) -> CaseWords:
    """The words of the visible case with *key*; NotFound otherwise. Notes and answers are left out."""
    case = by_key(ctx, key)
    solutions = scope(ctx.actor, Message).where(Message.case_id == case.id, Message.kind == "resolution")
    solution = ctx.session.scalars(solutions.order_by(Message.position.desc()).limit(1)).first()
    return CaseWords(case.subject, case.description, solution.body if solution else "", _names(ctx, case))


def redact_for_others(ctx: Context, case: Case, text: str) -> str:
    """*text* of *case* with marks in place of what names somebody, a client, an address or a case."""
    return redact(text, _names(ctx, case))


def marks_left(*texts: str) -> Sequence[str]:
    """The marks of `redact_for_others` that *texts* still have."""
    return find_marks(*texts)


def _names(ctx: Context, case: Case) -> Sequence[str]:
    """The names of the people of *case*, of its client, account and environment."""
    authors = scope(ctx.actor, Message).where(Message.case_id == case.id).with_only_columns(Message.author_id)
    granted = scope(ctx.actor, CaseGrant).where(CaseGrant.case_id == case.id).with_only_columns(CaseGrant.user_id)
    people = scope(ctx.actor, User).where(
        or_(User.id.in_([case.contact_user_id, case.reported_by_id]), User.id.in_(authors), User.id.in_(granted))
    )
    names = [person.name for person in ctx.session.scalars(people)]
    owner = [case.owner.user.name] if case.owner else []
    places = [case.organization.name, case.account.name, case.account.key]
    return [*names, *owner, *places, *([case.environment.name] if case.environment else [])]
