"""A request type's own fields: writing them, and reading the answers of a case that is opened."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from flask_babel import get_locale

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.cases.engine import request_answers, request_field_rules
from portal.cases.engine import request_fields as engine
from portal.cases.engine.request_answers import Answer, Reading
from portal.cases.engine.request_field_rules import RequestFieldProblem
from portal.cases.engine.request_fields import RequestField
from portal.cases.models import RequestType
from portal.cases.queries.request_fields import fields_of, find_offers
from portal.cases.refusals import answer_sentence, field_refusal
from portal.kernel.context import Context
from portal.kernel.errors import NotFound, Refused
from portal.kernel.events import record
from portal.kernel.text import fold
from portal.tenants.models import Account

T = TypeVar("T")
# The name of the form's field for the own field with a key.
PREFIX = "own_"


def find_answers(
    ctx: Context, account: Account, request_type: RequestType, typed: Mapping[str, Sequence[str]] | None
) -> tuple[Answer, ...]:
    """The answers of a case that is opened; none for channels without a form (*typed* is None).

    Raises Refused for the first field whose answer is not accepted, whatever the form offered. Required fields bind
    people of the portal: who opens a case on the desk writes what the caller knows.
    """
    if typed is None:
        return ()
    fields = fields_of(request_type)
    if not fields:
        return ()
    files = [text for texts in typed.values() for text in texts]
    offers = find_offers(ctx, fields, account.id, files=files)
    return accept_reading(
        ctx, request_answers.read_answers(fields, typed, offers, enforce=ctx.actor.is_contact), fields
    )


def file_ids(answers: Sequence[Answer]) -> list[uuid.UUID]:
    """The staged files that *answers* bring."""
    return [uuid.UUID(value) for one in answers if one.kind == engine.FILE for value in one.value]


def accept_reading(ctx: Context, reading: Reading, fields: Sequence[RequestField]) -> tuple[Answer, ...]:
    """The answers of *reading*; raises Refused with the form's field for the first problem."""
    for one in fields:
        if one.key in reading.problems:
            label = engine.pick_text(one.label, str(get_locale() or ""), str(ctx.provider.locale))
            raise Refused(answer_sentence(reading.problems[one.key], label), f"{PREFIX}{one.key}")
    return reading.answers


# -- the builder ------------------------------------------------------------------------------------------------------


def add_field(ctx: Context, row: RequestType, field: RequestField) -> RequestField:
    """Add *field* at the end of the form of *row*; records `request_type.changed`.

    Without a key it gets one made of its label, which no field of the form ever had. Raises Refused, with the part of
    the definition, for an invalid one.
    """

    def change(fields: list[RequestField]) -> RequestField:
        label = engine.pick_text(field.label, str(ctx.provider.locale))
        added = (
            field
            if field.key
            else replace(field, key=request_field_rules.free_key(fold(label), {one.key for one in fields}))
        )
        fields.append(added)
        return added

    return _change(ctx, row, change)


def change_field(ctx: Context, row: RequestType, key: str, field: RequestField) -> RequestField:
    """Replace the field *key*; records `request_type.changed`. Cases keep their answers as they were given."""

    def change(fields: list[RequestField]) -> RequestField:
        here = _position(fields, key)
        fields[here] = replace(field, key=key, ended=fields[here].ended)
        return fields[here]

    return _change(ctx, row, change)


def move_field(ctx: Context, row: RequestType, key: str, *, up: bool) -> None:
    """Swap the field with the one before or after it; records `request_type.changed`. At the end nothing changes.
    Raises Refused where a field would come before the one whose answer shows it."""

    def change(fields: list[RequestField]) -> RequestField:
        here = _position(fields, key)
        places = [at for at, one in enumerate(fields) if not one.ended]
        at = places.index(here) + (-1 if up else 1) if here in places else -1
        if 0 <= at < len(places):
            there = places[at]
            fields[here], fields[there] = fields[there], fields[here]
        return fields[here]

    _change(ctx, row, change)


def end_field(ctx: Context, row: RequestType, key: str, *, ended: bool = True) -> RequestField:
    """Stop asking the field, or ask it again at the end of the form; records `request_type.changed`. Cases keep its
    answers. Raises Refused while the answer of this field shows another one."""

    def change(fields: list[RequestField]) -> RequestField:
        field = replace(fields.pop(_position(fields, key)), ended=ended)
        earlier = {one.key for one in fields if not one.ended}
        if not ended and field.shown_when is not None and field.shown_when.field not in earlier:
            field = replace(field, shown_when=None)
        fields.append(field)
        return field

    return _change(ctx, row, change)


def set_fields(ctx: Context, row: RequestType, fields: Sequence[RequestField]) -> None:
    """Make *fields* the form of *row*, as a preset brings them; records `request_type.changed`. Fields that it does not
    have are ended."""

    def change(there: list[RequestField]) -> RequestField | None:
        keys = {one.key for one in fields}
        there[:] = [*fields, *(replace(one, ended=True) for one in there if one.key not in keys)]
        return None

    if list(fields) != list(fields_of(row)):
        _change(ctx, row, change)


def _change(ctx: Context, row: RequestType, change: Callable[[list[RequestField]], T]) -> T:
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    fields = list(engine.load_fields(row.own_fields))
    changed = change(fields)
    try:
        request_field_rules.check_fields(fields, str(ctx.provider.locale))
    except RequestFieldProblem as problem:
        raise field_refusal(problem) from None
    stored = [one.to_stored() for one in fields]
    if stored != row.own_fields:
        row.own_fields = stored
        row.version += 1
        ctx.session.flush()
        record(ctx, "request_type.changed", row, changed=["own_fields"])
    return changed


def _position(fields: Sequence[RequestField], key: str) -> int:
    for at, one in enumerate(fields):
        if one.key == key:
            return at
    raise NotFound
