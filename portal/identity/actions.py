"""Writes about people and their sign-ins. Each action records its event; none of them commits."""

import datetime as dt
import secrets
import uuid
from collections.abc import Iterable, Mapping, Sequence

from flask_babel import gettext as _
from sqlalchemy import delete, or_, select, update

from portal.identity import passwords, queries
from portal.identity.models import Address, BrowserSession, Password, UnsentForm, User
from portal.kernel import actor, outbox, retention, text, tokens
from portal.kernel.actor import Actor, Id, Side
from portal.kernel.context import Context
from portal.kernel.errors import Conflict, Forbidden, Gone, Refused
from portal.kernel.events import record
from portal.kernel.system_context import act_as

INVITATION = "invitation"
RESET = "password_reset"
SIGN_IN = "sign_in"
INVITATION_LASTS = dt.timedelta(days=7)
RESET_LASTS = dt.timedelta(hours=1)
SIGN_IN_LASTS = dt.timedelta(hours=1)
SHORTEST_PASSWORD = 10
LONGEST_PASSWORD = 200
# Letters of names and values together; texts of forms are at most 50,000 letters each.
UNSENT_LIMIT = 200_000
UNSENT_MOST = 5
UNSENT_HOURS = 24
# The kind of due work that deletes an unsent form whose time is over.
UNSENT_FORM_EXPIRY = "unsent_form_expiry"


def add_person(ctx: Context, *, name: str, email: str, locale: str = "", zone: str = "", phone: str = "") -> User:
    """The user with *email* at this provider, made if there is none; records `person.added` for a new one.

    An existing person keeps name and language; without *locale* and *zone* a person follows the provider's. Callers
    have checked that they may add people.
    """
    known = queries.user_by_email(ctx, email)
    if known is not None:
        return known
    return _store_person(ctx, name=name, email=email, locale=locale, zone=zone, phone=phone)


def add_claimant(ctx: Context, *, name: str, email: str) -> User:
    """A user with the address *email* of somebody whom the actor may not see; records `person.added`.

    They look like a new person. The holder of the address, who reads the mails, becomes one person with them by
    accepting an invitation (`accept_claim`). Callers have checked that they may add people.
    """
    return _store_person(ctx, name=name, email=email, claimed=True)


def _store_person(
    ctx: Context,
    *,
    name: str,
    email: str,
    locale: str = "",
    zone: str = "",
    phone: str = "",
    claimed: bool = False,
) -> User:
    name = text.clean_line(name)[:200] or email
    user = User(
        provider_id=ctx.provider_id,
        name=name,
        name_folded=text.fold(name),
        phone=phone[:50],
        locale=locale,
        zone=zone,
        created_at=ctx.now,
    )
    ctx.session.add(user)
    ctx.session.flush()
    address = Address(
        provider_id=ctx.provider_id, user_id=user.id, email=email, email_folded=email.casefold(), claimed=claimed
    )
    ctx.session.add(address)
    ctx.session.flush()
    record(ctx, "person.added", user)
    return user


def mark_bounced(ctx: Context, user_id: Id, emails: Iterable[str]) -> None:
    """Note that mail to *emails*, as far as they are addresses of the user, came back for good."""
    ctx.session.execute(
        update(Address)
        .where(Address.user_id == user_id, Address.email_folded.in_([email.casefold() for email in emails]))
        .values(bounced_at=ctx.now)
        .execution_options(synchronize_session=False)
    )


def require_self(ctx: Context, user: User) -> None:
    """Raise Forbidden unless *user* is the person who acts: nobody changes these things for somebody else."""
    if ctx.actor.user_id != user.id:
        raise Forbidden


def change_profile(ctx: Context, user: User, *, name: str, phone: str) -> None:
    """Correct one's own name and phone; records `person.changed`."""
    require_self(ctx, user)
    user.name, user.name_folded, user.phone = name, text.fold(name), phone
    record(ctx, "person.changed", user)


def correct_person(
    ctx: Context, user: User, *, name: str, phone: str, locale: str | None = None, zone: str | None = None
) -> bool:
    """Correct name and phone of somebody, and their language and zone unless None; records `person.corrected` (facts:
    the names of what changed). Returns whether anything did. Callers have checked that they may."""
    values = {"name": name, "phone": phone, "locale": locale, "zone": zone}
    changed = [key for key, value in values.items() if value is not None and getattr(user, key) != value]
    for key in changed:
        setattr(user, key, values[key])
    if changed:
        user.name_folded = text.fold(user.name)
        record(ctx, "person.corrected", user, changed=changed)
    return bool(changed)


