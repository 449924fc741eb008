"""The fields that a request type's form shows on the portal, as the provider chose.

Subject and description are always asked. The account is asked of people who have several. Severity and files have
columns of their own on the request type. The desk's form shows every field.
"""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal.cases.models import RequestType

OFF, OPTIONAL, REQUIRED = "off", "optional", "required"
# Fields in the order of the form, with whether they can be required.
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
    """The modes that a provider may choose for a field."""
    return (OFF, OPTIONAL, REQUIRED) if FIELDS[name] else (OFF, OPTIONAL)


def mode_of(kind: RequestType, name: str) -> str:
    """The mode of field *name*: 'off', 'optional' or 'required'."""
    return str(kind.fields.get(name, OPTIONAL))


def visible_fields(kind: RequestType) -> dict[str, str]:
    """The fields that the form of *kind* shows, with their modes."""
    return {name: mode for name in FIELDS if (mode := mode_of(kind, name)) != OFF}


def clean_modes(fields: Mapping[str, str]) -> dict[str, str]:
    """*fields* without the optional ones. Raises KeyError for an unknown name, ValueError for an unknown mode."""
    for name, mode in fields.items():
        if mode not in modes(name):
            raise ValueError(name)
    return {name: fields[name] for name in FIELDS if fields.get(name, OPTIONAL) != OPTIONAL}


def clear_hidden_fields(form: Any, kind: RequestType) -> None:
    """Clear the fields that the form of *kind* does not show, whatever was sent. A hidden `notify` means yes."""
    for name in FIELDS:
        if mode_of(kind, name) == OFF:
            form[name].data = True if name == "notify" else ""
    if mode_of(kind, "contact") == OFF:
        form.person_name.data = form.person_email.data = ""


def reject_missing(form: Any, kind: RequestType) -> bool:
    """Add an error to every required field that is empty; returns whether there was one.

    A field without choices is not required. A description that is the request type's template and nothing more is
    empty: its questions were not answered.
    """
    found = False
    template = kind.template.split()
    if template and (form.description.data or "").split() == template:
        form.description.errors = [*form.description.errors, _("Describe what is happening")]
        found = True
    for name in FIELDS:
        if mode_of(kind, name) != REQUIRED or (form[name].data or "").strip():
            continue
        choices = getattr(form[name], "choices", None)
        if choices is None or len(choices) > 1:
            form[name].errors = [*form[name].errors, str(_MISSING_MESSAGES[name])]
            found = True
    return found


def unknown_choice_message(name: str) -> str:
    """The message for a field or mode that does not exist."""
    return _("There is no such choice for the field “%(name)s”", name=name)
