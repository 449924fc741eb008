"""The environment, read once. `docs/configuration.md` is generated from this class."""

import re
from pathlib import Path
from typing import Any

import click
from pydantic import Field, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

# What cannot start without a setting, for the column "needed by".
WEB, WORKER, SCHEDULER, MIGRATE = "web", "worker", "scheduler", "migrate"
RUNNING = (WEB, WORKER, SCHEDULER)
# Values that give access to something: no message and no backup holds them.
SECRET = frozenset(
    {
        *("database_url", "database_owner_url", "redis_url", "secret_key", "smtp_url", "storage_url", "metrics_token"),
        *("microsoft_client_secret", "google_client_secret"),
    }
)
# An address of a service. Without TLS only on this machine, where nobody listens.
_SERVICE = r"https://[^\s?#]+|http://(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?(/[^\s?#]*)?"
_SERVICE_WORDS = "must look like https://login.example.com, or http:// on this machine"
_IMAP = (r"imaps?://[^\s/@]+", "must look like imaps://imap.example.com:993, without user and folder")
_SMTP = (r"smtps?://[^\s/@]+", "must look like smtps://smtp.example.com:465, without a user")
# Shorter keys can be tried one after the other.
SHORTEST_KEY = 32

# The form of a value: what matches, and the rest of a sentence that begins with the setting's name.
FORMS = {
    "host": (r"[^\s/]+", "must be an address of this machine, such as 127.0.0.1"),
    "database_url": (r"postgresql(\+psycopg)?://\S+", "must look like postgresql://parley_app:password@host/parley"),
    "database_owner_url": (
        r"postgresql(\+psycopg)?://\S+",
        "must look like postgresql://parley_owner:password@host/parley",
    ),
    "redis_url": (r"(rediss?|unix)://\S+", "must look like redis://host:6379/0"),
    "base_url": (r"https?://[^\s/]+/?", "must look like https://support.example.com, without a path"),
    "storage_url": (r"file:///\S.*|s3://\S+", "must look like file:///folder or s3://bucket/prefix"),
    "smtp_url": (r"smtps?://\S+", "must look like smtp://user:password@host:587 or smtps://…"),
    "mail_from": (r"[^@\s]+@[^@\s]+", "must be one mail address"),
    "metrics_token": (r"\S{16,}", "must have at least 16 characters, without spaces"),
    "mail_listen": (
        r"((lmtp|smtp)://)?[^\s/:]+:\d{1,5}",
        "must look like 127.0.0.1:2424, or smtp://127.0.0.1:2525 for SMTP",
    ),
    "allowed_internal_hosts": (
        r"[^\s,]+(\s*,\s*[^\s,]+)*",
        "must be names, addresses or networks, separated by commas, such as 10.0.0.0/8, mail.internal",
    ),
    "microsoft_authority": (_SERVICE, _SERVICE_WORDS),
    "graph_url": (_SERVICE, _SERVICE_WORDS),
    "google_issuer": (_SERVICE, _SERVICE_WORDS),
    "microsoft_issuer": (_SERVICE, _SERVICE_WORDS),
    "microsoft_imap_url": _IMAP,
    "google_imap_url": _IMAP,
    "microsoft_smtp_url": _SMTP,
    "google_smtp_url": _SMTP,
    "log_level": (r"(?i:DEBUG|INFO|WARNING|ERROR)", "must be DEBUG, INFO, WARNING or ERROR"),
}


class SettingsError(click.ClickException):
    """A setting is missing or wrong: whole sentences, and the exit code that stands for a wrong configuration."""

    exit_code = 78


