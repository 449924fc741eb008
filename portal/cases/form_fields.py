"""Which fields the form of a request type shows: the provider's choice per type, for the portal's form.

Subject and description are always asked; the account only of people who have several; severity and files have columns
of their own on the type. On the desk, where people call, the form shows everything.
"""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal.cases.models import RequestType

OFF, OPTIONAL, REQUIRED = "off", "optional", "required"
# Fields in the order of the form, and whether an answer can be demanded.
FIELDS: Mapping[str, bool] = {
    "contact": False,
    "environment": True,
    "phone": True,
    "email": True,
    "cc": False,
    "visibility": False,
    "department": True,
    "notify": False,
}
LABELS: Mapping[str, Any] = {
    "contact": _l("Somebody else is affected"),
    "environment": _l("Environment"),
    "phone": _l("Phone"),
    "email": _l("Email"),
    "cc": _l("Copy to"),
    "visibility": _l("Private or shared"),
    "department": _l("Department"),
    "notify": _l("Whether the contact is emailed"),
}
_MISSING_MESSAGES: Mapping[str, Any] = {
    "environment": _l("Choose an environment"),
    "phone": _l("Write a phone number"),
    "email": _l("Write an email address"),
    "department": _l("Choose a department"),
}


def modes(name: str) -> tuple[str, ...]:
    """What a provider may choose for a field."""
    return (OFF, OPTIONAL, REQUIRED) if FIELDS[name] else (OFF, OPTIONAL)


def mode_of(kind: RequestType, name: str) -> str:
    """'off', 'optional' or 'required'."""
    return str(kind.fields.get(name, OPTIONAL))


def visible_fields(kind: RequestType) -> dict[str, str]:
    """Every field that the form of *kind* shows, with its mode."""
    return {name: mode for name in FIELDS if (mode := mode_of(kind, name)) != OFF}


def clean_modes(fields: Mapping[str, str]) -> dict[str, str]:
    """*fields* without those that are as usual; KeyError for an unknown name, ValueError for an impossible mode."""
    for name, mode in fields.items():
        if mode not in modes(name):
            raise ValueError(name)
    return {name: fields[name] for name in FIELDS if fields.get(name, OPTIONAL) != OPTIONAL}


def clear_hidden_fields(form: Any, kind: RequestType) -> None:
    """Empty what the form of *kind* does not show, whatever was sent; nobody is told nothing by a missing tick."""
    for name in FIELDS:
        if mode_of(kind, name) == OFF:
            form[name].data = True if name == "notify" else ""
    if mode_of(kind, "contact") == OFF:
        form.person_name.data = form.person_email.data = ""


def reject_missing(form: Any, kind: RequestType) -> bool:
    """Whether a field that *kind* demands is empty; its error says what to do. Nothing to choose from: no demand."""
    found = False
    for name in FIELDS:
        if mode_of(kind, name) != REQUIRED or (form[name].data or "").strip():
            continue
        choices = getattr(form[name], "choices", None)
        if choices is None or len(choices) > 1:
            form[name].errors = [*form[name].errors, str(_MISSING_MESSAGES[name])]
            found = True
    return found


def unknown_choice_message(name: str) -> str:
    """What to say about a field or mode that does not exist."""
    return _("There is no such choice for the field “%(name)s”", name=name)
