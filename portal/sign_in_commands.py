"""`flask sign-in add` and `sign-in list`."""

import click
from flask import Flask
from flask.cli import AppGroup

from portal.config import Config
from portal.kernel import uow
from portal.kernel.database import db
from portal.kernel.errors import NotFound, PortalError
from portal.kernel.system_context import create_system_context
from portal.mail_commands import find_provider
from portal.sso.actions.ways import WayFacts, add_domain, add_way, first_account
from portal.sso.engine.kinds import EMAIL_DOMAIN, GOOGLE, MICROSOFT, OPENID
from portal.sso.labels import state_label
from portal.sso.queries import ways as queries
from portal.sso.rules import ARRIVAL_ROLES, Issuers
from portal.tenants.queries.organizations import organization as find_organization


def register_sign_in_commands(app: Flask) -> None:
    """Add the group `sign-in`."""
    config: Config = app.config["PARLEY"]
    group = AppGroup("sign-in", help="Ways to sign in by OpenID Connect.")

    @group.command("add")
    @click.argument("host")
    @click.argument("name")
    @click.option("--issuer", default="", help="The issuer; google and microsoft have one by themselves.")
    @click.option("--client-id", required=True, help="The client ID that the identity provider gave.")
    @click.option("--client-secret", default="", help="The client secret; a public client has none.")
    @click.option("--organization", "slug", default="", help="The organization whose people sign in by it.")
    @click.option("--domain", "domains", multiple=True, help="A domain of addresses of the organization; repeatable.")
    @click.option("--enforced", is_flag=True, help="Its people cannot use a password or a mailed link.")
    @click.option("--label", default="", help="The words on the button.")
    def add(
        host: str,
        name: str,
        issuer: str,
        client_id: str,
        client_secret: str,
        slug: str,
        domains: tuple[str, ...],
        enforced: bool,
        label: str,
    ) -> None:
        """Let people sign in by the identity provider NAME at the provider at HOST. NAME is google, microsoft, or a
        name of your own. It is on at once; newcomers with an address of --domain get the first account of the
        organization as requesters."""
        provider_id = find_provider(host, [])
        if provider_id is None:
            raise click.ClickException(f"{host} leads to no provider.")
        with uow.unit_of_work(db.session):
            ctx = create_system_context(provider_id, channel="cli")
            try:
                owner = find_organization(ctx, slug) if slug else None
                facts = WayFacts(
                    name=name,
                    label=label or (owner.name if owner is not None else name.replace("-", " ").capitalize()),
                    kind=name if name in (GOOGLE, MICROSOFT) else OPENID,
                    issuer=issuer,
                    client_id=client_id,
                    client_secret=client_secret,
                    organization_id=owner.id if owner is not None else None,
                    enabled=True,
                    enforced=enforced,
                )
                row = add_way(ctx, facts, Issuers.of(config), untested=True)
                account_id = first_account(ctx, owner) if owner is not None else None
                for domain in domains:
                    add_domain(ctx, owner, EMAIL_DOMAIN, domain, account_id=account_id, role=ARRIVAL_ROLES[0])
            except NotFound:
                raise click.ClickException(f"There is no organization {slug}.") from None
            except PortalError as refused:
                raise click.ClickException(f"{refused.message}.") from None
            answers = row.authorize_origin != ""
        click.echo(f"{name} is on. Redirect address: /sign-in/with/{name}/callback")
        if not answers:
            click.echo("The identity provider does not answer yet: test it at /admin/sign-in.", err=True)

    @group.command("list")
    @click.argument("host")
    def show(host: str) -> None:
        """List the ways to sign in of the provider at HOST."""
        provider_id = find_provider(host, [])
        if provider_id is None:
            raise click.ClickException(f"{host} leads to no provider.")
        ctx = create_system_context(provider_id, channel="cli")
        for row in queries.ways(ctx):
            whom = row.organization.name if row.organization is not None else "everybody"
            click.echo(f"{row.name}\t{state_label(row)}\t{whom}\t{Issuers.of(config).issuer_of(row)}")

    app.cli.add_command(group)
