"""The manager in what an identity provider sends: of the enterprise extension (RFC 7643, 4.3), whole or in a patch."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:user"
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class WantedManager:
    """Whom a person shall report to: the id of a resource as it was sent; '' for nobody."""

    id: str


def read_manager(body: Any) -> WantedManager | None:
    """The manager that *body*, a resource or a patch, asks for; of several operations the last. None where it says
    nothing of it: then the line stays."""
    if not isinstance(body, Mapping):
        return None
    operations = body.get("Operations", body.get("operations"))
    if isinstance(operations, list):
        found = [one for operation in operations for one in _of_operation(operation)]
        return found[-1] if found else None
    found = list(_of_attributes(body))
    return found[-1] if found else None


def _of_operation(operation: Any) -> Iterator[WantedManager]:
    if not isinstance(operation, Mapping):
        return
    verb, path, value = (operation.get(name) for name in ("op", "path", "value"))
    removes = str(verb).lower() == "remove"
    if not path:
        if not removes and isinstance(value, Mapping):
            yield from _of_attributes(value)
        return
    name = str(path)[:_LONGEST].lower()
    if name in (f"{ENTERPRISE}:manager", f"{ENTERPRISE}:manager.value"):
        yield WantedManager("") if removes else _read(value)
    elif name == ENTERPRISE:
        if removes:
            yield WantedManager("")
        elif isinstance(value, Mapping):
            yield from _of_attributes({ENTERPRISE: value})


def _of_attributes(body: Mapping[Any, Any]) -> Iterator[WantedManager]:
    """The manager among attributes: in the extension, or under its full name."""
    for name, value in body.items():
        full = str(name)[:_LONGEST].lower()
        if full == ENTERPRISE and isinstance(value, Mapping):
            for part, manager in value.items():
                if str(part)[:_LONGEST].lower() == "manager":
                    yield _read(manager)
        elif full in (f"{ENTERPRISE}:manager", f"{ENTERPRISE}:manager.value"):
            yield _read(value)


def _read(value: Any) -> WantedManager:
    """The id in *value*: a text, or a value with parts."""
    if isinstance(value, list):
        value = value[0] if value else ""
    if isinstance(value, Mapping):
        value = next((part for name, part in value.items() if str(name).lower() == "value"), "")
    return WantedManager(value.strip()[:_LONGEST] if isinstance(value, str) else "")