class Config(BaseSettings):
    """Every setting of an installation. An empty variable counts as absent; `read_config` explains a wrong one."""

    model_config = SettingsConfigDict(env_ignore_empty=True, extra="ignore")

    host: str = Field(default="127.0.0.1", description="Address the web server listens on.")
    port: int = Field(default=8000, ge=1, le=65535, description="Port the web server listens on.")
    parley_data: Path = Field(
        default=Path("var"), description="Folder of the embedded engines, the files and the demo's mail."
    )
    database_url: str = Field(
        default="",
        description="PostgreSQL as the application role; `make run` starts a server.",
        json_schema_extra={"needed_by": [*RUNNING, MIGRATE]},
    )
    database_owner_url: str = Field(
        default="",
        description="PostgreSQL as the owner of the tables, for migrations, backup and restore.",
        json_schema_extra={"needed_by": [MIGRATE]},
    )
    redis_url: str = Field(
        default="",
        description="Redis or Valkey; `make run` starts a server.",
        json_schema_extra={"needed_by": [*RUNNING]},
    )
    secret_key: str = Field(
        default="",
        description="Signs cookies and links; at least 32 characters with SECURE_COOKIES. `make run` makes one.",
        json_schema_extra={"needed_by": [*RUNNING, MIGRATE]},
    )
    base_url: str = Field(
        default="", description="Scheme, and port if any, of links in mails; the host is the provider's own."
    )
    storage_url: str = Field(
        default="", description="`file:///folder` or `s3://bucket/prefix`; empty: PARLEY_DATA/files."
    )
    smtp_url: str = Field(
        default="", description="`smtp://user:password@host:port` or `smtps://…`; `make run` starts a sink."
    )
    parley_time_travel: bool = Field(
        default=False,
        description="Let `flask clock` move the time of every process of a demo; refused with SECURE_COOKIES.",
    )
    parley_mail_sink: bool = Field(default=False, description="Show administrators the demo's mail sink.")
    mail_from: str = Field(
        default="support@{host}", description="Sender of mails; {host} is the provider's first host name."
    )
    mail_listen: str = Field(
        default="",
        description="Where mail arrives: `127.0.0.1:2424` for LMTP, `smtp://host:port` for SMTP; empty: no listener.",
    )
    mail_trusted_servers: str = Field(
        default="",
        description="Servers whose Authentication-Results are believed, separated by commas; those of a mailbox's own "
        "domain are believed anyway.",
    )
    mail_accept_unchecked: bool = Field(
        default=False,
        description="Take mails of known senders about which no trusted server said anything; for a demo, or behind a "
        "server that refuses forged mail.",
    )
    mail_per_hour: int = Field(
        default=60, ge=1, description="Mails of one address in an hour; those above wait in quarantine."
    )
    mail_to_address_per_hour: int = Field(
        default=100, ge=1, description="Mails to one address in an hour; those above wait until the next."
    )
    mail_ask_after_days: int = Field(
        default=3,
        ge=0,
        description="Days after which a mail that waited asks an administrator before it is sent; 0: never.",
    )
    allowed_internal_hosts: str = Field(
        default="",
        description="Names, addresses and networks of your own network that mailboxes may use, separated by commas; "
        "without SECURE_COOKIES also this machine.",
    )
    microsoft_authority: str = Field(
        default="https://login.microsoftonline.com", description="Where Microsoft 365 signs mailboxes in."
    )
    microsoft_client_id: str = Field(
        default="", description="Application of this installation at Microsoft, for mailboxes that name none."
    )
    microsoft_client_secret: str = Field(default="", description="Client secret of MICROSOFT_CLIENT_ID.")
    graph_url: str = Field(
        default="https://graph.microsoft.com/v1.0", description="Microsoft Graph, which reads and sends mails."
    )
    microsoft_imap_url: str = Field(default="imaps://outlook.office365.com:993", description="IMAP of Microsoft 365.")
    microsoft_smtp_url: str = Field(default="smtp://smtp.office365.com:587", description="SMTP of Microsoft 365.")
    google_issuer: str = Field(
        default="https://accounts.google.com", description="Where Google signs people and mailboxes in (OpenID issuer)."
    )
    microsoft_issuer: str = Field(
        default="https://login.microsoftonline.com/{tenant}/v2.0",
        description="Where Microsoft signs people in (OpenID issuer); `{tenant}` is the place of the directory.",
    )
    google_client_id: str = Field(
        default="", description="Application of this installation at Google, for mailboxes that name none."
    )
    google_client_secret: str = Field(default="", description="Client secret of GOOGLE_CLIENT_ID.")
    google_imap_url: str = Field(default="imaps://imap.gmail.com:993", description="IMAP of Google.")
    google_smtp_url: str = Field(default="smtps://smtp.gmail.com:465", description="SMTP of Google.")
    session_hours: int = Field(default=8, ge=1, description="Hours without a request after which a sign-in ends.")
    secure_cookies: bool = Field(default=False, description="Send cookies over HTTPS only; set it in production.")
    trusted_proxies: int = Field(
        default=0, ge=0, description="Number of proxies in front whose X-Forwarded-* headers are believed."
    )
    argon2_memory_kib: int = Field(default=65536, ge=64, description="Memory cost of one password check.")
    argon2_rounds: int = Field(default=3, ge=1, description="Time cost of one password check.")
    pool_size: int = Field(default=10, ge=1, description="Database connections a process keeps.")
    upload_megabytes: int = Field(default=25, ge=1, description="Largest attachment.")
    keep_sessions_days: int = Field(
        default=90, ge=0, description="Days after which a sign-in that ended or was not used is deleted; 0: never."
    )
    keep_links_days: int = Field(
        default=30, ge=0, description="Days after which a used or expired link of a mail is deleted; 0: never."
    )
    keep_deliveries_days: int = Field(
        default=90, ge=0, description="Days after which the record of a done delivery of an event is deleted; 0: never."
    )
    keep_security_events_days: int = Field(
        default=90, ge=0, description="Days after which a security event is deleted; 0: never."
    )
    keep_staff_access_days: int = Field(
        default=730,
        ge=0,
        description="Days after which the note that somebody of the staff looked into a private case is deleted; "
        "0: never.",
    )
    keep_help_reads_days: int = Field(
        default=400, ge=0, description="Days after which it is forgotten who read which help article; 0: never."
    )
    keep_help_searches_days: int = Field(
        default=90, ge=0, description="Days after which a search that found no help article is deleted; 0: never."
    )
    keep_status_asks_days: int = Field(
        default=2,
        ge=0,
        description="Days after which an address that asked for the status page by email and did not confirm is "
        "deleted; 0: never.",
    )
    keep_status_news_days: int = Field(
        default=30,
        ge=0,
        description="Days after which a mail about the status page is deleted from the log of mails; 0: never.",
    )
    keep_push_devices_days: int = Field(
        default=90,
        ge=0,
        description="Days after which a device is forgotten to which notifications are pushed and in which its person "
        "opened no page; 0: never.",
    )
    keep_incoming_calls_days: int = Field(
        default=90, ge=0, description="Days after which a call that a telephone system reported is deleted; 0: never."
    )
    keep_staged_files_days: int = Field(
        default=7, ge=0, description="Days after which a file that was chosen and never sent is deleted; 0: never."
    )
    keep_drafts_days: int = Field(
        default=30, ge=0, description="Days without a change after which a draft is deleted; 0: never."
    )
    keep_rule_log_days: int = Field(
        default=180,
        ge=0,
        description="Days after which it is deleted from the log of rules what a rule did; 0: never. The history of "
        "the case keeps it.",
    )
    keep_mail_originals_days: int = Field(
        default=365,
        ge=0,
        description="Days after which the original of a mail that arrived is deleted; 0: never. Its row in the log "
        "stays.",
    )
    metrics_token: str = Field(
        default="", description="Bearer token with which Prometheus reads `/metrics`; empty: the page is not there."
    )
    prometheus_multiproc_dir: str = Field(
        default="", description="Folder in which the processes of one web server count; `gunicorn.conf.py` makes it."
    )
    log_level: str = Field(default="INFO", description="DEBUG, INFO, WARNING or ERROR.")

    @field_validator(*FORMS)
    @classmethod
    def has_its_form(cls, value: str, info: ValidationInfo) -> str:
        """Refuse what cannot be meant; empty means absent."""
        pattern, words = FORMS[info.field_name or ""]
        if value and not re.fullmatch(pattern, value):
            raise ValueError(words)
        return value

    def retention_days(self) -> dict[str, int]:
        """The days of each kind of `kernel.retention`."""
        return {
            "sessions": self.keep_sessions_days,
            "links": self.keep_links_days,
            "deliveries": self.keep_deliveries_days,
            "security_events": self.keep_security_events_days,
            "staff_access": self.keep_staff_access_days,
            "help_reads": self.keep_help_reads_days,
            "help_misses": self.keep_help_searches_days,
            "status_asks": self.keep_status_asks_days,
            "status_news": self.keep_status_news_days,
            "push_devices": self.keep_push_devices_days,
            "incoming_calls": self.keep_incoming_calls_days,
            "staged_files": self.keep_staged_files_days,
            "drafts": self.keep_drafts_days,
            "rule_log": self.keep_rule_log_days,
            "mail_originals": self.keep_mail_originals_days,
        }

    def trusted_mail_servers(self) -> list[str]:
        """The names in MAIL_TRUSTED_SERVERS."""
        return [name.strip().lower() for name in self.mail_trusted_servers.split(",") if name.strip()]

    def list_internal_hosts(self) -> list[str]:
        """What ALLOWED_INTERNAL_HOSTS names. Without SECURE_COOKIES, so in a demo, also this machine."""
        named = [entry.strip() for entry in self.allowed_internal_hosts.split(",") if entry.strip()]
        return named if self.secure_cookies else [*named, "127.0.0.0/8", "::1"]

    def files_url(self) -> str:
        return self.storage_url or f"file://{(self.parley_data / 'files').absolute()}"


