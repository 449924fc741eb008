"""Whose token it is. The callers act as the system, but for the pages of the administration."""

from sqlalchemy.orm import joinedload

from portal.authz.scopes import load, scope
from portal.kernel.bearer_tokens import hash_bearer_token
from portal.kernel.context import Context
from portal.scim.models import ScimClient
from portal.tenants.models import Organization


def find_client(ctx: Context, token: str, *, lock: bool = False) -> ScimClient | None:
    """The identity provider that has *token*, with its organization; None for an unknown one, and for an organization
    that was archived. *lock*: its changes come one after the other, because a person's role follows from all of their
    groups."""
    rows = scope(ctx.actor, ScimClient).where(ScimClient.token_hash == hash_bearer_token(token))
    if lock:
        rows = rows.with_for_update(of=ScimClient).execution_options(populate_existing=True)
    found = ctx.session.scalars(rows.options(joinedload(ScimClient.organization))).one_or_none()
    return found if found is not None and found.organization.active else None


def client_of(ctx: Context, organization: Organization) -> ScimClient | None:
    """The access of the identity provider of *organization*, with its account."""
    rows = scope(ctx.actor, ScimClient).where(ScimClient.organization_id == organization.id)
    return ctx.session.scalars(rows.options(joinedload(ScimClient.account))).one_or_none()


def lock_client(ctx: Context, client: ScimClient) -> None:
    """Let changes by the identity provider wait until this one is through."""
    load(ctx, ScimClient, ScimClient.id == client.id, lock=True)
