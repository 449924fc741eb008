"""The blueprint of /org/<slug>, and the function through which all its pages load the organization."""

from flask_babel import gettext as _

from portal.authz.access import can
from portal.authz.permissions import Permission
from portal.kernel.errors import Forbidden
from portal.tenants.labels import successor_label
from portal.tenants.models import Account, Organization
from portal.tenants.queries import accounts as account_queries
from portal.tenants.queries import contacts as contact_queries
from portal.tenants.queries import organizations as organization_queries
from portal.web.current import ctx
from portal.web.guards import FeatureBlueprint

organization = FeatureBlueprint("organization", __name__, url_prefix="/org/<slug>")
organization.add_app_template_global(successor_label)


def load_organization(slug: str, permission: Permission, *, lock: bool = False) -> Organization:
    """The organization *slug* of the person, who holds *permission* there.

    NotFound for anybody who does not belong; Forbidden, naming who can help, for members without the permission.
    """
    row = organization_queries.organization(ctx(), slug, lock=lock)
    if not can(ctx().actor, permission, row):
        raise Forbidden(refusal_sentence(row))
    return row


def refusal_sentence(row: Organization) -> str:
    """Why the page is closed, and who may open it."""
    names = contact_queries.administrators(ctx(), row)
    if not names:
        return _("Your role in %(organization)s does not include this. Ask support.", organization=row.name)
    return _(
        "Your role in %(organization)s does not include this. %(names)s can change that.",
        organization=row.name,
        names=_(" or ").join(names),
    )


def administered_accounts(row: Organization, permission: Permission) -> list[Account]:
    """The accounts of *row* in which the person holds *permission*, by name."""
    return [account for account in account_queries.accounts_of(ctx(), row) if can(ctx().actor, permission, account)]
