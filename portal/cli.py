"""Commands: `flask --app app …`. Each feature's own commands are added here, so that one page lists them all."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from zoneinfo import available_timezones

import click
from flask import Flask
from sqlalchemy.exc import IntegrityError, OperationalError, ProgrammingError

from portal import generated_docs
from portal.admin.actions.providers import open_provider, rescue_admin
from portal.admin.forms.import_file import read_file
from portal.admin.forms.import_rows import clean_rows
from portal.admin.labels import describe_row, summarize
from portal.backups.cli import register_backup_commands
from portal.config import SCHEDULER, WORKER, require_settings
from portal.demo import cli as demo
from portal.demo import time_travel
from portal.identity.queries import user_by_email
from portal.kernel import clock, text, uow, workers
from portal.kernel.actor import Id, nobody
from portal.kernel.context import Context
from portal.kernel.database import db
from portal.kernel.errors import PortalError
from portal.kernel.system_context import create_system_context
from portal.mail_commands import register_mail_commands
from portal.mailbox_commands import register_mailbox_commands
from portal.notifications import mail_sink
from portal.notifications.urls import site_url
from portal.presets import queries as presets
from portal.presets.actions import install_preset as begin_with
from portal.search import queries as search_queries
from portal.search.actions import rebuild as rebuild_documents
from portal.search.actions import rebuild_next
from portal.sign_in_commands import register_sign_in_commands
from portal.tenants.actions import providers
from portal.tenants.actions.factors import reset_factors_of
from portal.tenants.actions.import_work import BATCH
from portal.tenants.actions.people_import import import_batch
from portal.tenants.queries import providers as provider_queries
from portal.tenants.queries.import_plan.objects import Fate, RowFate
from portal.tenants.queries.import_plan.planning import plan_import
from portal.web.forms import parse_email
from portal.web.language import LANGUAGES

# `search rebuild`: how often it says how far it is, and how long it waits for cases that are being written to.
PROGRESS_SECONDS, BUSY_TRIES, BUSY_PAUSE = 2.0, 60, 0.5


def register_commands(app: Flask, timetable: Mapping[str, int]) -> None:
    """Add worker, scheduler and the administration commands."""

    @app.cli.command("worker")
    def worker() -> None:
        """Do what waits in the queue, until told to stop."""
        require_settings(app.config["PARLEY"], WORKER)
        workers.run_worker(app)

    @app.cli.command("scheduler")
    def scheduler() -> None:
        """Wake the periodic jobs of schedule.py; two of these do no harm."""
        require_settings(app.config["PARLEY"], SCHEDULER)
        workers.run_scheduler(app, timetable)

    @app.cli.command("mail-sink")
    def run_mail_sink() -> None:
        """Keep every mail as a file under PARLEY_DATA/mail, in place of a mail server: the demo's sink."""
        config = app.config["PARLEY"]
        if not config.smtp_url:
            raise click.ClickException("SMTP_URL says where to listen, for example smtp://127.0.0.1:8025")
        mail_sink.serve(config.smtp_url, config.parley_data, config.mail_listen)

    @app.cli.command("docs")
    def docs() -> None:
        """Print the generated pages of docs/ anew."""
        changed = generated_docs.write_pages(Path(app.root_path) / "docs")
        click.echo(f"Changed: {', '.join(changed)}" if changed else "Nothing changed.")

    register_backup_commands(app)
    register_mail_commands(app)
    register_mailbox_commands(app)
    register_sign_in_commands(app)
    demo.register_demo_commands(app)
    time_travel.register_time_travel(app)

    @app.cli.group("search")
    def search() -> None:
        """The search index."""

    @search.command("rebuild")
    @click.option("--host", help="Only the provider that HOST leads to.")
    @click.option("--stale", is_flag=True, help="Only documents that an upgrade marked and no worker has rebuilt yet.")
    def rebuild(host: str | None, stale: bool) -> None:
        """Make the search documents anew from what the cases hold. The desk goes on meanwhile."""
        reader = Context(actor=nobody(), now=clock.now(), session=db.session, channel="cli")
        homes = provider_queries.list_providers(reader)
        if host is not None:
            wanted = provider_queries.provider_of_host(reader, host.strip().lower())
            homes = [home for home in homes if home[0] == wanted]
            if not homes:
                raise click.ClickException(f"{host} leads to no provider.")
        for provider_id, known_as in homes:
            rebuild_search(provider_id, known_as, stale=stale)

    @app.cli.group("import")
    def imports() -> None:
        """Bring in what another system holds."""

    @imports.command("people")
    @click.argument("host")
    @click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
    @click.option("--dry-run", is_flag=True, help="Only say what would become of each row.")
    @click.option("--invite", is_flag=True, help="Mail an invitation to those who are new.")
    def people(host: str, file: Path, dry_run: bool, invite: bool) -> None:
        """Import organizations, accounts, environments and people of the provider at HOST from the CSV file FILE.

        Says what becomes of each row. The good rows go in 50 at a time, and each line is printed when its row is in.
        The same file twice makes nothing twice: after an interruption send it again. Ends with 0 when every row is
        good, with 3 when some were refused, with 1 when nothing could be done at all.
        """
        with provider_at(host) as ctx:
            planned = plan_import(ctx, clean_rows(read_file(file.read_bytes()))).fates
        fates: list[RowFate] = []
        for begin in range(0, len(planned), BATCH):
            batch = planned[begin : begin + BATCH]
            fates += batch if dry_run else import_planned(host, batch, invite=invite)
            click.echo("\n".join(describe_row(result) for result in fates[begin:]))
        click.echo(summarize(fates, dry_run=dry_run))
        if any(result.fate is Fate.REFUSED for result in fates):
            raise click.exceptions.Exit(3)

    @app.cli.group("provider")
    def provider() -> None:
        """Providers of this installation."""

    @provider.command("create")
    @click.argument("name")
    @click.argument("host")
    @click.argument("admin_email")
    @click.option("--language", type=click.Choice(LANGUAGES), help="Language of pages and mails.")
    @click.option("--zone", help="Time zone, for example Europe/Warsaw.")
    @click.option("--preset", type=click.Choice(presets.preset_names()), help="The portal to begin with.")
    def create(
        name: str, host: str, admin_email: str, language: str | None, zone: str | None, preset: str | None
    ) -> None:
        """Make provider NAME at HOST and invite its first administrator ADMIN_EMAIL.

        It starts with four severity levels and one request type, so that a case can be opened at once; with --preset
        as a whole portal, whose language and zone hold unless they are said here.
        """
        if zone is not None and zone not in available_timezones():
            raise click.ClickException(f"“{zone}” is not a time zone. Write it like Europe/Warsaw.")
        ctx = Context(actor=nobody(), now=clock.now(), session=db.session, channel="cli")
        with errors_as_sentences(), uow.unit_of_work(db.session):
            email = parse_email(admin_email)
            token = open_provider(ctx, name=name, host=host, email=email, language=language or "en", zone=zone or "UTC")
            if preset:
                begin_with(ctx, preset)
                said = {key: value for key, value in (("locale", language), ("zone", zone)) if value}
                providers.change_provider(ctx, ctx.provider, **said)
        address = site_url(ctx)
        click.echo(f"{ctx.provider.name} is ready at {address} and {admin_email} gets an invitation by mail.")
        click.echo(f"Without mail, this link does the same for 7 days: {address}/invite/{token}")

    @provider.command("list")
    def list_all() -> None:
        """Every provider: its host names, its name, and whether it is disabled."""
        reader = Context(actor=nobody(), now=clock.now(), session=db.session, channel="cli")
        with errors_as_sentences():
            for provider_id, _host in provider_queries.list_providers(reader):
                ctx = create_system_context(provider_id, channel="cli")
                hosts = provider_queries.hosts(ctx)
                state = "" if all(row.enabled for row in hosts) else "\tdisabled"
                click.echo(f"{', '.join(row.host for row in hosts)}\t{ctx.provider.name}{state}")

    @provider.command("rename")
    @click.argument("host")
    @click.argument("name")
    def rename(host: str, name: str) -> None:
        """Call the provider at HOST by another NAME."""
        with provider_at(host) as ctx:
            clean = text.clean_line(name)[:200]
            if not clean:
                raise click.ClickException("A provider needs a name.")
            before = ctx.provider.name
            providers.change_provider(ctx, ctx.provider, name=clean)
        click.echo(f"{before} is called {clean} from now on.")

    @provider.command("disable")
    @click.argument("host")
    def disable(host: str) -> None:
        """Close the pages of the provider at HOST. Nothing is deleted, and what is due is still done."""
        switch_provider(host, enabled=False)

    @provider.command("enable")
    @click.argument("host")
    def enable(host: str) -> None:
        """Open the pages of the provider at HOST again."""
        switch_provider(host, enabled=True)

    @provider.command("rescue")
    @click.argument("host")
    @click.argument("admin_email")
    def rescue(host: str, admin_email: str) -> None:
        """Let the administrator ADMIN_EMAIL of the provider at HOST in again, by a new link.

        An address that nobody has there becomes a further administrator.
        """
        with provider_at(host) as ctx:
            path = rescue_admin(ctx, parse_email(admin_email))
            address = f"{site_url(ctx)}{path}"
        lasts = "7 days" if path.startswith("/invite/") else "an hour"
        click.echo(f"{admin_email} gets this link by mail, too; it works once, for {lasts}: {address}")

    @provider.command("add-host")
    @click.argument("known_host")
    @click.argument("new_host")
    def add_host(known_host: str, new_host: str) -> None:
        """Let NEW_HOST lead to the provider that KNOWN_HOST leads to."""
        with provider_at(known_host) as ctx:
            providers.add_host(ctx, new_host)
            name = ctx.provider.name
        click.echo(f"{new_host} leads to {name} from now on.")

    @app.cli.group("staff")
    def staff() -> None:
        """People of a provider."""

    @staff.command("reset-factors")
    @click.argument("host")
    @click.argument("email")
    def reset_factors(host: str, email: str) -> None:
        """Remove the second factors of the person with EMAIL at HOST, who lost them. They are told by mail."""
        with provider_at(host) as ctx:
            person = user_by_email(ctx, parse_email(email))
            if person is None:
                raise click.ClickException(f"Nobody at {host} has the address {email}.")
            reset_factors_of(ctx, person)
            name = person.name
        click.echo(f"{name} signs in without a second factor now, and sets up a new one where a rule needs it.")


