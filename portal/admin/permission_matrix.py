"""The permission matrix as a page shows it: printed from `authz.permissions` and `authz.roles`, never written twice."""

import inspect
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from flask_babel import gettext as _

from portal.authz import permissions
from portal.authz.permissions import Permission
from portal.authz.roles import ROLES, CaseRole, ContactRole, StaffRole
from portal.web.role_labels import SUMMARIES, role_name

_LINE = re.compile(r'^\s+([A-Z_]+) = "[a-z:-]+"  # (.+)$', re.MULTILINE)


@dataclass(frozen=True, slots=True)
class MatrixColumn:
    name: str
    summary: str


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """A permission in words, and for each column whether the role holds it."""

    key: str
    meaning: str
    held: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class MatrixGroup:
    title: str
    note: str
    columns: tuple[MatrixColumn, ...]
    rows: tuple[MatrixRow, ...]


@lru_cache(maxsize=1)
def permission_meanings() -> Mapping[Permission, str]:
    """The meaning of each permission, from its comment."""
    found = dict(_LINE.findall(inspect.getsource(permissions)))
    return MappingProxyType({permission: found.get(permission.name, permission.value) for permission in Permission})


def permission_matrix() -> list[MatrixGroup]:
    """The groups of roles (staff, contacts, relations to one case), each with the permissions of at least one of its
    roles."""
    return [
        _matrix_group(
            _("Your team"), _("What a staff member may do in the accounts they look after."), list(StaffRole)
        ),
        _matrix_group(
            _("Clients"),
            _("Given per account or environment, so one person may have different roles."),
            list(ContactRole),
        ),
        _matrix_group(
            _("On one case"), _("What a person may do on a case because of their part in it."), list(CaseRole)
        ),
    ]


def _matrix_group(title: str, note: str, roles: list[StaffRole] | list[ContactRole] | list[CaseRole]) -> MatrixGroup:
    columns = tuple(MatrixColumn(role_name(role), str(SUMMARIES.get(role, ""))) for role in roles)
    rows = tuple(
        MatrixRow(permission.value, _(meaning), tuple(permission in ROLES[role] for role in roles))
        for permission, meaning in permission_meanings().items()
        if any(permission in ROLES[role] for role in roles)
    )
    return MatrixGroup(title, note, columns, rows)
