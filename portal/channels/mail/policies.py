"""Scopes of mail that arrives: staff see mailboxes; administrators see mails, but none of a case that they may not."""

from typing import Any

from sqlalchemy import Select, or_, select

from portal.authz import scopes
from portal.authz.access import can
from portal.authz.permissions import Permission
from portal.cases.models import Case
from portal.cases.policies import visible_cases
from portal.channels.mail.models import InboundMail, Mailbox, MailboxConnection, MailboxTest
from portal.kernel.actor import Actor


def visible_mailboxes(actor: Actor) -> "Select[Any]":
    """The mailboxes of the provider, for staff."""
    rows = select(Mailbox).where(Mailbox.provider_id == actor.provider_id)
    return rows if actor.is_system or actor.is_staff else scopes.select_nothing(rows)


def visible_mailbox_connections(actor: Actor) -> "Select[Any]":
    """The servers of mailboxes, for whoever configures the provider."""
    rows = select(MailboxConnection).where(MailboxConnection.provider_id == actor.provider_id)
    return rows if actor.is_system or _configures(actor) else scopes.select_nothing(rows)


def visible_mailbox_tests(actor: Actor) -> "Select[Any]":
    """The tests of mailboxes, for whoever configures the provider."""
    rows = select(MailboxTest).where(MailboxTest.provider_id == actor.provider_id)
    return rows if actor.is_system or _configures(actor) else scopes.select_nothing(rows)


def _configures(actor: Actor) -> bool:
    return actor.is_staff and can(actor, Permission.PROVIDER_CONFIGURE)


def visible_inbound_mails(actor: Actor) -> "Select[Any]":
    """For whoever may see mails: those of no case, and those of cases that they may see."""
    rows = select(InboundMail).where(InboundMail.provider_id == actor.provider_id)
    if actor.is_system:
        return rows
    if not (actor.is_staff and can(actor, Permission.MAIL_SEE)):
        return scopes.select_nothing(rows)
    about_visible = visible_cases(actor).where(Case.id == InboundMail.case_id).exists()
    return rows.where(or_(InboundMail.case_id.is_(None), about_visible))


scopes.register_scope(InboundMail, visible_inbound_mails)
scopes.register_scope(Mailbox, visible_mailboxes)
scopes.register_scope(MailboxConnection, visible_mailbox_connections)
scopes.register_scope(MailboxTest, visible_mailbox_tests)
