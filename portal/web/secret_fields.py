"""Which fields of forms hold secrets: they are neither stored nor shown again, whatever becomes of their form."""

import re
from collections.abc import Iterable

from wtforms import PasswordField

from portal.web.forms import Form

_SECRET_NAME = re.compile(r"password|secret|code|token|csrf", re.IGNORECASE)


def find_secret_fields(names: Iterable[str]) -> set[str]:
    """Those of the fields called *names* that hold a secret: by their name, or as the password of any form."""
    passwords = password_field_names()
    return {name for name in names if _SECRET_NAME.search(name) or name in passwords}


def password_field_names() -> set[str]:
    """The names of the password fields of all forms there are, `current` of the change of a password among them.

    It is computed at each call, because forms are also made at run time; it is called once for a failed form.
    """
    return {name for form in _descendants(Form) for name in _password_fields(form)}


def _descendants(form: type[Form]) -> set[type[Form]]:
    found = {form}
    for child in form.__subclasses__():
        found |= _descendants(child)
    return found


def _password_fields(form: type[Form]) -> list[str]:
    declared = {name: getattr(getattr(form, name), "field_class", None) for name in dir(form)}
    return [name for name, kind in declared.items() if isinstance(kind, type) and issubclass(kind, PasswordField)]
