"""Which fields of forms hold secrets: they are neither stored nor shown again, whatever becomes of their form."""

import re
from collections.abc import Iterable

from portal.web.declared_fields import password_field_names

_SECRET_NAME = re.compile(r"password|secret|code|token|csrf", re.IGNORECASE)


def find_secret_fields(names: Iterable[str]) -> set[str]:
    """Those of the fields called *names* that hold a secret: by their name, or as the password of any form."""
    passwords = password_field_names()
    return {name for name in names if _SECRET_NAME.search(name) or name in passwords}
