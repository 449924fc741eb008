"""The token of an organization's identity provider."""

from flask_babel import gettext as _

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.authz.roles import ContactRole
from portal.kernel.bearer_tokens import hash_bearer_token, make_bearer_token
from portal.kernel.context import Context
from portal.kernel.errors import Conflict, Refused
from portal.kernel.events import record
from portal.scim.actions.groups import apply_all_groups
from portal.scim.models import ScimClient
from portal.scim.queries import tokens as queries
from portal.tenants.actions.provisioned_access import release_provisioned_access
from portal.tenants.models import Account, Organization

ROLES = (ContactRole.REQUESTER, ContactRole.MEMBER, ContactRole.COORDINATOR)


def make_token(ctx: Context, organization: Organization, account: Account | None, role: str) -> str:
    """A token for the identity provider of *organization*, in place of an earlier one; whom it adds gets *role* in
    *account*. Records `organization.scim_token_made`. It is shown once and stored as a hash."""
    require(ctx.actor, Permission.PROVIDER_CONNECT)
    if account is None or account.organization_id != organization.id:
        raise Refused(_("Choose an account of this organization"), "account")
    if role not in list(ROLES):
        raise Refused(_("Choose a role"), "role")
    token = make_bearer_token()
    row = queries.client_of(ctx, organization)
    is_new = row is None
    if row is None:
        row = ScimClient(provider_id=ctx.provider_id, organization_id=organization.id)
        ctx.session.add(row)
    row.token_hash, row.account_id, row.role = hash_bearer_token(token), account.id, role
    row.created_at, row.last_used_at = ctx.now, None
    ctx.session.flush()
    record(ctx, "organization.scim_token_made", organization, account=account.key, role=role)
    if is_new:
        apply_all_groups(ctx, organization)
    return token


def end_token(ctx: Context, organization: Organization) -> None:
    """Let the identity provider of *organization* in no more; its people stay as they are, and all roles are changed
    by hand again. Records `organization.scim_token_ended`. Raises Conflict where there is no token."""
    require(ctx.actor, Permission.PROVIDER_CONNECT)
    row = queries.client_of(ctx, organization)
    if row is None:
        raise Conflict(_("There is no token any more."))
    ctx.session.delete(row)
    ctx.session.flush()
    release_provisioned_access(ctx, organization)
    record(ctx, "organization.scim_token_ended", organization)


def note_use(ctx: Context, client: ScimClient) -> None:
    """Store that the identity provider was here now; an observation, so no event."""
    client.last_used_at = ctx.now
    ctx.session.flush()
