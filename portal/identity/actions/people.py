"""Writes about people: their names, numbers and preferences, and the end of their access."""

from collections.abc import Iterable

from sqlalchemy import update

from portal.identity import queries
from portal.identity.actions.sessions import end_sessions
from portal.identity.actions.trusted_devices import forget_trusted_devices
from portal.identity.link_purposes import EMAIL_CHANGE, FACTOR_STEP, INVITATION, RESET, SIGN_IN, SIGN_IN_CODE
from portal.identity.models import Address, User
from portal.identity.policies import require_self
from portal.kernel import text, tokens
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.events import record


def add_person(ctx: Context, *, name: str, email: str, locale: str = "", zone: str = "", phone: str = "") -> User:
    """The user with *email* at this provider, made if there is none; records `person.added` for a new one.

    An existing person keeps name and language; without *locale* and *zone* a person follows the provider's. Callers
    have checked that they may add people.
    """
    known = queries.user_by_email(ctx, email)
    if known is not None:
        return known
    return _store_person(ctx, name=name, email=email, locale=locale, zone=zone, phone=phone)


def add_unknown_person(ctx: Context, *, name: str, email: str) -> User:
    """A new user with *email*, which nobody at this provider holds; records `person.added`. Callers have looked the
    address up under its lock, and have checked that they may add people."""
    return _store_person(ctx, name=name, email=email)


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
    ctx: Context, user: User, *, locale: str, zone: str, theme: str, density: str, shortcuts: bool, delays_replies: bool
) -> None:
    """Change the language, zone and appearance for this person; records `person.preferences_changed`."""
    require_self(ctx, user)
    user.locale, user.zone, user.theme, user.density = locale, zone, theme, density
    user.shortcuts, user.delays_replies = shortcuts, delays_replies
    record(ctx, "person.preferences_changed", user)


def end_person(ctx: Context, user: User) -> None:
    """End all access of *user* at the provider; their words stay; records `person.ended`."""
    user.ended_at = ctx.now
    end_sessions(ctx, user)
    forget_trusted_devices(ctx, user)
    tokens.revoke_tokens(ctx, INVITATION, user.id)
    tokens.revoke_tokens(ctx, RESET, user.id)
    tokens.revoke_tokens(ctx, SIGN_IN, user.id)
    tokens.revoke_tokens(ctx, EMAIL_CHANGE, user.id)
    tokens.revoke_tokens(ctx, FACTOR_STEP, user.id)
    tokens.revoke_tokens(ctx, SIGN_IN_CODE, user.id)
    record(ctx, "person.ended", user)
