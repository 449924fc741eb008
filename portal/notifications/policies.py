"""Everybody sees their own bell, on the side they stand; what was mailed is for administrators."""

from typing import Any

from sqlalchemy import Select, or_, select

from portal.authz import scopes
from portal.authz.access import can
from portal.authz.permissions import Permission
from portal.cases.models import Case
from portal.cases.policies import visible_cases
from portal.kernel.actor import Actor
from portal.notifications.models import Notification, OutgoingMail


def own_notifications(actor: Actor) -> "Select[Any]":
    """One's own lines on this side, but none about a case that one may no longer see."""
    rows = select(Notification).where(Notification.provider_id == actor.provider_id)
    if actor.is_system:
        return rows
    cases = visible_cases(actor).with_only_columns(Case.id)
    return rows.where(
        Notification.user_id == actor.user_id, Notification.side == str(actor.side),
        or_(Notification.case_id.is_(None), Notification.case_id.in_(cases)),
    )


def visible_mails(actor: Actor) -> "Select[Any]":
    """Administrators: mails of the house, and those about cases they may see."""
    rows = select(OutgoingMail).where(OutgoingMail.provider_id == actor.provider_id)
    if actor.is_system:
        return rows
    if not (actor.is_staff and can(actor, Permission.MAIL_SEE)):
        return scopes.nothing(rows)
    cases = visible_cases(actor).with_only_columns(Case.id)
    return rows.where(or_(OutgoingMail.case_id.is_(None), OutgoingMail.case_id.in_(cases)))


scopes.register(Notification, own_notifications)
scopes.register(OutgoingMail, visible_mails)