def change_preferences(
    ctx: Context, user: User, *, locale: str, zone: str, theme: str, density: str, shortcuts: bool
) -> None:
    """Change the language, zone and appearance for this person; records `person.preferences_changed`."""
    require_self(ctx, user)
    user.locale, user.zone, user.theme, user.density, user.shortcuts = locale, zone, theme, density, shortcuts
    record(ctx, "person.preferences_changed", user)


def check_password_rules(ctx: Context, password: str, *, user: User, email: str) -> None:
    """Raise Refused unless *password* is long enough and hard to guess, also for who knows the person's name and
    address and the provider's name (NIST 800-63B)."""
    if len(password) < SHORTEST_PASSWORD:
        raise Refused(_("Use at least %(n)d characters", n=SHORTEST_PASSWORD), "password")
    if len(password) > LONGEST_PASSWORD:
        raise Refused(_("Use at most %(n)d characters", n=LONGEST_PASSWORD), "password")
    own_words = [email, user.name, *((ctx.provider.name, ctx.provider.called) if ctx.provider else ())]
    if passwords.is_easy_to_guess(password, own_words):
        raise Refused(_("That password is too easy to guess. Choose another one"), "password")


def set_password(ctx: Context, user: User, password: str, *, keep_session: uuid.UUID | None = None) -> None:
    """Give *user* this password and sign other browsers out; records `person.password_set` (`first`: they had none).

    Raises Refused for one that is too short or too easy.
    """
    check_password_rules(ctx, password, user=user, email=queries.primary_email(ctx, user.id))
    first = queries.password_of(ctx, user.id) is None
    tokens.revoke_tokens(ctx, SIGN_IN, user.id)
    store_password_hash(ctx, user, passwords.hash_password(password))
    end_sessions(ctx, user, keep=keep_session)
    record(ctx, "person.password_set", user, first=first)


def store_password_hash(ctx: Context, user: User, hash: str) -> None:
    """Store a finished hash: for `set_password`, a raised cost, and the demo world's one shared password."""
    row = queries.password_of(ctx, user.id)
    if row is None:
        ctx.session.add(Password(provider_id=ctx.provider_id, user_id=user.id, hash=hash, changed_at=ctx.now))
    else:
        row.hash, row.changed_at = hash, ctx.now
    ctx.session.flush()


def knows_password(ctx: Context, user: User | None, password: str) -> bool:
    """Whether *password* is that of *user*: one argon2 verification in any case; a raised cost is stored."""
    # Also asked for nobody (an id that no row has), so that an unknown address costs what a known one does.
    stored = queries.password_of(ctx, user.id if user else ctx.provider_id)
    comparable = stored.hash if stored and len(password) <= LONGEST_PASSWORD else None
    if not passwords.verify_password(comparable, password[:LONGEST_PASSWORD]) or stored is None:
        return False
    if passwords.needs_rehash(stored.hash):
        stored.hash = passwords.hash_password(password)
    return True


def change_password(ctx: Context, user: User, *, current: str, new: str) -> None:
    """Replace one's own password and sign every other browser out; records `person.password_set`.

    Raises Refused for a wrong *current* or an unacceptable *new* one.
    """
    require_self(ctx, user)
    if not knows_password(ctx, user, current):
        raise Refused(_("That is not your current password"), "current")
    set_password(ctx, user, new, keep_session=ctx.session_id)


def start_session(ctx: Context, user: User, *, user_agent: str = "", method: str = "password") -> str:
    """Sign *user* in on this browser; returns the new session's token for the cookie; records `session.started`."""
    token = secrets.token_urlsafe(32)
    row = BrowserSession(
        provider_id=ctx.provider_id,
        user_id=user.id,
        token_hash=queries.token_hash(token),
        created_at=ctx.now,
        last_seen_at=ctx.now,
        ip=ctx.ip[:64],
        user_agent=text.clean_line(user_agent)[:300],
    )
    ctx.session.add(row)
    ctx.session.flush()
    record(ctx, "session.started", row, user=str(user.id), method=method)
    return token