def read_config() -> Config:
    """The settings of this process. Raises SettingsError with a sentence for each wrong value.

    A command that is typed in a checkout, without any setting of its own, takes those that `make run` left there.
    """
    try:
        config = Config()
        left = config.parley_data / "environment"
        given = config.database_url or config.redis_url or config.secret_key
        if not given and click.get_current_context(silent=True) and left.is_file():
            config = Config(_env_file=left)  # type: ignore[call-arg]
            click.echo(f"With the settings that `make run` left in {left}.", err=True)
        return config
    except ValidationError as problem:
        raise SettingsError("\n".join(explain_value(error) for error in problem.errors())) from None


def explain_value(error: Any) -> str:
    """What is wrong with one value, as a sentence that shows it unless it is a secret."""
    name, given, limits = str(error["loc"][0]), error.get("input"), error.get("ctx", {})
    match error["type"]:
        case "value_error":
            words = str(limits["error"])
        case "int_parsing":
            words = "must be a whole number"
        case "bool_parsing":
            words = "must be 1 or 0"
        case "greater_than_equal":
            words = f"must be {limits['ge']} or more"
        case "less_than_equal":
            words = f"must be {limits['le']} or less"
        case _:
            words = f"cannot be read ({error['msg']})"
    return f"{name.upper()} {words}." if name in SECRET else f"{name.upper()} {words}, and is “{given}”."


