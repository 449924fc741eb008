"""The programs of Parley and their commands. Each is an ordinary command, as in compose.yaml."""

import sys
from dataclasses import dataclass

from engines.settings import Settings

FLASK = (sys.executable, "-m", "flask", "--app", "app")

MIGRATE = (*FLASK, "db", "upgrade")
LOAD_DEMO = (*FLASK, "demo", "load")
SIGN_INS = (*FLASK, "demo", "sign-ins")


@dataclass(frozen=True)
class Service:
    """A program that is restarted when it ends, and its time limit for stopping."""

    name: str
    command: tuple[str, ...]
    grace: float


def services(settings: Settings, *, mail_sink: bool, mail_listener: bool) -> list[Service]:
    """Return the programs beside the engines, in the order of starting."""
    web = (
        *(sys.executable, "-m", "gunicorn", "--no-control-socket", "--worker-class", "gthread", "--workers", "2"),
        *("--threads", "8", "--graceful-timeout", "5", "--limit-request-line", "8190"),
        *("--bind", settings.bind, "app:create_app()"),
    )
    return [
        *([Service("mail-sink", (*FLASK, "mail-sink"), grace=3)] if mail_sink else []),
        Service("web", web, grace=8),
        *([Service("mail-listener", (*FLASK, "mail-listener"), grace=5)] if mail_listener else []),
        Service("worker", (*FLASK, "worker"), grace=20),  # it finishes the job at hand
        Service("scheduler", (*FLASK, "scheduler"), grace=5),
    ]
