"""Commands: `flask --app app …`. Each feature's own commands are added here, so that one page lists them all."""

from collections.abc import Mapping

import click
from flask import Flask

from portal.demo import cli as demo
from portal.kernel import clock, uow, workers
from portal.kernel.actor import nobody
from portal.kernel.context import Context
from portal.kernel.database import db
from portal.tenants.actions import providers


def install(app: Flask, timetable: Mapping[str, int]) -> None:
    """Add worker, scheduler and the administration commands."""

    @app.cli.command("worker")
    def worker() -> None:
        """Do what waits in the queue, until told to stop."""
        workers.run_worker(app)

    @app.cli.command("scheduler")
    def scheduler() -> None:
        """Wake the periodic jobs of schedule.py; two of these do no harm."""
        workers.run_scheduler(app, timetable)

    demo.install(app)

    @app.cli.group("provider")
    def provider() -> None:
        """Providers of this installation."""

    @provider.command("create")
    @click.argument("name")
    @click.argument("host")
    @click.argument("admin_email")
    def create(name: str, host: str, admin_email: str) -> None:
        """Make provider NAME at HOST and invite its first administrator ADMIN_EMAIL."""
        ctx = Context(actor=nobody(), now=clock.now(), session=db.session, channel="cli")
        with uow.unit_of_work(db.session):
            providers.create_provider(ctx, name=name, host=host)
            providers.first_admin(ctx, admin_email)
        click.echo(f"{name} is ready at {host}. {admin_email} got an invitation by mail.")
