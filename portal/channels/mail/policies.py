"""Scopes of mail that arrives: staff see mailboxes; administrators see mails, but none of a case that they may not."""

from typing import Any

from sqlalchemy import Select, or_, select

from portal.authz import scopes
from portal.authz.access import can
from portal.authz.permissions import Permission
from portal.cases.models import Case
from portal.cases.policies import visible_cases
from portal.channels.mail.models import (
    AccountSender,
    CopyProposal,
    InboundMail,
    Mailbox,
    MailboxConnection,
    MailboxTest,
    MailboxToken,
)
from portal.kernel.actor import Actor


def visible_mailboxes(actor: Actor) -> "Select[Any]":
    """The mailboxes of the provider, for staff."""
    rows = select(Mailbox).where(Mailbox.provider_id == actor.provider_id)
    return rows if actor.is_system or actor.is_staff else scopes.select_nothing(rows)


def visible_mailbox_connections(actor: Actor) -> "Select[Any]":
    """The servers of mailboxes, for whoever connects mailboxes."""
    rows = select(MailboxConnection).where(MailboxConnection.provider_id == actor.provider_id)
    return rows if actor.is_system or _configures(actor) else scopes.select_nothing(rows)


def visible_mailbox_tokens(actor: Actor) -> "Select[Any]":
    """The tokens of mailboxes, for whoever connects mailboxes."""
    rows = select(MailboxToken).where(MailboxToken.provider_id == actor.provider_id)
    return rows if actor.is_system or _configures(actor) else scopes.select_nothing(rows)


def visible_mailbox_tests(actor: Actor) -> "Select[Any]":
    """The tests of mailboxes, for whoever connects mailboxes."""
    rows = select(MailboxTest).where(MailboxTest.provider_id == actor.provider_id)
    return rows if actor.is_system or _configures(actor) else scopes.select_nothing(rows)


def visible_account_senders(actor: Actor) -> "Select[Any]":
    """From whom mails of accounts come, for whoever connects mailboxes."""
    rows = select(AccountSender).where(AccountSender.provider_id == actor.provider_id)
    return rows if actor.is_system or _configures(actor) else scopes.select_nothing(rows)


def _configures(actor: Actor) -> bool:
    return actor.is_staff and can(actor, Permission.PROVIDER_CONNECT)


def visible_inbound_mails(actor: Actor) -> "Select[Any]":
    """For whoever may see mails: those of no case, and those of cases that they may see. For other staff: those
    that are part of cases that they may see."""
    rows = select(InboundMail).where(InboundMail.provider_id == actor.provider_id)
    if actor.is_system:
        return rows
    if not actor.is_staff:
        return scopes.select_nothing(rows)
    about_visible = visible_cases(actor).where(Case.id == InboundMail.case_id).exists()
    if not can(actor, Permission.MAIL_SEE):
        return rows.where(InboundMail.fate.in_(["case", "comment"]), about_visible)
    return rows.where(or_(InboundMail.case_id.is_(None), about_visible))


def visible_copy_proposals(actor: Actor) -> "Select[Any]":
    """Staff: of the cases that they see. Contacts: those that mails of their own made, in cases that they see."""
    rows = select(CopyProposal).where(
        CopyProposal.provider_id == actor.provider_id,
        CopyProposal.case_id.in_(visible_cases(actor).with_only_columns(Case.id)),
    )
    return rows if actor.is_system or actor.is_staff else rows.where(CopyProposal.proposed_by_id == actor.user_id)


scopes.register_scope(CopyProposal, visible_copy_proposals)
scopes.register_scope(AccountSender, visible_account_senders)
scopes.register_scope(InboundMail, visible_inbound_mails)
scopes.register_scope(Mailbox, visible_mailboxes)
scopes.register_scope(MailboxConnection, visible_mailbox_connections)
scopes.register_scope(MailboxToken, visible_mailbox_tokens)
scopes.register_scope(MailboxTest, visible_mailbox_tests)