def rebuild_search(provider_id: Id, host: str, *, stale: bool) -> None:
    """Rebuild the documents of one provider, batch by batch, each in a transaction of its own; prints how far it is.

    Cases that somebody is writing to are tried again at the end, for half a minute at most.
    """
    began = told = time.monotonic()
    total = search_queries.documents_to_rebuild(create_system_context(provider_id, channel="cli"), stale=stale)
    db.session.remove()
    done, last, busy = 0, None, list[Id]()

    def report() -> None:
        click.echo(f"{host}: {done:,} of {max(done, total):,} cases, {time.monotonic() - began:.0f} s")

    while True:
        with uow.unit_of_work(db.session):
            batch = rebuild_next(create_system_context(provider_id, channel="cli"), last, stale=stale)
        db.session.remove()
        done, last, busy = done + batch.done, batch.last, busy + batch.busy
        if last is None:
            break
        if time.monotonic() - told > PROGRESS_SECONDS:
            told = time.monotonic()
            report()
    for _again in range(BUSY_TRIES):
        if not busy:
            break
        time.sleep(BUSY_PAUSE)
        with uow.unit_of_work(db.session):
            batch = rebuild_documents(create_system_context(provider_id, channel="cli"), busy)
        db.session.remove()
        done, busy = done + batch.done, batch.busy
    report()
    if busy:
        raise click.ClickException(f"{len(busy)} cases of {host} were being written to all the time. Try again.")


