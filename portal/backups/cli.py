"""`flask backup`, `flask backup verify FILE`, `flask restore FILE`."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import psycopg
from flask import Flask

import portal
from portal.backups import BackupError, archive, creation, restoration, verification
from portal.config import Config
from portal.kernel import clock, storage


def register_backup_commands(app: Flask) -> None:
    """Add the commands."""
    config: Config = app.config["PARLEY"]

    @app.cli.group("backup", invoke_without_command=True)
    @click.option("--to", type=click.Path(path_type=Path), default=Path(), help="A folder, or the new file's name.")
    @click.pass_context
    def backup(click_context: click.Context, to: Path) -> None:
        """Write the database and its files to one new file. Parley may go on running meanwhile."""
        if click_context.invoked_subcommand:
            return
        now = clock.now()
        path = to / f"parley-{now:%Y-%m-%d-%H%M%S}.tar" if to.is_dir() or not to.suffix else to
        with sentences():
            manifest = creation.create_backup(
                config, storage.storage(), path, version=portal.__version__, now=now, say=click.echo
            )
        for line in verification.summarize(manifest):
            click.echo(line)
        click.echo(f"The backup is {path}. Only you may read it; keep it, and SECRET_KEY, on another machine.")

    @backup.command("verify")
    @click.argument("file", type=click.Path(path_type=Path))
    def verify(file: Path) -> None:
        """Read the backup FILE whole and compare everything with its manifest. Needs no database."""
        with sentences(), archive.open_archive(file) as reader:
            verification.check_archive(reader)
            for line in verification.summarize(reader.manifest):
                click.echo(line)
            restoration.check_key(config, reader.manifest, other_key=False)
        click.echo(f"{file} is whole, and SECRET_KEY is its key.")

    @app.cli.command("restore")
    @click.argument("file", type=click.Path(path_type=Path))
    @click.option("--replace", default="", metavar="DATABASE", help="Its name, where it holds data that may be lost.")
    @click.option("--other-key", is_flag=True, help="Go on although SECRET_KEY is not the key of the backup.")
    def restore(file: Path, replace: str, other_key: bool) -> None:
        """Put the backup FILE into the database of DATABASE_OWNER_URL and into the store of files."""
        with sentences():
            restoration.restore_backup(
                config,
                storage.storage(),
                file,
                migrations=Path(app.root_path) / "migrations",
                replace=replace,
                other_key=other_key,
                say=click.echo,
            )
        click.echo(f"{file} is restored.")


@contextmanager
def sentences() -> Iterator[None]:
    """What goes wrong ends the command with its sentence and exit code 1."""
    try:
        yield
    except BackupError as problem:
        raise click.ClickException(str(problem)) from None
    except psycopg.Error as problem:
        raise click.ClickException(f"PostgreSQL refused: {str(problem).strip()}") from None
