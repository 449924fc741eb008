"""`flask mailbox add`, `check` and `poll`: addresses that are read."""

import time

import click
from flask import Flask
from flask.cli import AppGroup

from portal.cases.queries.request_types import request_type
from portal.channels.mail import mailbox_tests, polling
from portal.channels.mail.actions.authorizations import OAuthChoice, connect_by_oauth
from portal.channels.mail.actions.connections import connect_mailbox
from portal.channels.mail.actions.mailboxes import add_mailbox
from portal.channels.mail.labels import failure_sentence
from portal.channels.mail.mailbox_access import service_settings
from portal.channels.mail.models import GRAPH, IMAP, MICROSOFT_APP
from portal.channels.mail.rules import bare_address
from portal.channels.mail.servers.address import Server, parse_server_url
from portal.kernel import uow
from portal.kernel.database import db
from portal.kernel.errors import NotFound, PortalError
from portal.kernel.system_context import create_system_context
from portal.mail_commands import find_provider
from portal.tenants.queries.departments import active_departments

# The interval at which `mailbox poll` looks.
POLL_SECONDS = 10


def register_mailbox_commands(app: Flask) -> None:
    """Add the group `mailbox`."""
    group = AppGroup("mailbox", help="Addresses that are read.")

    @group.command("add")
    @click.argument("host")
    @click.argument("address")
    @click.option("--department", help="The key of the department that new cases go to.")
    @click.option("--type", "type_key", help="The key of the kind of case that is opened.")
    @click.option("--imap", help="Where it is read: imaps://user:password@host[:993][/folder], or imap:// (STARTTLS).")
    @click.option("--smtp", help="Where it sends: smtps://user:password@host[:465], or smtp:// (STARTTLS).")
    @click.option("--microsoft", "tenant", help="Sign in as an application of this directory of Microsoft 365.")
    @click.option("--client-id", default="", help="The application; without it MICROSOFT_CLIENT_ID.")
    @click.option("--client-secret", default="", help="Its client secret.")
    @click.option("--protocol", type=click.Choice([GRAPH, IMAP]), default=GRAPH, help="How Microsoft 365 is read.")
    def add(
        host: str,
        address: str,
        department: str | None,
        type_key: str | None,
        imap: str | None,
        smtp: str | None,
        tenant: str | None,
        client_id: str,
        client_secret: str,
        protocol: str,
    ) -> None:
        """Read mail to ADDRESS for the provider at HOST: by IMAP, at Microsoft 365, or a mail server passes it on by
        LMTP or by `mail receive`. A mailbox that is read is off until `mailbox check` came back."""
        if tenant is not None and (imap or smtp):
            raise click.ClickException("--microsoft knows its servers: leave out --imap and --smtp.")
        provider_id = find_provider(host, [])
        reads, sends = _read_server(imap, "imap"), _read_server(smtp, "smtp")
        if provider_id is None:
            raise click.ClickException(f"{host} leads to no provider.")
        with uow.unit_of_work(db.session):
            ctx = create_system_context(provider_id, channel="cli")
            try:
                departments = {row.key: row.id for row in active_departments(ctx)}
                if department and department not in departments:
                    raise click.ClickException(f"There is no department {department}: {', '.join(departments)}.")
                type_id = request_type(ctx, type_key).id if type_key else None
                row = add_mailbox(
                    ctx,
                    address,
                    department_id=departments.get(department or ""),
                    request_type_id=type_id,
                    is_proven=reads is None and tenant is None,
                )
                if tenant is not None:
                    choice = OAuthChoice(MICROSOFT_APP, protocol, tenant, client_id, client_secret)
                    connect_by_oauth(ctx, row, choice, service_settings())
                if reads is not None:
                    connect_mailbox(ctx, row, imap=reads, smtp=sends)
            except NotFound:
                raise click.ClickException(f"There is no kind of case {type_key}.") from None
            except PortalError as refused:
                raise click.ClickException(f"{refused.message}.") from None
            known_as = row.address
        if reads is None and tenant is None:
            click.echo(f"{known_as} is read. New mail arrives by LMTP at MAIL_LISTEN, or by `flask mail receive`.")
        else:
            click.echo(f"{known_as} is off. `flask mailbox check {known_as}` turns it on.")

    @group.command("check")
    @click.argument("address")
    @click.pass_context
    def check(click_context: click.Context, address: str) -> None:
        """Send a mail out through the mailbox ADDRESS, and wait for it to come back. Exit code 0 if it did, else 1."""
        provider_id = find_provider(None, [address])
        if provider_id is None:
            raise click.ClickException(f"{address} is no mailbox.")
        outcome = mailbox_tests.run_test(provider_id, bare_address(address))
        if outcome.failure:
            words = f" ({outcome.words})" if outcome.words else ""
            click.echo(f"{outcome.step}: {failure_sentence(outcome.failure)}{words}", err=True)
            click_context.exit(1)
        click.echo(f"{address} is on: the test email went out and came back.")

    @group.command("poll")
    @click.option("--once", is_flag=True, help="Read all mailboxes once to their ends, then stop.")
    @click.pass_context
    def poll(click_context: click.Context, once: bool) -> None:
        """Read the mailboxes that are on. The worker does so by itself; with --once exit code 1 if one failed."""
        failed = False
        while True:
            for result in polling.poll_all_now():
                failed = failed or result.failure is not None
                said = f"failed: {failure_sentence(result.failure.code)} " if result.failure else ""
                if once or result.taken or said:
                    click.echo(f"{result.address}: {said}{result.taken} taken in")
            if once:
                click_context.exit(1 if failed else 0)
            time.sleep(POLL_SECONDS)

    app.cli.add_command(group)


def _read_server(url: str | None, kind: str) -> Server | None:
    if not url:
        return None
    try:
        return Server(*parse_server_url(url, kind))
    except ValueError:
        example = "imaps://user:password@host:993/INBOX" if kind == "imap" else "smtps://user:password@host:465"
        raise click.ClickException(f"--{kind} must look like {example}.") from None
