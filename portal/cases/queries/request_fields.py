"""What a request type's own fields offer to the person who fills them in, and which fields lists show."""

import datetime as dt
import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.core import get_global
from flask_babel import get_locale

from portal.attachments.queries import staged_files
from portal.authz.scopes import scope
from portal.cases.engine import request_answers
from portal.cases.engine import request_fields as engine
from portal.cases.engine.request_answers import Answer, FieldOffers
from portal.cases.engine.request_fields import RequestField
from portal.cases.models import Case, RequestType
from portal.cases.queries.people import PEOPLE_LIMIT, people_of
from portal.kernel.actor import Id
from portal.kernel.config_cache import cached_config, for_side
from portal.kernel.context import Context
from portal.kernel.ids import parse_id
from portal.tenants.queries import environments as environment_queries


def fields_of(request_type: RequestType | None) -> tuple[RequestField, ...]:
    """The fields that the form of *request_type* asks, in their order."""
    return engine.asked_fields(engine.load_fields(request_type.own_fields)) if request_type is not None else ()


def find_offers(
    ctx: Context,
    fields: Iterable[RequestField],
    account_id: Id | None,
    *,
    files: Iterable[str] = (),
    admitted_by: Case | None = None,
    answered: Iterable[Answer] = (),
) -> FieldOffers:
    """What the actor may choose in *fields* for a case of the account: people whom they see with access to it, its
    environments, and those of *files* that they staged. Runs a statement only for kinds that the fields have.

    *admitted_by*: the case that is corrected; people whom it excludes are no choice. *answered*: its answers, which
    stay choices.
    """
    kinds = {one.kind for one in fields}
    people: Mapping[str, str] = {}
    environments: Mapping[str, str] = {}
    staged: Mapping[str, str] = {}
    if engine.PERSON in kinds and account_id is not None:
        rows = people_of(ctx, account_id, limit=PEOPLE_LIMIT, admitted_by=admitted_by)
        people = {**_chosen(answered, engine.PERSON), **{str(contact.id): user.name for contact, user in rows}}
    if engine.ENVIRONMENT in kinds and account_id is not None:
        found = environment_queries.active_environments(ctx, [account_id])
        chosen = _chosen(answered, engine.ENVIRONMENT)
        environments = {**chosen, **{str(row.id): row.name for row in found}}
    if engine.FILE in kinds:
        ids = [one for one in map(parse_id, files) if one is not None]
        staged = {str(file.id): file.filename for file in staged_files(ctx, ids)} if ids else {}
    locale = get_locale()
    return FieldOffers(
        people, environments, staged, _zone(ctx), str(locale) if locale else str(ctx.provider.locale), _region(ctx)
    )


def _chosen(answered: Iterable[Answer], kind: str) -> dict[str, str]:
    return {str(one.value): engine.pick_text(one.words[0]) for one in answered if one.kind == kind}


def _zone(ctx: Context) -> dt.tzinfo:
    """The zone in which the person writes times: their own, else the provider's."""
    try:
        return ZoneInfo(getattr(ctx.person, "zone", "") or ctx.provider.zone or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return dt.UTC


def _region(ctx: Context) -> str:
    """The country (ISO code) of the provider's zone, of which phone numbers without a country's code are; or ''."""
    found: str = get_global("zone_territories").get(ctx.provider.zone, "")
    return found if len(found) == 2 else ""


def listed_fields(ctx: Context) -> Mapping[uuid.UUID, Collection[str]]:
    """The keys of the fields that lists of cases show, by request type; from the cache of the configuration."""
    return dict(cached_config(ctx, for_side, _read_listed_fields))


def _read_listed_fields(ctx: Context) -> Sequence[tuple[uuid.UUID, tuple[str, ...]]]:
    types = scope(ctx.actor, RequestType).where(RequestType.own_fields != [])
    rows = ctx.session.execute(types.with_only_columns(RequestType.id, RequestType.own_fields))
    found = [(type_id, tuple(one["key"] for one in fields if one.get("in_lists"))) for type_id, fields in rows]
    return [(type_id, keys) for type_id, keys in found if keys]


def answers_by_case(ctx: Context, case_ids: Collection[Id]) -> Mapping[uuid.UUID, Any]:
    """(request type, answers) of those of the cases that the reader sees and that have answers, by case. One
    statement."""
    cases = scope(ctx.actor, Case).where(Case.id.in_(case_ids), Case.answers.is_not(None))
    rows = ctx.session.execute(cases.with_only_columns(Case.id, Case.request_type_id, Case.answers))
    return {row.id: (row.request_type_id, request_answers.load_answers(row.answers)) for row in rows}
