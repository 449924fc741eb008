"""Mailed links: invitations, new passwords, and links that sign in."""

import datetime as dt
import uuid

from flask_babel import gettext as _

from portal.identity import queries
from portal.identity.actions.passwords import set_password
from portal.identity.actions.people import add_person, change_profile
from portal.identity.link_purposes import INVITATION, RESET, SIGN_IN
from portal.identity.models import Address, User
from portal.kernel import actor, tokens
from portal.kernel.actor import Actor, Side
from portal.kernel.context import Context
from portal.kernel.errors import Conflict, Gone
from portal.kernel.events import record
from portal.kernel.system_context import act_as

INVITATION_LASTS = dt.timedelta(days=7)
RESET_LASTS = dt.timedelta(hours=1)
SIGN_IN_LASTS = dt.timedelta(hours=1)


def invite(ctx: Context, user: User) -> None:
    """Send *user* a link to choose a password; an older link dies; records `person.invited` (notifications mail it).

    Raises Conflict for somebody who already has a password.
    """
    if queries.password_of(ctx, user.id) is not None:
        raise Conflict(_("%(name)s already signs in", name=user.name))
    tokens.revoke_tokens(ctx, INVITATION, user.id)
    token_id = tokens.issue_token(ctx, INVITATION, user.id, INVITATION_LASTS)
    user.invited_at = ctx.now
    record(ctx, "person.invited", user, token=str(token_id))


def issue_claim_link(ctx: Context, user: User) -> uuid.UUID | None:
    """A link by which the holder of the address that *user* claims joins the organization that named it, for a mail to
    that address: the id of the link, or None where nobody claims, or the holder cannot sign in.

    It invites nobody: who named the address sees no difference, and older links stay.
    """
    if queries.claimed_address(ctx, user) is None:
        return None
    holder = queries.holder_of(ctx, user)
    if holder.id == user.id or holder.ended_at is not None or queries.password_of(ctx, holder.id) is None:
        return None
    return tokens.issue_token(ctx, INVITATION, user.id, INVITATION_LASTS)


def withdraw_invitation(ctx: Context, user: User) -> None:
    """Make the invitation link useless; records `person.invitation_withdrawn`."""
    tokens.revoke_tokens(ctx, INVITATION, user.id)
    user.invited_at = None
    record(ctx, "person.invitation_withdrawn", user)


def ask_reset(ctx: Context, email: str) -> None:
    """Send a link to whoever *email* belongs to, if they may sign in; the caller answers the same either way.

    Somebody who was invited and never came gets the invitation anew. Nobody has proved who they are, so the
    system acts.
    """
    act_as(ctx, actor.system(ctx.provider_id))
    user = queries.user_by_email(ctx, email)
    if user is None or user.ended_at is not None:
        return
    if queries.password_of(ctx, user.id) is not None:
        tokens.revoke_tokens(ctx, RESET, user.id)
        token_id = tokens.issue_token(ctx, RESET, user.id, RESET_LASTS)
        record(ctx, "person.reset_asked", user, token=str(token_id))
    elif user.invited_at is not None:
        invite(ctx, user)


def ask_sign_up(ctx: Context, *, name: str, email: str) -> None:
    """Send a link to choose a password to *email*, as the provider's registration allows; the caller answers the same
    either way.

    Somebody with a password gets a link for a new one, a stored person an invitation. A stranger is added where anyone
    may register, and sees nothing until an administrator gives them a place; records `person.registered`.
    """
    act_as(ctx, actor.system(ctx.provider_id))
    user = queries.user_by_email(ctx, email)
    if ctx.provider.registration == "invited" or (user is None and ctx.provider.registration != "anyone"):
        return
    if user is not None and queries.password_of(ctx, user.id) is not None:
        ask_reset(ctx, email)
        return
    if user is None:
        user = add_person(ctx, name=name, email=email)
    if user.ended_at is not None:
        return
    tokens.revoke_tokens(ctx, INVITATION, user.id)
    token_id = tokens.issue_token(ctx, INVITATION, user.id, INVITATION_LASTS)
    user.invited_at = ctx.now
    record(ctx, "person.registered", user, token=str(token_id))


