"""Microsoft 365 and Google as services that sign mailboxes in: their addresses, scopes, and the installation's own
applications there. All addresses are settings."""

from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

from portal.channels.mail.models import GOOGLE, GRAPH, MICROSOFT, MICROSOFT_APP
from portal.config import Config

# Any directory with work or school accounts; an application of one directory needs its id.
ANY_TENANT = "organizations"
# What the IMAP and SMTP servers of Microsoft 365 want in a token. The application's own permission is one for both.
_OUTLOOK = ("https://outlook.office.com/IMAP.AccessAsUser.All", "https://outlook.office.com/SMTP.Send")
_OUTLOOK_APP = "https://outlook.office365.com/.default"
_OFFLINE = "offline_access"
_GOOGLE_MAIL = "https://mail.google.com/"


@dataclass(frozen=True, slots=True)
class ServiceSettings:
    """The settings of both services. *clients*: service → (client id, client secret) of the installation."""

    microsoft_authority: str
    graph_url: str
    google_issuer: str
    imap_urls: dict[str, str]
    smtp_urls: dict[str, str]
    clients: dict[str, tuple[str, str]] = field(repr=False)

    @classmethod
    def of(cls, config: Config) -> "ServiceSettings":
        """The settings that *config* states."""
        return cls(
            config.microsoft_authority.rstrip("/"),
            config.graph_url.rstrip("/"),
            config.google_issuer.rstrip("/"),
            {MICROSOFT: config.microsoft_imap_url, GOOGLE: config.google_imap_url},
            {MICROSOFT: config.microsoft_smtp_url, GOOGLE: config.google_smtp_url},
            {
                MICROSOFT: (config.microsoft_client_id, config.microsoft_client_secret),
                GOOGLE: (config.google_client_id, config.google_client_secret),
            },
        )

    def find_sign_in_origin(self, service: str) -> str:
        """Where the browser of an administrator goes, for the Content-Security-Policy of the form that leads there."""
        parts = urlsplit(self.google_issuer if service == GOOGLE else self.microsoft_authority)
        return f"{parts.scheme}://{parts.netloc}"


@dataclass(frozen=True, slots=True)
class OAuthClient:
    """An application at a service, and what it asks for. *issuer*: whose discovery names the endpoints; '' where they
    are known."""

    client_id: str
    client_secret: str = field(repr=False)
    scope: str
    issuer: str = ""
    authorize_url: str = ""
    token_url: str = ""


def service_of(sign_in: str) -> str:
    """The service, MICROSOFT or GOOGLE, of a way to sign in."""
    return MICROSOFT if sign_in == MICROSOFT_APP else sign_in


def build_client(
    settings: ServiceSettings, sign_in: str, protocol: str, tenant: str, client_id: str, client_secret: str
) -> OAuthClient:
    """The application of a mailbox; without an id of its own that of the installation."""
    if not client_id:
        client_id, client_secret = settings.clients[service_of(sign_in)]
    if sign_in == GOOGLE:
        return OAuthClient(client_id, client_secret, _GOOGLE_MAIL, issuer=settings.google_issuer)
    directory = quote(tenant or ANY_TENANT, safe="")
    has_place = "{tenant}" in settings.microsoft_authority
    home = (
        settings.microsoft_authority.replace("{tenant}", directory)
        if has_place
        else f"{settings.microsoft_authority}/{directory}"
    )
    scope = _microsoft_scope(settings, sign_in, protocol)
    return OAuthClient(
        client_id,
        client_secret,
        scope,
        authorize_url=f"{home}/oauth2/v2.0/authorize",
        token_url=f"{home}/oauth2/v2.0/token",
    )


def _microsoft_scope(settings: ServiceSettings, sign_in: str, protocol: str) -> str:
    if protocol == GRAPH:
        # National clouds have a Graph of their own, whose name is part of the scope.
        parts = urlsplit(settings.graph_url)
        graph = f"{parts.scheme}://{parts.netloc}"
        if sign_in == MICROSOFT_APP:
            return f"{graph}/.default"
        rights = ("Mail.ReadWrite", "Mail.Send", "Mail.ReadWrite.Shared", "Mail.Send.Shared")
        return " ".join([_OFFLINE, *(f"{graph}/{right}" for right in rights)])
    return _OUTLOOK_APP if sign_in == MICROSOFT_APP else " ".join([_OFFLINE, *_OUTLOOK])
