"""Pure rules about cases: no database, no request."""

import datetime as dt
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


@dataclass(frozen=True, slots=True)
class Severity:
    """The chosen severity, the effective one, and the code of the reason if they differ ('' if not)."""

    asked: int
    effective: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class SeverityFloor:
    """The least severe rank that was agreed, and the code of the reason: for whom."""

    rank: int
    reason: str


def strictest_floor(person: int | None, account: int | None) -> SeverityFloor | None:
    """The floor of a case about *person* in *account* (ranks; None: none was agreed): the more severe of both."""
    floors = [SeverityFloor(person, "important_person")] if person else []
    floors += [SeverityFloor(account, "important_account")] if account else []
    return min(floors, key=lambda floor: floor.rank, default=None)


def effective_severity(asked: int, environment_kind: str | None, floor: SeverityFloor | None = None) -> Severity:
    """The severity that holds for a chosen one.

    Rank 1 on a test or development environment is lowered one level (seed S0 3.2). *floor* raises the severity of
    important people and accounts to at least its level. Both values are kept.
    """
    raised = min(asked, floor.rank) if floor else asked
    reason = floor.reason if floor else ""
    if raised == 1 and environment_kind in ("test", "development"):
        return Severity(asked, 2, "not_production" if asked == 1 else reason if asked > 2 else "")
    return Severity(asked, raised, reason if raised != asked else "")


def raised_by_joins(severity: int, limit: int, environment_kind: str | None) -> int:
    """The severity of a case that hits as many people as the provider's rule says: one level more severe, at most
    *limit*, and never an emergency on a test or development environment."""
    highest = max(limit, 2) if environment_kind in ("test", "development") else limit
    return max(severity - 1, highest) if severity > highest else severity


def counts_for(accepted_at: dt.datetime | None, resolved_at: dt.datetime | None) -> bool:
    """Whether an acceptance is of the solution that was given at *resolved_at*, not of one before it."""
    return accepted_at is not None and resolved_at is not None and accepted_at >= resolved_at


def is_pinnable(message: Any) -> bool:
    """Whether *message* may be the workaround of its case: public words, not a question and not a rejection."""
    return message.kind in ("reply", "resolution") and not message.asks and bool(message.body.strip())


class Stay(StrEnum):
    """Why a message stays in its case when the case is split."""

    SOLUTION = "solution"
    QUESTION = "question"
    WORKAROUND = "workaround"


def why_message_stays(case: Any, message: Any, question: Any) -> Stay | None:
    """Why *message* cannot become part of another case; None: it can.

    The state of *case* rests on what stays: a solution and its rejection, and *question*, the newest one, while it
    waits for the customer's answer."""
    if message.kind in ("resolution", "rejection"):
        return Stay.SOLUTION
    if case.state == "waiting" and question is not None and question.id == message.id:
        return Stay.QUESTION
    return Stay.WORKAROUND if message.position == case.workaround_position else None


def course_of(
    messages: Sequence[Any], start: dt.datetime, is_only_thanks: Callable[[str], bool]
) -> list[tuple[dt.datetime, str]]:
    """When each of the public *messages* after *start* was said, and by which side ('customer' or 'support'), in order.
    What customers only say thanks with asks for no answer and is left out."""
    found = [
        (max(one.occurred_at, start), "customer" if one.author_side == "contact" else "support")
        for one in messages
        if one.kind != "note"
        and one.occurred_at >= start
        and not (one.author_side == "contact" and is_only_thanks(one.body))
    ]
    return sorted(found)


def may_close(who_closes: str, side: str) -> bool:
    """Whether people of *side* may close an unresolved case. *who_closes* is the provider's rule."""
    return who_closes in ("both", side) or side not in ("contact", "staff")


def tier_after_rejection(tier: int, rejected_count: int) -> int:
    """The tier after a rejection. The second rejection raises it by one, up to 3 (DESIGN 3)."""
    return min(tier + 1, 3) if rejected_count >= 2 else tier


def fold_tag(name: str) -> str:
    """The name of a tag as tags are compared: letter case and the ways to write one letter make no difference."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    return " ".join(folded.split())


def split_tags(line: str) -> list[str]:
    """The names in *line*, separated by commas, each once, in their order."""
    names: dict[str, str] = {}
    for part in line.split(","):
        name = " ".join(part.split()).lstrip("#").strip()
        if name:
            names.setdefault(fold_tag(name), name)
    return list(names.values())


def shared_beginning(names: Iterable[str], asked: str) -> list[str]:
    """Of folded *names* the one that is *asked*, or else those that begin with it."""
    known = list(names)
    return [asked] if asked in known else [name for name in known if asked and name.startswith(asked)]
