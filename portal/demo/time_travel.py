"""`flask clock`: move the time of every process of the demo, so that one case can be walked from half to breach."""

import datetime as dt

import click
from flask import Flask

from portal.demo.case_histories import parse_duration
from portal.kernel import clock


def register_time_travel(app: Flask) -> None:
    """Add the three commands."""

    @app.cli.group("clock")
    def group() -> None:
        """The demo's time. Refused where PARLEY_TIME_TRAVEL is off, as in production."""

    @group.command("show")
    def show() -> None:
        """Say what time it is in the demo, and how far that is from real time."""
        click.echo(describe_offset())

    @group.command("travel")
    @click.argument("by")
    def travel(by: str) -> None:
        """Move time on by BY, such as "2h", "7m" or "1d 3h 15m". Timers that fall due are done within seconds."""
        require_time_travel(app)
        try:
            further = parse_duration(by)
        except ValueError:
            raise click.ClickException(f"“{by}” is no span of time. Write it like 2h, or 1d 3h 15m.") from None
        clock.travel_all(clock.read_shared_offset() + further)
        click.echo(describe_offset())

    @group.command("home")
    def home() -> None:
        """Back to real time. What happened meanwhile stays, dated in the future."""
        require_time_travel(app)
        clock.travel_all(dt.timedelta(0))
        click.echo(describe_offset())


def require_time_travel(app: Flask) -> None:
    """End with a sentence where time does not travel."""
    if not app.config["PARLEY"].parley_time_travel:
        raise click.ClickException("Time travels in the demo only. `make run` switches it on; production never does.")


def describe_offset() -> str:
    """ "Thu 2026-11-26 14:05 UTC, 3:00:00 ahead of real time"."""
    offset = clock.read_shared_offset()
    where = f"{offset} ahead of real time" if offset else "real time"
    return f"{clock.now():%a %Y-%m-%d %H:%M} UTC, {where}"