def confirm_sign_in(ctx: Context, user: User) -> None:
    """Send *user*, whose password was right after too many wrong ones, a link that signs in; records
    `person.sign_in_asked`."""
    tokens.revoke_tokens(ctx, SIGN_IN, user.id)
    token_id = tokens.issue_token(ctx, SIGN_IN, user.id, SIGN_IN_LASTS)
    record(ctx, "person.sign_in_asked", user, token=str(token_id))


def spend_sign_in_link(ctx: Context, token: str) -> None:
    """Use up the link *token* that signs in. Raises NotFound or Gone."""
    tokens.load_live_token(ctx, SIGN_IN, token, spend=True)


def find_link_owner(ctx: Context, purpose: str, token: str) -> User:
    """The person whom the link *token* was mailed to; spends nothing. Raises NotFound or Gone."""
    return _link_owner(ctx, tokens.load_live_token(ctx, purpose, token))


def redeem_link(ctx: Context, purpose: str, token: str, password: str, *, name: str = "") -> User:
    """Spend an invitation or reset link, set the password (and *name*), verify the address the link was mailed to.

    Who holds the link acts as the person it was sent to; a claimed address is accepted. Raises NotFound or Gone for the
    link, Gone also for a claimed address whose holder has a password already (`accept_claim` is theirs), Refused for
    the password (then nothing is committed, and the link is still good).
    """
    user = _link_owner(ctx, tokens.load_live_token(ctx, purpose, token, spend=True))
    claimed = queries.claimed_address(ctx, user)
    proved = claimed.email_folded if claimed is not None else ""
    if claimed is not None:
        user = _become_holder(ctx, user, claimed)
        if queries.password_of(ctx, user.id) is not None:
            raise Gone
        tokens.revoke_tokens(ctx, INVITATION, user.id)
    act_as(ctx, Actor(Side.NOBODY, ctx.provider_id, user.id, name or user.name))
    if name and name != user.name:
        change_profile(ctx, user, name=name, phone=user.phone)
    set_password(ctx, user, password)
    for address in queries.addresses(ctx, user.id):
        if not proved or address.email_folded == proved:
            address.verified_at = address.verified_at or ctx.now
            break
    return user


def accept_claim(ctx: Context, token: str) -> User:
    """Spend the invitation *token* of a claimed address whose holder signs in already: the holder gets the places of
    the claimant. Nobody is signed in. Records `person.claim_accepted`; raises NotFound or Gone for the link."""
    claimant = _link_owner(ctx, tokens.load_live_token(ctx, INVITATION, token, spend=True))
    claimed = queries.claimed_address(ctx, claimant)
    if claimed is None:
        raise Gone
    return _become_holder(ctx, claimant, claimed)


def _become_holder(ctx: Context, claimant: User, claimed: Address) -> User:
    """Make *claimant* one person with the holder of the address *claimed*, who proved it by the link; returns the
    holder. Reactions move what the claimant has; their row stays for the history. Raises Gone for a holder whose
    access was ended."""
    holder = queries.user_by_email(ctx, claimed.email)
    if holder is None:
        claimed.claimed = False
        ctx.session.flush()
        return claimant
    if holder.ended_at is not None:
        raise Gone
    act_as(ctx, Actor(Side.NOBODY, ctx.provider_id, holder.id, holder.name))
    tokens.revoke_tokens(ctx, INVITATION, claimant.id)
    ctx.session.delete(claimed)
    claimant.ended_at, claimant.merged_into_id = ctx.now, holder.id
    ctx.session.flush()
    record(ctx, "person.claim_accepted", holder, claimant=str(claimant.id))
    return holder


def _link_owner(ctx: Context, link: tokens.TokenHash) -> User:
    user = ctx.session.get(User, link.subject_id)
    if user is None or user.provider_id != ctx.provider_id or user.ended_at is not None:
        raise Gone
    return user
