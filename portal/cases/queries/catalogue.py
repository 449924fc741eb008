"""Request types and severity levels as an actor may choose them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import joinedload

from portal.authz.scopes import load, scope
from portal.cases.models import RequestType, SeverityAnswer, SeverityLevel
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.remembered import remembered
from portal.tenants.models import AccountService


def request_types(ctx: Context, account_ids: Iterable[Id] | None = None) -> Sequence[RequestType]:
    """Active request types in their order; with *account_ids* those that one of the accounts may use."""
    rows = ctx.session.scalars(
        scope(ctx.actor, RequestType)
        .where(RequestType.active)
        .options(joinedload(RequestType.department))
        .order_by(RequestType.position, RequestType.name)
        .limit(200)
    ).all()
    if account_ids is None or all(row.requires_service_id is None for row in rows):
        return rows
    bought = ctx.session.scalars(
        scope(ctx.actor, AccountService).where(AccountService.account_id.in_(list(account_ids)))
    )
    services = {row.service_id for row in bought}
    return [row for row in rows if row.requires_service_id is None or row.requires_service_id in services]


def request_type(ctx: Context, key: str) -> RequestType:
    """The active request type *key*; NotFound otherwise."""
    return load(
        ctx, RequestType, RequestType.key == key[:40], RequestType.active, options=[joinedload(RequestType.department)]
    )


@dataclass(frozen=True, slots=True)
class SeverityQuestion:
    """What the form asks: own words or '' for the built-in ones; cards with value, label, text and the level meant."""

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
    """The provider's impact scale, the worst first."""
    return ctx.session.scalars(scope(ctx.actor, SeverityAnswer).order_by(SeverityAnswer.position)).all()


def severity_question(ctx: Context) -> SeverityQuestion:
    """The provider's question with its answers; no cards where nothing is asked. At most one statement."""
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


def severity_levels(ctx: Context) -> Sequence[Any]:
    """The provider's levels, the worst first: rows of their columns."""

    def read() -> Sequence[Any]:
        rows = scope(ctx.actor, SeverityLevel).order_by(SeverityLevel.rank)
        return ctx.session.execute(rows.with_only_columns(*SeverityLevel.__table__.columns)).all()

    return remembered(ctx, "severity levels", read)
