"""Making a whole provider: the one step that no person inside a provider can take."""

from flask_babel import force_locale
from flask_babel import gettext as _

from portal.admin.queries.changes import last_change
from portal.authz.roles import StaffRole
from portal.cases.actions import defaults
from portal.identity import actions as identity
from portal.identity.queries import password_of
from portal.kernel import ids, tokens
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.errors import Refused
from portal.tenants.actions import providers, staff
from portal.tenants.queries.staff import staff_row


def open_provider(ctx: Context, *, name: str, host: str, email: str, language: str = "en", zone: str = "UTC") -> str:
    """A provider at *host* that can take a case at once, and its first administrator, invited; returns the token of
    the invitation. *ctx* is bound to the new provider. Raises Refused or Conflict with a sentence for the terminal.

    It starts with four severity levels and one request type, worded in *language*.
    """
    with force_locale(language):
        providers.create_provider(ctx, name=name, host=host, locale=language, zone=zone)
        defaults.create_default_choices(ctx)
        member = providers.first_admin(ctx, email)
    return _last_token(ctx, member.user_id)


def rescue_admin(ctx: Context, email: str) -> str:
    """The path of a new link by which the administrator with *email* gets in; it is mailed to them too.

    Who has a password chooses a new one, who has none redeems an invitation. An address that nobody has here becomes a
    further administrator. Raises Refused for staff of another role and for somebody who has left.
    """
    user = identity.add_person(ctx, name=email.partition("@")[0].capitalize(), email=email)
    member = staff_row(ctx, user.id)
    if user.ended_at is not None or (member is not None and member.role != StaffRole.ADMIN):
        raise Refused(_("%(email)s is the address of somebody who is not an administrator.", email=email), "email")
    if member is None:
        staff.add_staff(ctx, user, role=StaffRole.ADMIN, all_accounts=True)
    if password_of(ctx, user.id) is not None:
        identity.ask_reset(ctx, email)
        return f"/password/{_last_token(ctx, user.id)}"
    identity.invite(ctx, user)
    return f"/invite/{_last_token(ctx, user.id)}"


def _last_token(ctx: Context, user_id: Id) -> str:
    """The token of the link that the newest event about the person holds."""
    event = last_change(ctx, user_id)
    token_id = ids.parse_id(event.facts.get("token")) if event else None
    if token_id is None:
        raise RuntimeError("the administrator was not invited")
    return tokens.derive_token(token_id)
