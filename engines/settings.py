"""The settings of this run from the environment, read once, with a clear sentence for invalid values."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from engines import EnginesError


@dataclass(frozen=True)
class Settings:
    """The settings the supervisor itself needs; the programs read the others from the environment they inherit."""

    host: str
    port: int
    data: Path
    database_url: str | None
    owner_url: str | None
    redis_url: str | None
    secret_key: str | None
    smtp_url: str | None
    mail_listen: str | None

    @property
    def reach(self) -> str:
        """The host under which this machine reaches the web process."""
        return {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(self.host, self.host)  # noqa: S104

    @property
    def address(self) -> str:
        """The address of Parley for a browser."""
        return f"http://{bracketed(self.reach)}:{self.port}"

    @property
    def bind(self) -> str:
        """The address on which the web process listens."""
        return f"{bracketed(self.host)}:{self.port}"


def bracketed(host: str) -> str:
    """Return a host as written in an address."""
    return f"[{host}]" if ":" in host else host


def read(environment: Mapping[str, str]) -> Settings:
    """Read the settings; an empty variable counts as absent."""

    def value(name: str) -> str | None:
        return environment.get(name, "").strip() or None

    settings = Settings(
        host=value("HOST") or "127.0.0.1",
        port=port(value("PORT") or "8000"),
        data=Path(value("PARLEY_DATA") or "var").expanduser().absolute(),
        database_url=value("DATABASE_URL"),
        owner_url=value("DATABASE_OWNER_URL"),
        redis_url=value("REDIS_URL"),
        secret_key=value("SECRET_KEY"),
        smtp_url=value("SMTP_URL"),
        mail_listen=value("MAIL_LISTEN"),
    )
    if (settings.database_url is None) != (settings.owner_url is None):
        given, absent = (
            ("DATABASE_URL", "DATABASE_OWNER_URL") if settings.database_url else ("DATABASE_OWNER_URL", "DATABASE_URL")
        )
        raise EnginesError(
            f"{given} is set, but {absent} is not. Set both: DATABASE_URL for the application's role, which owns "
            "nothing, DATABASE_OWNER_URL for the role that owns the tables and migrates them. Or set neither, and "
            "Parley starts a PostgreSQL of its own."
        )
    return settings


def port(text: str) -> int:
    """Return the port a person wrote."""
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 65535:
        raise EnginesError(f"PORT={text} is not a port. Give a number from 1 to 65535, for example: make run PORT=8001")
    return int(text)


def keep_secret(data: Path) -> str:
    """Return the secret key of this folder: made once, kept in a file that only we may read."""
    file = data / "secret"
    if not file.exists():
        unfinished = data / "secret.new"
        unfinished.unlink(missing_ok=True)
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "w") as made:
            made.write(secrets.token_urlsafe(48))
        unfinished.rename(file)
    return file.read_text().strip()
