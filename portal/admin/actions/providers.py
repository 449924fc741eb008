"""Making a whole provider: the one step that no person inside a provider can take."""

from flask_babel import force_locale

from portal.admin.queries.changes import last_change
from portal.cases.actions import defaults
from portal.kernel import ids, tokens
from portal.kernel.context import Context
from portal.tenants.actions import providers


def open_provider(ctx: Context, *, name: str, host: str, email: str, language: str = "en", zone: str = "UTC") -> str:
    """A provider at *host* that can take a case at once, and its first administrator, invited; returns the token of
    the invitation. *ctx* is bound to the new provider. Raises Refused or Conflict with a sentence for the terminal.

    It starts with four severity levels and one request type, worded in *language*.
    """
    with force_locale(language):
        providers.create_provider(ctx, name=name, host=host, locale=language, zone=zone)
        defaults.create_default_choices(ctx)
        member = providers.first_admin(ctx, email)
    event = last_change(ctx, member.user_id)
    token_id = ids.parse_id(event.facts.get("token")) if event else None
    if token_id is None:
        raise RuntimeError("the administrator was not invited")
    return tokens.derive_token(token_id)
