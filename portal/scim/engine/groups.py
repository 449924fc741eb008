"""A group as a resource of SCIM, and what an identity provider wants it to be (RFC 7643, 4.2).

Patches of groups are read here and not by `scim2-models`: it refuses members to be removed by value, which Entra sends,
and compares every operation with every member, which takes a minute for a large group.
"""

import re
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic import ValidationError
from scim2_models import (
    Context,
    Error,
    Group,
    GroupMember,
    InvalidPathException,
    InvalidSyntaxException,
    InvalidValueException,
    Meta,
    NoTargetException,
)

from portal.kernel.ids import parse_id
from portal.kernel.text import clean_line
from portal.scim.engine.facts import LONGEST_NAME, MOST_MEMBERS, GroupChange, GroupFacts
from portal.scim.engine.resources import InvalidResource, drop_extensions, read_operations

_URN = "urn:ietf:params:scim:schemas:core:2.0:group:"
_ONE_MEMBER = re.compile(r'(?i)members\s*\[\s*value\s+eq\s+"([^"\\]{0,200})"\s*\]')
# Attributes that are sent along and never changed.
_FIXED = ("id", "schemas", "meta")


def make_group(facts: GroupFacts, location: str) -> Any:
    """*facts* as a resource; *location* is its address."""
    members = [GroupMember.model_validate({"value": str(one.id), "display": one.name}) for one in facts.members or ()]
    return Group(
        id=str(facts.id),
        external_id=facts.external_id or None,
        display_name=facts.name,
        members=members or None,
        meta=Meta(resource_type="Group", created=facts.created, last_modified=facts.changed, location=location),
    )


def read_group(body: Any) -> GroupChange:
    """The whole group in *body*; members that are not named stay. Raises InvalidResource."""
    if isinstance(body, Mapping):
        body = drop_extensions(body, Group)
    try:
        group = Group.model_validate(body, scim_ctx=Context.RESOURCE_CREATION_REQUEST)
    except ValidationError as problem:
        raise InvalidResource(Error.from_validation_error(problem.errors()[0])) from problem
    return GroupChange(
        name=_read_name(group.display_name),
        external_id=_read_external_id(group.external_id or ""),
        members=None if group.members is None else _read_members([{"value": one.value} for one in group.members]),
    )


def read_changes(body: Any) -> list[GroupChange]:
    """The operations of a patch, in their order (RFC 7644, 3.5.2). Raises InvalidResource."""
    return [change for operation in read_operations(body) for change in _read_operation(operation)]


def _read_operation(operation: Any) -> Iterable[GroupChange]:
    if not isinstance(operation, Mapping):
        raise InvalidResource(InvalidSyntaxException(detail="An operation must be an object"))
    verb, path, value = str(operation.get("op", "")).lower(), operation.get("path"), operation.get("value")
    if verb not in ("add", "replace", "remove"):
        raise InvalidResource(InvalidSyntaxException(detail="op must be add, replace or remove"))
    if path not in (None, ""):
        return [] if _is_extension(str(path)) else [_change_attribute(verb, str(path), value)]
    if verb == "remove":
        raise InvalidResource(NoTargetException(detail="remove needs a path"))
    if not isinstance(value, Mapping):
        raise InvalidResource(InvalidSyntaxException(detail="Without a path the value must be an object"))
    named = [(str(name), part) for name, part in value.items() if str(name).lower() not in _FIXED]
    return [_change_attribute(verb, name, part) for name, part in named if not _is_extension(name)]


def _is_extension(path: str) -> bool:
    """Whether *path* is about an attribute of another schema: it is passed over."""
    name = path.lower()
    return name.startswith(("urn:", "http:", "https:")) and not name.startswith(_URN)


def _change_attribute(verb: str, path: str, value: Any) -> GroupChange:
    """The change of the attribute at *path*, which may be one member."""
    name = path.lower().removeprefix(_URN)
    one = _ONE_MEMBER.fullmatch(path[-len(name) :])
    if one is not None and verb == "remove":
        return GroupChange(removed=_known_ids([one.group(1)]))
    if name == "members":
        if verb == "remove":
            everybody = GroupChange(members=frozenset())
            return everybody if value is None else GroupChange(removed=_known_ids(_values(value)))
        members = _read_members(value)
        return GroupChange(members=members) if verb == "replace" else GroupChange(added=members)
    if name == "displayname" and verb != "remove":
        return GroupChange(name=_read_name(value))
    if name == "externalid":
        return GroupChange(external_id="" if verb == "remove" else _read_external_id(value))
    raise InvalidResource(InvalidPathException(detail=f"Groups cannot {verb} {path[:100]!r}"))


def _read_name(value: Any) -> str:
    name = clean_line(value) if isinstance(value, str) else ""
    if not 0 < len(name) <= LONGEST_NAME:
        raise InvalidResource(InvalidValueException(detail=f"displayName must have 1 to {LONGEST_NAME} characters"))
    return name


def _read_external_id(value: Any) -> str:
    if not isinstance(value, str) or len(value) > LONGEST_NAME:
        raise InvalidResource(InvalidValueException(detail=f"externalId must have at most {LONGEST_NAME} characters"))
    return clean_line(value)


def _read_members(value: Any) -> frozenset[uuid.UUID]:
    """The ids in a list of members, in one member, or in a list of ids. Raises InvalidResource for what is no id."""
    values = _values(value)
    found = frozenset(_known_ids(values))
    if len(found) < len(set(values)):
        wrong = next(one for one in values if parse_id(one) is None)
        raise InvalidResource(InvalidValueException(detail=f"There is no person {wrong[:100]!r}"))
    return found


def _values(value: Any) -> list[str]:
    members = value if isinstance(value, list) else [value]
    if len(members) > MOST_MEMBERS:
        raise InvalidResource(InvalidValueException(detail=f"At most {MOST_MEMBERS} members"))
    found = [one.get("value") if isinstance(one, Mapping) else one for one in members]
    values = [one for one in found if isinstance(one, str)]
    if len(values) < len(found):
        raise InvalidResource(InvalidValueException(detail="Each member needs a value: the id of a person"))
    return values


def _known_ids(values: Sequence[str]) -> frozenset[uuid.UUID]:
    return frozenset(found for one in values if (found := parse_id(one)) is not None)
