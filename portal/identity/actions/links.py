"""Mailed links: invitations, new passwords, and links that sign in."""

import datetime as dt
import hmac
import uuid

from flask_babel import gettext as _

from portal.identity import one_time_codes, queries
from portal.identity.actions.passwords import set_password
from portal.identity.actions.people import add_person, change_profile
from portal.identity.link_purposes import INVITATION, RESET, SIGN_IN, SIGN_IN_CODE
from portal.identity.models import Address, User
from portal.identity.registration_rules import INVITED, OPEN_TO_STRANGERS, find_registration_mode
from portal.kernel import actor, tokens
from portal.kernel.actor import Actor, Side
from portal.kernel.context import Context
from portal.kernel.errors import Conflict, Gone, NotFound, Refused
from portal.kernel.events import record
from portal.kernel.system_context import act_as

INVITATION_LASTS = dt.timedelta(days=7)
RESET_LASTS = dt.timedelta(hours=1)
SIGN_IN_LASTS = dt.timedelta(hours=1)
SIGN_IN_CODE_LASTS = dt.timedelta(minutes=15)


def invite(ctx: Context, user: User) -> None:
    """Send *user* a link to choose a password; an older link dies; records `person.invited` (notifications mail it).

    Raises Conflict for somebody who already has a password.
    """
    if not invite_unless_signing_in(ctx, user):
        raise Conflict(_("%(name)s already signs in", name=user.name))


def invite_unless_signing_in(ctx: Context, user: User) -> bool:
    """`invite` *user* if they have no password; returns whether they have none."""
    if queries.password_of(ctx, user.id) is not None:
        return False
    tokens.revoke_tokens(ctx, INVITATION, user.id)
    token_id = tokens.issue_token(ctx, INVITATION, user.id, INVITATION_LASTS)
    user.invited_at = ctx.now
    record(ctx, "person.invited", user, token=str(token_id))
    return True


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

    Somebody who was invited and never came gets the invitation anew. Who signs in at an identity provider only has
    proved the address there, and may choose a first password. Nobody has proved who they are now, so the system acts.
    """
    act_as(ctx, actor.system(ctx.provider_id))
    user = queries.user_by_email(ctx, email)
    if user is None or user.ended_at is not None:
        return
    if queries.password_of(ctx, user.id) is not None or queries.has_proved_address(ctx, user.id):
        tokens.revoke_tokens(ctx, RESET, user.id)
        token_id = tokens.issue_token(ctx, RESET, user.id, RESET_LASTS)
        record(ctx, "person.reset_asked", user, token=str(token_id))
    elif user.invited_at is not None:
        invite(ctx, user)


def ask_sign_up(ctx: Context, *, name: str, email: str) -> None:
    """Send a link to choose a password to *email*, as the registration of its organization or of the provider allows;
    the caller answers the same either way.

    Somebody with a password gets a link for a new one, a stored person an invitation. A stranger is added where people
    may register, and gets a place, or waits for a decision, once they have proved the address; records
    `person.registered`.
    """
    act_as(ctx, actor.system(ctx.provider_id))
    user = queries.user_by_email(ctx, email)
    if user is not None and queries.password_of(ctx, user.id) is not None:
        ask_reset(ctx, email)
        return
    mode = find_registration_mode(ctx, email, user)
    if mode == INVITED or (user is None and mode not in OPEN_TO_STRANGERS):
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


def send_sign_in_code(ctx: Context, user: User, request_id: uuid.UUID) -> None:
    """Send *user*, who asked for it in place of a password, a link and a code that sign in; records
    `person.sign_in_code_asked`. Somebody who was invited and never came gets the invitation anew."""
    act_as(ctx, actor.system(ctx.provider_id))
    if queries.password_of(ctx, user.id) is not None:
        token_id = tokens.issue_token(ctx, SIGN_IN_CODE, user.id, SIGN_IN_CODE_LASTS, token_id=request_id)
        record(ctx, "person.sign_in_code_asked", user, token=str(token_id))
    elif user.invited_at is not None:
        invite(ctx, user)


def find_sign_in_request(ctx: Context, token: str) -> uuid.UUID:
    """The request that the link *token* answers; spends nothing. Raises NotFound or Gone."""
    return tokens.load_live_token(ctx, SIGN_IN_CODE, token).id


def spend_sign_in_code(ctx: Context, request_id: uuid.UUID, typed: str | None) -> User:
    """Use up the link that answers the request *request_id*, by its button (*typed* is None) or by the code; returns
    its person. Raises Refused for a wrong code, Gone for a link that was used or is too old."""
    code = one_time_codes.clean_code(typed or "").encode("utf-8", "replace")
    if typed is not None and not hmac.compare_digest(code, tokens.derive_code(request_id).encode()):
        raise Refused(_("That code is not right. Type the one from the newest email"), "code")
    try:
        return _link_owner(ctx, tokens.load_live_token(ctx, SIGN_IN_CODE, tokens.derive_token(request_id), spend=True))
    except NotFound:
        raise Gone from None


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
    # Before the event of the password: who registered is received by it, and must have proved their address.
    for address in queries.addresses(ctx, user.id):
        if not proved or address.email_folded == proved:
            address.verified_at = address.verified_at or ctx.now
            break
    set_password(ctx, user, password)
    return user


def accept_claim(ctx: Context, token: str) -> User:
    """Spend the invitation *token* of a claimed address whose holder signs in already: the holder gets the places of
    the claimant. Nobody is signed in. Records `person.claim_accepted`; raises NotFound or Gone for the link."""
    claimant = _link_owner(ctx, tokens.load_live_token(ctx, INVITATION, token, spend=True))
    claimed = queries.claimed_address(ctx, claimant)
    if claimed is None:
        raise Gone
    return _become_holder(ctx, claimant, claimed)


def accept_proved_claim(ctx: Context, claimant: User) -> User:
    """Make *claimant* one person with the holder of the address that they claim, because the holder has just proved it
    in another way than by the link. The caller acts as the system. Records `person.claim_accepted`."""
    claimed = queries.claimed_address(ctx, claimant)
    return claimant if claimed is None else _become_holder(ctx, claimant, claimed)


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
    if not ctx.actor.is_system:
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
