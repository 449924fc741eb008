"""The environment, read once. `docs/configuration.md` is generated from this class."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings


class Config(BaseSettings):
    """Every setting of an installation. A value that cannot be read stops the start with a sentence."""

    host: str = Field(default="127.0.0.1", description="Address the web server listens on.")
    port: int = Field(default=8000, description="Port the web server listens on.")
    parley_data: Path = Field(
        default=Path("var"), description="Folder of the embedded engines, the files and the demo's mail."
    )
    database_url: str = Field(default="", description="PostgreSQL as the application role; empty: the embedded server.")
    database_owner_url: str = Field(
        default="", description="PostgreSQL as the owner of the tables; only migrations use it."
    )
    redis_url: str = Field(default="", description="Redis or Valkey; empty: the embedded server.")
    secret_key: str = Field(
        default="", description="Signs cookies and links; refused where it is missing. `make run` makes one."
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
    session_hours: int = Field(default=8, description="Hours without a request after which a sign-in ends.")
    secure_cookies: bool = Field(default=False, description="Send cookies over HTTPS only; set it in production.")
    trusted_proxies: int = Field(
        default=0, description="Number of proxies in front whose X-Forwarded-* headers are believed."
    )
    argon2_memory_kib: int = Field(default=65536, description="Memory cost of one password check.")
    argon2_rounds: int = Field(default=3, description="Time cost of one password check.")
    pool_size: int = Field(default=10, description="Database connections a process keeps.")
    upload_megabytes: int = Field(default=25, description="Largest attachment.")
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
    keep_staged_files_days: int = Field(
        default=7, ge=0, description="Days after which a file that was chosen and never sent is deleted; 0: never."
    )
    log_level: str = Field(default="INFO", description="DEBUG, INFO, WARNING or ERROR.")

    def retention_days(self) -> dict[str, int]:
        """The days of each kind of `kernel.retention`."""
        return {
            "sessions": self.keep_sessions_days,
            "links": self.keep_links_days,
            "deliveries": self.keep_deliveries_days,
            "security_events": self.keep_security_events_days,
            "staged_files": self.keep_staged_files_days,
        }

    def files_url(self) -> str:
        return self.storage_url or f"file://{(self.parley_data / 'files').absolute()}"
