"""Commands: `flask --app app …`. Each feature's own commands are added here, so that one page lists them all."""

from collections.abc import Mapping
from pathlib import Path

import click
from flask import Flask

from portal import generated_docs
from portal.admin import cli as administration
from portal.demo import cli as demo
from portal.kernel import workers
from portal.notifications import sink


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

    @app.cli.command("mail-sink")
    def mail_sink() -> None:
        """Keep every mail as a file under PARLEY_DATA/mail, in place of a mail server: the demo's sink."""
        config = app.config["PARLEY"]
        if not config.smtp_url:
            raise click.ClickException("SMTP_URL says where to listen, for example smtp://127.0.0.1:8025")
        sink.serve(config.smtp_url, config.parley_data)

    @app.cli.command("docs")
    def docs() -> None:
        """Print the generated pages of docs/ anew."""
        changed = generated_docs.write(Path(app.root_path) / "docs")
        click.echo(f"Changed: {', '.join(changed)}" if changed else "Nothing changed.")

    demo.install(app)

    administration.install(app)
