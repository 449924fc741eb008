"""The severity question that a form asks, with its answers."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from portal.authz.scopes import scope
from portal.cases.models import SeverityAnswer
from portal.cases.queries.severity_levels import severity_levels
from portal.kernel.context import Context


@dataclass(frozen=True, slots=True)
class SeverityQuestion:
    """The question of the form: kind, own text ('' for the built-in one), and cards with value, label, text and
    level.
    """

    kind: str
    text: str
    cards: list[dict[str, Any]] = field(default_factory=list)

    @property
    def ranks(self) -> list[int]:
        """The levels that an answer can mean, the worst first."""
        return sorted({card["severity"] for card in self.cards})

    def rank_of(self, value: str | None) -> int | None:
        """The level that the answer *value* means; None for no answer."""
        return next((card["severity"] for card in self.cards if str(card["value"]) == value), None)


def severity_answers(ctx: Context) -> Sequence[SeverityAnswer]:
    """The answers of the provider's impact scale, the worst first."""
    return ctx.session.scalars(scope(ctx.actor, SeverityAnswer).order_by(SeverityAnswer.position)).all()


def severity_question(ctx: Context) -> SeverityQuestion:
    """The provider's question with its answers; without cards if nothing is asked. At most one statement."""
    kind, text = ctx.provider.severity_question, ctx.provider.severity_text
    if kind == "impact":
        cards = [
            {"value": row.key, "severity": row.rank, "label": row.name, "text": row.description}
            for row in severity_answers(ctx)
        ]
    elif kind == "levels":
        cards = [
            {"value": row.rank, "severity": row.rank, "label": f"{row.rank} {row.name}", "text": row.description}
            for row in severity_levels(ctx)
        ]
    else:
        cards = []
    return SeverityQuestion(kind, text, cards)


def severity_choices(ctx: Context) -> list[tuple[int, str]]:
    """(rank, words) of the severities that customers can choose, the worst first; none if nothing is asked.

    Several answers can mean one rank.
    """
    if ctx.provider.severity_question == "levels":
        return [(row.rank, row.name) for row in severity_levels(ctx)]
    names: dict[int, list[str]] = {}
    for card in severity_question(ctx).cards:
        names.setdefault(card["severity"], []).append(card["label"])
    return [(rank, " / ".join(names[rank])) for rank in sorted(names)]