def mark_seen(ctx: Context, session_id: uuid.UUID) -> None:
    """Remember that this browser was here now; an observation, so no event."""
    statement = update(BrowserSession).where(BrowserSession.id == session_id, BrowserSession.last_seen_at < ctx.now)
    ctx.session.execute(statement.values(last_seen_at=ctx.now))


def end_session(ctx: Context, row: BrowserSession) -> None:
    """Sign one browser out with immediate effect; records `session.ended` (`elsewhere`: from another browser)."""
    if row.ended_at is None:
        row.ended_at = ctx.now
        record(ctx, "session.ended", row, user=str(row.user_id), elsewhere=row.id != ctx.session_id)


def end_sessions(ctx: Context, user: User, *, keep: uuid.UUID | None = None) -> None:
    """Sign *user* out everywhere, but for the session *keep*."""
    statement = update(BrowserSession).where(BrowserSession.user_id == user.id, BrowserSession.ended_at.is_(None))
    if keep is not None:
        statement = statement.where(BrowserSession.id != keep)
    ctx.session.execute(statement.values(ended_at=ctx.now))


def sign_out_elsewhere(ctx: Context, user: User) -> None:
    """End each of one's own sign-ins but this one with immediate effect; records `person.signed_out_elsewhere`."""
    require_self(ctx, user)
    end_sessions(ctx, user, keep=ctx.session_id)
    record(ctx, "person.signed_out_elsewhere", user)


def delete_old_sessions(ctx: Context, before: dt.datetime, limit: int) -> int:
    """Delete at most *limit* sign-ins that ended, or were last used, before *before*; returns how many. The events that
    say who signed in stay."""
    over = or_(BrowserSession.ended_at < before, BrowserSession.last_seen_at < before)
    return retention.delete_rows(ctx, BrowserSession, limit, over)


def keep_unsent_form(
    ctx: Context, user_id: uuid.UUID, path: str, fields: Mapping[str, list[str]], lost_files: Sequence[str] = ()
) -> uuid.UUID | None:
    """Store a form that came after the session of *user_id* had ended, for its person to find after signing in.
    *lost_files*: a sentence for each of its files that could not be kept.

    Returns its id; None where the form is empty or larger than UNSENT_LIMIT. The caller has left secrets out. A person
    has at most UNSENT_MOST of them, each for UNSENT_HOURS: storing one deletes what is over, the worker deletes what
    nobody came back for. An observation, so no event.
    """
    size = sum(len(name) + sum(map(len, values)) for name, values in fields.items())
    if not fields or size > UNSENT_LIMIT:
        return None
    newest = (
        select(UnsentForm.id).where(UnsentForm.user_id == user_id).order_by(UnsentForm.id.desc()).limit(UNSENT_MOST - 1)
    )
    stale = or_(UnsentForm.expires_at <= ctx.now, UnsentForm.id.not_in(newest))
    ctx.session.execute(delete(UnsentForm).where(UnsentForm.user_id == user_id, stale))
    row = UnsentForm(
        provider_id=ctx.provider_id,
        user_id=user_id,
        path=path,
        lost_files=[text.clean_line(sentence) for sentence in lost_files],
        fields={text.clean_text(name): [text.clean_text(value) for value in sent] for name, sent in fields.items()},
        expires_at=ctx.now + dt.timedelta(hours=UNSENT_HOURS),
    )
    ctx.session.add(row)
    ctx.session.flush()
    outbox.schedule(ctx.session, ctx.provider_id, UNSENT_FORM_EXPIRY, row.id, row.expires_at)
    return row.id


def delete_expired_form(ctx: Context, form_id: uuid.UUID) -> None:
    """Delete the unsent form *form_id*, whose time is over; nothing where it is gone already. An observation's end, so
    no event."""
    expired = (UnsentForm.provider_id == ctx.provider_id, UnsentForm.id == form_id, UnsentForm.expires_at <= ctx.now)
    ctx.session.execute(delete(UnsentForm).where(*expired))


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


def end_person(ctx: Context, user: User) -> None:
    """End all access of *user* at the provider; their words stay; records `person.ended`."""
    user.ended_at = ctx.now
    end_sessions(ctx, user)
    tokens.revoke_tokens(ctx, INVITATION, user.id)
    tokens.revoke_tokens(ctx, RESET, user.id)
    tokens.revoke_tokens(ctx, SIGN_IN, user.id)
    record(ctx, "person.ended", user)
