"""A person as a resource of SCIM, and what an identity provider wants them to be (RFC 7643, by `scim2-models`)."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError
from scim2_models import (
    Context,
    Email,
    EnterpriseUser,
    Error,
    InvalidPathException,
    InvalidSyntaxException,
    InvalidValueException,
    Manager,
    Meta,
    Name,
    PatchOp,
    PhoneNumber,
    SCIMException,
    User,
)

from portal.kernel.text import clean_line
from portal.scim.engine.facts import PersonFacts, WantedPerson

ScimUser = User[EnterpriseUser]
MOST_OPERATIONS = 100
LONGEST_PATH = 500
MOST_VALUES = 200
# What Entra sends for a value that the person does not have yet: RFC 7644 answers `noTarget`, and Entra then stops.
_MISSING_VALUE = re.compile(
    r'(?i)(emails|phoneNumbers|addresses|ims|photos|roles)\[type eq "([\w-]{1,40})"\]\.(\w{1,40})'
)


# The attributes of people that are stored, sent or fixed. Others may be sent, as every identity provider does
# (departments, time zones, extensions of its own): they are passed over before the library judges them. Managers are
# read by `engine.managers`, since identity providers write them in many ways.
_KNOWN = frozenset(
    {
        *("schemas", "id", "externalid", "meta", "username", "displayname", "name", "title", "active"),
        *("emails", "phonenumbers", "groups"),
    }
)
_OTHERS = frozenset(field.serialization_alias.lower() for field in ScimUser.model_fields.values()) - _KNOWN  # type: ignore[union-attr]
_CORE = "urn:ietf:params:scim:schemas:core:2.0:user:"
_ROOT = re.compile(r"[^.\[\s]*")


class InvalidResource(Exception):
    """What the identity provider sent is no resource; *error* is the answer."""

    def __init__(self, problem: SCIMException | Error) -> None:
        self.error = problem.to_error() if isinstance(problem, SCIMException) else problem
        # Without the advertisement of the library that checks values.
        self.error.detail = (self.error.detail or "").split("\n    For further")[0] or None
        super().__init__(self.error.detail)


def make_resource(facts: PersonFacts, location: str) -> Any:
    """*facts* as a resource; *location* is its address."""
    resource = ScimUser(
        id=str(facts.id),
        external_id=facts.external_id or None,
        user_name=facts.email,
        name=Name(formatted=facts.name),
        display_name=facts.name,
        title=facts.title or None,
        active=facts.active,
        emails=[Email(value=facts.email, type=Email.Type.work, primary=True)] if facts.email else None,
        phone_numbers=[PhoneNumber(value=facts.phone, type=PhoneNumber.Type.work)] if facts.phone else None,
        meta=Meta(resource_type="User", created=facts.created, last_modified=facts.changed, location=location),
    )
    if facts.manager_id is not None:
        manager = Manager(value=str(facts.manager_id), ref=None, display_name=facts.manager_name)
        resource[EnterpriseUser] = EnterpriseUser(manager=manager)
    return resource


def dump(resource: Any) -> dict[str, Any]:
    """*resource* as it is sent."""
    return dict(resource.model_dump(scim_ctx=Context.RESOURCE_QUERY_RESPONSE))


def read_resource(body: Any, *, replaces: bool = False) -> Any:
    """The resource in *body*. Raises InvalidResource."""
    context = Context.RESOURCE_REPLACEMENT_REQUEST if replaces else Context.RESOURCE_CREATION_REQUEST
    if isinstance(body, Mapping):
        body = {name: value for name, value in drop_extensions(body, ScimUser).items() if not _is_passed_over(name)}
    try:
        return ScimUser.model_validate(body, scim_ctx=context)
    except ValidationError as problem:
        raise InvalidResource(Error.from_validation_error(problem.errors()[0])) from problem


def drop_extensions(body: Mapping[str, Any], kind: Any) -> dict[str, Any]:
    """*body* without the schemas that *kind* does not have, which the library would refuse, and without their
    attributes."""
    own = str(kind.__schema__).lower()
    found = {str(name): value for name, value in body.items() if ":" not in str(name)}
    for name in found:
        if name.lower() == "schemas" and isinstance(found[name], list):
            found[name] = [one for one in found[name] if not isinstance(one, str) or one.lower() == own]
    return found


def _is_passed_over(path: str) -> bool:
    """Whether *path* is about an attribute that is not stored here: of an extension, or one that others store."""
    name = path.lower().removeprefix(_CORE)
    root = _ROOT.match(name)
    return name.startswith(("urn:", "http:", "https:")) or (root is not None and root.group() in _OTHERS)


def _without_others(operation: Any) -> Any:
    """*operation* without what it says of attributes that are not stored; None where nothing is left."""
    if not isinstance(operation, Mapping) or str(operation.get("op", "")).lower() not in ("add", "replace", "remove"):
        return operation
    path, value = operation.get("path"), operation.get("value")
    if path:
        return None if _is_passed_over(str(path)) else operation
    if not isinstance(value, Mapping) or not value:
        return operation
    kept = {name: part for name, part in value.items() if not _is_passed_over(str(name))}
    return {**operation, "value": kept} if kept else None


def read_operations(body: Any) -> list[Any]:
    """The operations of a patch. Raises InvalidResource, also for paths so long that reading them takes minutes."""
    operations = body.get("Operations", body.get("operations")) if isinstance(body, Mapping) else None
    if not isinstance(operations, list) or not 0 < len(operations) <= MOST_OPERATIONS:
        raise InvalidResource(InvalidSyntaxException(detail=f"Operations must be a list of 1 to {MOST_OPERATIONS}"))
    if any(len(path) > LONGEST_PATH for operation in operations for path in _paths_of(operation)):
        raise InvalidResource(InvalidPathException(detail=f"A path has at most {LONGEST_PATH} characters"))
    return operations


def _paths_of(operation: Any) -> Iterator[str]:
    """The path of *operation*, or the names of its value, which are paths where there is none."""
    if isinstance(operation, Mapping):
        yield str(operation.get("path") or "")
        value = operation.get("value")
        yield from map(str, value) if isinstance(value, Mapping) else ()


def apply_patch(resource: Any, body: Any) -> Any:
    """Change *resource* as the operations of *body* say (RFC 7644, 3.5.2), and return it. Raises InvalidResource."""
    for operation in filter(None, map(_without_others, read_operations(body))):
        sent = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"]}
        sent["Operations"] = [_add_missing_value(resource, operation)]
        try:
            read = PatchOp[ScimUser].model_validate(sent, scim_ctx=Context.RESOURCE_PATCH_REQUEST)
            read.patch(resource)
        except ValidationError as problem:
            raise InvalidResource(Error.from_validation_error(problem.errors()[0])) from problem
        except SCIMException as problem:
            raise InvalidResource(problem) from problem
        if _count_values(resource) > MOST_VALUES:
            raise InvalidResource(InvalidValueException(detail=f"An attribute has at most {MOST_VALUES} values"))
    return resource


def _count_values(resource: Any) -> int:
    """How many values the attribute of *resource* has that has the most: each operation compares them all."""
    values = (getattr(resource, name) for name in type(resource).model_fields)
    return max((len(one) for one in values if isinstance(one, list)), default=0)


def read_wanted(resource: Any) -> WantedPerson:
    """What *resource* says about a person, as lines without control characters. Raises InvalidResource without an
    address."""
    emails = [email for email in resource.emails or () if email.value]
    first = next((email for email in emails if email.primary), emails[0] if emails else None)
    user_name = clean_line(resource.user_name or "")
    email = user_name if "@" in user_name else clean_line(str(first.value)) if first is not None else ""
    if not email:
        raise InvalidResource(InvalidValueException(detail="userName must be an email address"))
    name = resource.name
    parts = [name.given_name, name.family_name] if name is not None else []
    spelled = " ".join(part for part in parts if part)
    formatted = name.formatted if name is not None else ""
    phones = [phone.value for phone in resource.phone_numbers or () if phone.value]
    return WantedPerson(
        email=email[:320],
        name=clean_line(resource.display_name or formatted or spelled or email)[:200],
        title=clean_line(resource.title or "")[:100],
        phone=clean_line(str(phones[0]) if phones else "")[:50],
        active=resource.active is not False,
        external_id=clean_line(resource.external_id or "")[:255],
    )


def _add_missing_value(resource: Any, operation: Any) -> Any:
    """*operation*; where it sets a part of a value that is not there, such as the work address of somebody without
    one, the operation that adds it."""
    if not isinstance(operation, Mapping) or str(operation.get("op", "")).lower() not in ("add", "replace"):
        return operation
    match = _MISSING_VALUE.fullmatch(str(operation.get("path", "")))
    if match is None:
        return operation
    attribute, kind, part = match.groups()
    field = {"phonenumbers": "phone_numbers"}.get(attribute.lower(), attribute.lower())
    if any(str(getattr(one.type, "value", one.type)) == kind for one in getattr(resource, field) or ()):
        return operation
    return {"op": "add", "path": attribute, "value": [{"type": kind, part: operation.get("value")}]}
