"""Commands that make providers: `flask --app app provider …`. There is no actor above providers, so they have no page."""

from zoneinfo import available_timezones

import click
from flask import Flask
from flask_babel import force_locale
from sqlalchemy.exc import IntegrityError

from portal.admin.queries.changes import last_change
from portal.cases.actions import catalogue
from portal.kernel import clock, ids, jobs, tokens, uow
from portal.kernel.actor import nobody
from portal.kernel.context import Context
from portal.kernel.database import db
from portal.kernel.errors import PortalError
from portal.kernel.text import clean_line
from portal.tenants.actions import providers
from portal.tenants.models import StaffMember
from portal.tenants.queries import actors
from portal.web.forms import email_of
from portal.web.language import LANGUAGES


def install(app: Flask) -> None:
    """Add the group `provider`."""

    @app.cli.group("provider")
    def provider() -> None:
        """Providers of this installation."""

    @provider.command("create")
    @click.argument("name")
    @click.argument("host")
    @click.argument("admin_email")
    @click.option("--language", default="en", type=click.Choice(LANGUAGES), help="Language of pages and mails.")
    @click.option("--zone", default="UTC", help="Time zone, for example Europe/Warsaw.")
    def create(name: str, host: str, admin_email: str, language: str, zone: str) -> None:
        """Make provider NAME at HOST and invite its first administrator ADMIN_EMAIL.

        It starts with four severity levels and one request type, so that a case can be opened at once.
        """
        if zone not in available_timezones():
            raise click.ClickException(f"“{zone}” is no time zone. Write it like Europe/Warsaw.")
        try:
            ctx, token = made(clean_line(name), host, admin_email, language, zone)
        except PortalError as problem:
            raise click.ClickException(problem.message) from None
        except IntegrityError:
            raise click.ClickException(f"{host} already belongs to a provider.") from None
        primary = actors.primary_host(ctx)
        click.echo(f"{ctx.provider.name} is ready at {primary}. {admin_email} gets an invitation by mail.")
        click.echo(f"Without mail, this link does the same for 7 days: /invite/{token} on {primary}")

    @provider.command("add-host")
    @click.argument("known_host")
    @click.argument("new_host")
    def add_host(known_host: str, new_host: str) -> None:
        """Let NEW_HOST lead to the provider that KNOWN_HOST leads to."""
        reader = Context(actor=nobody(), now=clock.now(), session=db.session, channel="cli")
        provider_id = actors.provider_of_host(reader, known_host.strip().lower())
        if provider_id is None:
            raise click.ClickException(f"{known_host} leads to no provider.")
        ctx = jobs.system_context(provider_id, channel="cli")
        try:
            with uow.unit_of_work(db.session):
                providers.add_host(ctx, new_host)
        except PortalError as problem:
            raise click.ClickException(problem.message) from None
        click.echo(f"{new_host} leads to {ctx.provider.name} from now on.")


def made(name: str, host: str, email: str, language: str, zone: str) -> tuple[Context, str]:
    """The new provider's context, and the token of its administrator's invitation; all of it or nothing."""
    ctx = Context(actor=nobody(), now=clock.now(), session=db.session, channel="cli")
    address = email_of(email)
    with uow.unit_of_work(db.session), force_locale(language):
        providers.create_provider(ctx, name=name, host=host, locale=language, zone=zone)
        catalogue.install_defaults(ctx)
        token = invitation(ctx, providers.first_admin(ctx, address))
    return ctx, token


def invitation(ctx: Context, member: StaffMember) -> str:
    """The link's token, derived from what the event of the invitation says."""
    event = last_change(ctx, member.user_id)
    token_id = ids.parse(event.facts.get("token")) if event else None
    if token_id is None:
        raise RuntimeError("the administrator was not invited")
    return tokens.spell(token_id)