@contextmanager
def provider_at(host: str) -> Iterator[Context]:
    """A unit of work of the system at the provider of *host*; ends with a sentence where *host* leads to none."""
    reader = Context(actor=nobody(), now=clock.now(), session=db.session, channel="cli")
    with errors_as_sentences(), uow.unit_of_work(db.session):
        provider_id = provider_queries.provider_of_host(reader, host.strip().lower())
        if provider_id is None:
            raise click.ClickException(f"{host} leads to no provider. `flask --app app provider list` names them all.")
        yield create_system_context(provider_id, channel="cli")


def import_planned(host: str, planned: Sequence[RowFate], *, invite: bool) -> list[RowFate]:
    """Import the rows that *planned* does not refuse, in a unit of work of their own; returns the fate of each."""
    good = [result.row for result in planned if result.fate is not Fate.REFUSED]
    with provider_at(host) as ctx:
        imported = iter(import_batch(ctx, good, invite=invite).fates) if good else iter(())
    return [result if result.fate is Fate.REFUSED else next(imported) for result in planned]


def switch_provider(host: str, *, enabled: bool) -> None:
    """Enable or disable the provider at *host*, and say so."""
    with provider_at(host) as ctx:
        changed = providers.set_enabled(ctx, enabled=enabled)
        name = ctx.provider.name
    now = "enabled" if enabled else "disabled"
    click.echo(f"{name} is {now}, within a few seconds." if changed else f"{name} was {now} already.")


@contextmanager
def errors_as_sentences() -> Iterator[None]:
    """What is refused inside ends the command with its sentence and exit code 1, not with a stack."""
    try:
        yield
    except PortalError as problem:
        raise click.ClickException(problem.message) from None
    except OperationalError as problem:
        raise click.ClickException(
            f"The database does not answer: {str(problem.orig).strip()}\nIn a checkout, `make run` starts one."
        ) from None
    except ProgrammingError:
        raise click.ClickException("The database lacks a table or column. Next: flask --app app db upgrade") from None
    except IntegrityError:
        raise click.ClickException("Somebody made the same at this very moment. Look, and try again.") from None
