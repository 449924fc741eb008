"""The question every action asks before it acts. Same answer for buttons (`can`) and for verbs (`require`)."""

from collections.abc import Callable
from typing import Any

from portal.authz.permissions import Permission
from portal.authz.roles import ROLES, CaseRole, ContactRole, StaffRole, roles_with
from portal.kernel.actor import Actor
from portal.kernel.errors import Forbidden

# What an actor is to one object (reporter, participant …), by the object's type; features register theirs.
Relation = Callable[[Actor, Any], set[CaseRole]]
_relations: dict[type, Relation] = {}


def register_relation(model: type, relation: Relation) -> None:
    """Let *relation* say what an actor is to an object of *model*. It must not assume that the object is visible."""
    _relations[model] = relation


def can(actor: Actor, permission: Permission, subject: Any = None) -> bool:
    """Whether *actor* may use *permission* on *subject* (which a scope already admitted), or anywhere at all.

    Staff are bounded by their accounts; contacts hold what the access rows covering the subject's account and
    environment give them, plus what they are to the object itself.
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
