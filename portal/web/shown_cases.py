"""The cases whose words a request shows at an address that does not name them. What notes who read a case asks here."""

import uuid

from flask import g


def remember_shown_case(case_id: uuid.UUID | None) -> None:
    """Say that the answer to this request shows words of a case; None: of none."""
    if case_id is not None:
        g.setdefault("shown_cases", set()).add(case_id)


def shown_cases() -> frozenset[uuid.UUID]:
    """The ids of these cases."""
    return frozenset(g.get("shown_cases", ()))
