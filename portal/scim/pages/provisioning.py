"""The page of an organization's identity provider, with its two forms."""

from flask import Response

from portal.authz.roles import ContactRole
from portal.scim.actions.tokens import ROLES
from portal.scim.forms import GroupRoleForm, TokenForm
from portal.scim.queries import groups, people, tokens
from portal.tenants.models import Organization
from portal.tenants.queries.accounts import accounts_of
from portal.web.current import ctx
from portal.web.htmx import page
from portal.web.role_labels import role_name
from portal.web.urls import outside_url


def offer_token(row: Organization, form: TokenForm) -> TokenForm:
    """*form* with the accounts of *row* and the roles that new people can have."""
    form.account.choices = _account_choices(row)
    form.role.choices = [(role.value, role_name(role)) for role in ROLES]
    return form


def offer_group_role(row: Organization, form: GroupRoleForm) -> GroupRoleForm:
    """*form* with the accounts of *row* and all roles of contacts."""
    form.group_account.choices = _account_choices(row)
    form.group_role.choices = [(role.value, role_name(role)) for role in ContactRole]
    return form


def show_provisioning(
    row: Organization,
    status: int = 200,
    *,
    form: TokenForm | None = None,
    group_form: GroupRoleForm | None = None,
    fresh: str = "",
) -> Response:
    """The page of the organization's identity provider, with a form that was refused if there is one."""
    client = tokens.client_of(ctx(), row)
    if form is None:
        form = offer_token(row, TokenForm(formdata=None))
        if client is not None:
            form.account.data, form.role.data = str(client.account_id), client.role
    group_form = group_form or offer_group_role(row, GroupRoleForm(formdata=None))
    return page(
        "scim/token.html",
        status,
        row=row,
        form=form if form.errors or not group_form.errors else group_form,
        token_form=form,
        group_form=group_form,
        fresh=fresh,
        client=client,
        count=people.count_people(ctx(), row),
        groups=groups.listed_groups(ctx(), row),
        group_roles=groups.group_roles(ctx(), row),
        address=outside_url("/scim/v2"),
    )


def _account_choices(row: Organization) -> list[tuple[str, str]]:
    return [(str(one.id), f"{one.name} ({one.key})") for one in accounts_of(ctx(), row)]
