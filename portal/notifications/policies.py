"""Scopes of notifications: everybody sees their own, on their present side; administrators see mails."""

from typing import Any

from sqlalchemy import ColumnElement, Select, not_, or_, select

from portal.authz import scopes
from portal.authz.access import can
from portal.authz.permissions import Permission
from portal.cases.models import Case
from portal.cases.policies import visible_cases
from portal.kernel.actor import Actor
from portal.notifications.models import (
    DigestEntry,
    MailChoice,
    Notification,
    OutgoingMail,
    PushChoice,
    PushDevice,
    QuietHours,
    SendingFault,
)


def own_notifications(actor: Actor) -> "Select[Any]":
    """The actor's own lines on this side, but none about a case that they may no longer see."""
    rows = select(Notification).where(Notification.provider_id == actor.provider_id)
    if actor.is_system:
        return rows
    return rows.where(
        Notification.user_id == actor.user_id,
        Notification.side == str(actor.side),
        _about_visible(actor, Notification.case_id),
    )


def own_mail_choices(actor: Actor) -> "Select[Any]":
    """The actor's own choices."""
    rows = select(MailChoice).where(MailChoice.provider_id == actor.provider_id)
    return rows if actor.is_system else rows.where(MailChoice.user_id == actor.user_id)


def own_quiet_hours(actor: Actor) -> "Select[Any]":
    """The actor's own quiet hours."""
    rows = select(QuietHours).where(QuietHours.provider_id == actor.provider_id)
    return rows if actor.is_system else rows.where(QuietHours.user_id == actor.user_id)


def own_push_devices(actor: Actor) -> "Select[Any]":
    """The actor's own devices, those of both sides: a browser is one."""
    rows = select(PushDevice).where(PushDevice.provider_id == actor.provider_id)
    return rows if actor.is_system else rows.where(PushDevice.user_id == actor.user_id)


def own_push_choices(actor: Actor) -> "Select[Any]":
    """The actor's own choices about what is pushed."""
    rows = select(PushChoice).where(PushChoice.provider_id == actor.provider_id)
    return rows if actor.is_system else rows.where(PushChoice.user_id == actor.user_id)


def visible_mails(actor: Actor) -> "Select[Any]":
    """For administrators: mails about no case, and mails about cases that they may see; of a digest they must see all
    cases."""
    rows = select(OutgoingMail).where(OutgoingMail.provider_id == actor.provider_id)
    if actor.is_system:
        return rows
    if not (actor.is_staff and can(actor, Permission.MAIL_SEE)):
        return scopes.select_nothing(rows)
    hidden = select(DigestEntry.id).where(
        DigestEntry.mail_id == OutgoingMail.id, not_(_about_visible(actor, DigestEntry.case_id))
    )
    return rows.where(_about_visible(actor, OutgoingMail.case_id), not_(hidden.exists()))


def visible_sending_faults(actor: Actor) -> "Select[Any]":
    """The ways out that do not work, for whoever may see mails."""
    rows = select(SendingFault).where(SendingFault.provider_id == actor.provider_id)
    sees = actor.is_system or (actor.is_staff and can(actor, Permission.MAIL_SEE))
    return rows if sees else scopes.select_nothing(rows)


def own_digest_entries(actor: Actor) -> "Select[Any]":
    """The actor's own entries of digests, but none about a case that they may no longer see."""
    rows = select(DigestEntry).where(DigestEntry.provider_id == actor.provider_id)
    if actor.is_system:
        return rows
    return rows.where(DigestEntry.user_id == actor.user_id, _about_visible(actor, DigestEntry.case_id))


def _about_visible(actor: Actor, case_id: Any) -> ColumnElement[bool]:
    """About no case, or one that *actor* may see: looked up row by row, so that the bell does not read all visible
    cases."""
    return or_(case_id.is_(None), visible_cases(actor).where(Case.id == case_id).exists())


scopes.register_scope(DigestEntry, own_digest_entries)
scopes.register_scope(MailChoice, own_mail_choices)
scopes.register_scope(Notification, own_notifications)
scopes.register_scope(OutgoingMail, visible_mails)
scopes.register_scope(PushChoice, own_push_choices)
scopes.register_scope(PushDevice, own_push_devices)
scopes.register_scope(QuietHours, own_quiet_hours)
scopes.register_scope(SendingFault, visible_sending_faults)
