"""The permission check of every action. Buttons (`can`) and verbs (`require`) use the same check."""

from collections.abc import Callable
from typing import Any

from portal.authz.permissions import Permission
from portal.authz.roles import ROLES, CaseRole, ContactRole, StaffRole, roles_with
from portal.kernel.actor import Actor
from portal.kernel.errors import Forbidden

# The relation of an actor to one object (reporter, participant …), by the object's type. Features register theirs.
Relation = Callable[[Actor, Any], set[CaseRole]]
_relations: dict[type, Relation] = {}


def register_relation(model: type, relation: Relation) -> None:
    """Let *relation* return the relation of an actor to an object of *model*. It must not assume that the object is
    visible."""
    _relations[model] = relation


def can(actor: Actor, permission: Permission, subject: Any = None) -> bool:
    """Whether *actor* may use *permission* on *subject* (which a scope already admitted), or anywhere at all.

    Staff are limited to their accounts. Contacts have the permissions of the access rows that cover the subject's
    account and environment, and those of their relation to the object.
    """
    if actor.is_system:
        return True
    if actor.is_staff:
        if permission not in ROLES[StaffRole(actor.role)]:
            return False
        account_id = getattr(subject, "account_id", None)
        return actor.all_accounts or account_id is None or account_id in actor.account_ids
    if not actor.is_contact:
        return False
    if subject is None:
        return any(permission in ROLES[ContactRole(row.role)] for row in actor.access)
    relation = _relations.get(type(subject))
    if relation and any(permission in ROLES[role] for role in relation(actor, subject)):
        return True
    organization_id = getattr(subject, "organization_id", None)
    return any(
        permission in ROLES[ContactRole(row.role)]
        for row in actor.access
        if row.organization_id == organization_id
        and row.covers(getattr(subject, "account_id", None), getattr(subject, "environment_id", None))
    )


def require(actor: Actor, permission: Permission, subject: Any = None) -> None:
    """Raise Forbidden, naming the roles that may, unless *actor* `can`."""
    if not can(actor, permission, subject):
        raise Forbidden(who_may=[str(role) for role in roles_with(permission)])
