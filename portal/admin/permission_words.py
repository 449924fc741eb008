"""The permission matrix as a page shows it: printed from `authz.permissions` and `authz.roles`, never written twice."""

import inspect
import re
from dataclasses import dataclass
from functools import lru_cache

from flask_babel import gettext as _

from portal.authz import permissions
from portal.authz.permissions import Permission
from portal.authz.roles import ROLES, CaseRole, ContactRole, StaffRole
from portal.web.role_labels import SUMMARIES, role_name

_LINE = re.compile(r'^\s+([A-Z_]+) = "[a-z:-]+"  # (.+)$', re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    summary: str


@dataclass(frozen=True, slots=True)
class Row:
    """A permission in words, and for each column whether the role holds it."""

    key: str
    meaning: str
    held: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class Group:
    title: str
    note: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]


@lru_cache(maxsize=1)
def meanings() -> dict[Permission, str]:
    """What the comment beside each permission says."""
    found = dict(_LINE.findall(inspect.getsource(permissions)))
    return {permission: found.get(permission.name, permission.value) for permission in Permission}


def matrix() -> list[Group]:
    """Staff, contacts, and what somebody is to one case: permissions that at least one of the group's roles holds."""
    return [
        _group(_("Your team"), _("What a staff member may do in the accounts they look after."), list(StaffRole)),
        _group(
            _("Clients"),
            _("Held per account or environment, so one person may have different roles."),
            list(ContactRole),
        ),
        _group(_("On one case"), _("What somebody may do on a case because of what they are to it."), list(CaseRole)),
    ]


def _group(title: str, note: str, roles: list[StaffRole] | list[ContactRole] | list[CaseRole]) -> Group:
    columns = tuple(Column(role_name(role), str(SUMMARIES.get(role, ""))) for role in roles)
    rows = tuple(
        Row(permission.value, _(meaning), tuple(permission in ROLES[role] for role in roles))
        for permission, meaning in meanings().items()
        if any(permission in ROLES[role] for role in roles)
    )
    return Group(title, note, columns, rows)