def needed_settings(process: str) -> list[str]:
    """The fields without which *process* (WEB, WORKER, SCHEDULER, MIGRATE) does not start."""
    return [
        name
        for name, field in Config.model_fields.items()
        if isinstance(field.json_schema_extra, dict) and process in str(field.json_schema_extra.get("needed_by", ""))
    ]


def require_settings(config: Config, process: str) -> None:
    """Raise SettingsError where *process* lacks a setting that it cannot start without."""
    missing = [name.upper() for name in needed_settings(process) if not getattr(config, name)]
    if missing:
        names = " and ".join(filter(None, [", ".join(missing[:-1]), missing[-1]]))
        verb, them = ("is", "it") if len(missing) == 1 else ("are", "them")
        raise SettingsError(f"{names} {verb} not set. Without {them} {process} does not start: docs/configuration.md.")
    check_production(config)


def check_production(config: Config) -> None:
    """Raise SettingsError for no key at all, and for the settings of a demo with SECURE_COOKIES."""
    if not config.secret_key and not config.secure_cookies:
        raise SettingsError("SECRET_KEY is not set. `make run` makes one for a demo; set it for anything else.")
    if not config.secure_cookies:
        return
    if len(config.secret_key) < SHORTEST_KEY:
        raise SettingsError(
            f"SECRET_KEY must have at least {SHORTEST_KEY} characters with SECURE_COOKIES. Make one: "
            "python3 -c 'import secrets; print(secrets.token_urlsafe(48))'"
        )
    if config.parley_mail_sink:
        raise SettingsError("PARLEY_MAIL_SINK shows the mails of a demo, links included. Unset it, or SECURE_COOKIES.")
    if config.parley_time_travel:
        raise SettingsError("PARLEY_TIME_TRAVEL is for demos; with SECURE_COOKIES this is no demo. Unset one of both.")
    if config.base_url.startswith("http:"):
        raise SettingsError("BASE_URL must begin with https:// with SECURE_COOKIES: links in mails would not be safe.")
