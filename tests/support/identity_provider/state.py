"""What the provider knows: tenants with keys, users, clients, codes, tokens, mailboxes, and the faults that a test
ordered. Each public method of `State` is an order that tests send (`control.py`)."""

import base64
import itertools
import secrets
import threading
import time
from dataclasses import asdict, dataclass, field
from email import message_from_bytes
from email.policy import default
from email.utils import getaddresses
from typing import Any

from authlib.oauth2.rfc6749 import ClientMixin, TokenMixin
from authlib.oidc.core import AuthorizationCodeMixin
from joserfc.jwk import RSAKey

# What an ID token can have wrong; README.md says what each means.
TOKEN_FAULTS = (
    *("alg_none", "foreign_key", "unknown_key", "hs256_public_key", "hs256_secret", "tampered"),
    *("expired", "issued_later", "no_nonce", "wrong_nonce", "wrong_audience", "wrong_issuer", "no_subject"),
    "no_id_token",
)
ANY_MICROSOFT = ("common", "organizations", "consumers")


def new_key() -> RSAKey:
    """A key as an issuer has it."""
    more = {"kid": secrets.token_hex(6), "use": "sig", "alg": "RS256"}
    return RSAKey.generate_key(2048, more, private=True)


@dataclass
class Tenant:
    """An issuer. *keys*: the first signs, all are published."""

    name: str
    is_microsoft: bool = False
    names_itself: bool = False
    keys: list[RSAKey] = field(default_factory=list)


@dataclass
class User:
    """Somebody who can sign in at a tenant. *claims* come on top of the usual ones; None takes one away."""

    subject: str
    tenant: str
    email: str
    name: str = ""
    email_verified: bool = True
    claims: dict[str, Any] = field(default_factory=dict)

    def get_user_id(self) -> str:
        """For Authlib."""
        return self.subject


@dataclass
class Client(ClientMixin):
    """An application. One without a secret is public."""

    client_id: str
    secret: str
    redirects: list[str] = field(default_factory=list)
    tenants: list[str] = field(default_factory=list)  # none means every one
    logout_uri: str = ""
    client_metadata: dict[str, Any] = field(default_factory=dict)

    def get_client_id(self) -> str:
        return self.client_id

    def get_default_redirect_uri(self) -> str:
        return self.redirects[0] if self.redirects else ""

    def get_allowed_scope(self, scope: str) -> str:
        return scope

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri in self.redirects

    def check_client_secret(self, client_secret: str) -> bool:
        return secrets.compare_digest(self.secret, client_secret)

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return (method == "none") == (not self.secret)

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type != "client_credentials" or bool(self.secret)


@dataclass
class Code(AuthorizationCodeMixin):
    """A code that was given to a browser."""

    code: str
    client_id: str
    redirect_uri: str
    scope: str
    user: User
    tenant: str
    nonce: str
    auth_time: int
    ends: float
    code_challenge: str
    code_challenge_method: str
    is_offline: bool

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return self.scope

    def get_nonce(self) -> str:
        return self.nonce

    def get_auth_time(self) -> int:
        return self.auth_time


@dataclass
class Token(TokenMixin):
    """An access or refresh token. *account* is the address of its user; '*' is the application itself."""

    value: str
    kind: str
    account: str
    user: User | None
    scope: str
    client: Client
    tenant: str
    ends: float
    alive: bool = True

    def check_client(self, client: Client) -> bool:
        return client.client_id == self.client.client_id

    def get_scope(self) -> str:
        return self.scope

    def get_expires_in(self) -> int:
        return 3600

    def is_expired(self) -> bool:
        return not self.alive

    def is_revoked(self) -> bool:
        return not self.alive

    def get_user(self) -> User | None:
        return self.user

    def get_client(self) -> Client:
        return self.client


@dataclass
class Mail:
    """A message in an inbox of Graph."""

    id: str
    received: str
    raw: bytes
    is_read: bool = False
    is_deleted: bool = False

    @property
    def subject(self) -> str:
        """Its subject as text."""
        return str(message_from_bytes(self.raw, policy=default)["Subject"] or "")

    def as_json(self) -> dict[str, Any]:
        """For a test."""
        return {**asdict(self), "raw": base64.b64encode(self.raw).decode()}


@dataclass
class Fault:
    """What an endpoint does instead of its work, *times* times (-1: until told otherwise) after *after* good answers.

    *delay* seconds pass first; with status 0 that is all. *drop* ends the connection without an answer.
    """

    endpoint: str
    status: int = 503
    times: int = 1
    after: int = 0
    delay: float = 0
    retry_after: str = ""
    error: str = ""
    echo: bool = False
    drop: bool = False


class State:
    """All of it, behind one lock. Public methods are orders: they take and return what JSON can hold."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._tenants: dict[str, Tenant] = {}
        self._ids = itertools.count(1)
        self.base = ""
        self.reset()

    def reset(self) -> None:
        """As just started; the tenants and their keys stay."""
        self.users: dict[str, User] = {}
        self.clients: dict[str, Client] = {}
        self.codes: dict[str, Code] = {}
        self.given: dict[str, Token] = {}
        self.nonces: set[str] = set()
        self.boxes: dict[str, list[Mail]] = {}
        self.outbox: list[bytes] = []
        self.seen: list[str] = []
        self.faults: list[Fault] = []
        self.token_faults: dict[str, int] = {}
        self.claim_changes: dict[str, Any] = {}
        self.next_user = ""
        self.is_denying = False
        self.settings: dict[str, Any] = {
            "page_size": 10,
            "seconds": 3600,
            "no_refresh_token": False,
            "forget_changes": False,
            "hold_sending": False,
            "wrong_issuer_parameter": False,
            "clock": 0,
        }

    # -- orders about tenants, users and clients --

    def tenant(self, name: str, is_microsoft: bool = False, names_itself: bool = False) -> str:
        """Make a tenant, or change it; its issuer. *names_itself*: its answers carry `iss` (RFC 9207)."""
        found = self._tenants.setdefault(name, Tenant(name))
        found.is_microsoft, found.names_itself = is_microsoft, names_itself
        return self.issuer_of(found)

    def user(
        self,
        tenant: str,
        email: str,
        subject: str = "",
        name: str = "",
        email_verified: bool = True,
        claims: dict[str, Any] | None = None,
    ) -> str:
        """Make a user; their subject. An address can belong to several, also of one tenant."""
        subject = subject or secrets.token_hex(8)
        self.users[subject] = User(subject, tenant, email, name, email_verified, claims or {})
        return subject

    def remove_user(self, subject: str) -> None:
        """End a user with all tokens."""
        gone = self.users.pop(subject)
        for token in self.given.values():
            if token.user is gone:
                token.alive = False

    def client(
        self,
        client_id: str,
        secret: str = "",
        redirects: list[str] | None = None,
        tenants: list[str] | None = None,
        logout_uri: str = "",
    ) -> None:
        """Register an application, or change it."""
        self.clients[client_id] = Client(client_id, secret, redirects or [], tenants or [], logout_uri)

    def redirect(self, client_id: str, uri: str) -> None:
        """Register one more address to which the browser may be led back."""
        known = self.clients[client_id].redirects
        if uri not in known:
            known.append(uri)

    def sign_in_as(self, subject: str = "", deny: bool = False) -> None:
        """Who consents from now on without being asked; with '' the address in `login_hint`, or a page with a choice.
        *deny*: consent is refused."""
        self.next_user, self.is_denying = subject, deny

    def rotate_keys(self, tenant: str, retire: bool = False) -> str:
        """Sign with a new key; *retire*: the old ones are no longer published. The id of the new key."""
        found = self._tenants[tenant]
        found.keys = [new_key(), *([] if retire else self.keys_of(found))]
        return str(found.keys[0].kid)

    # -- orders about faults --

    def fault(self, endpoint: str, **more: Any) -> None:
        """Order a fault of `authorize`, `token`, `discovery`, `jwks`, `userinfo`, `introspect`, `graph` or
        `graph_content`."""
        self.faults.append(Fault(endpoint, **more))

    def end_faults(self) -> None:
        """No more faults."""
        self.faults.clear()
        self.token_faults.clear()
        self.claim_changes.clear()

    def token_fault(self, name: str, times: int = 1) -> None:
        """Make the next ID tokens wrong in a way of TOKEN_FAULTS."""
        if name not in TOKEN_FAULTS:
            raise ValueError(name)
        self.token_faults[name] = times

    def change_claims(self, claims: dict[str, Any]) -> None:
        """Give these claims in every ID token from now on; None takes one away."""
        self.claim_changes = claims

    def set(self, name: str, value: Any) -> None:
        """Change a setting."""
        if name not in self.settings:
            raise ValueError(name)
        self.settings[name] = value

    # -- orders about tokens --

    def revoke(self, account: str = "", kind: str = "") -> None:
        """End all tokens of *account*, or only those of a kind ('access' or 'refresh')."""
        for token in self.given.values():
            if account in ("", token.account) and kind in ("", token.kind):
                token.alive = False

    def reassign(self, account: str) -> None:
        """Let all tokens belong to another account."""
        for token in self.given.values():
            token.account = account

    def forget_codes(self) -> None:
        """Let no code that was given be good."""
        self.codes.clear()

    def tokens(self, kind: str = "", alive: bool = False) -> list[str]:
        """The tokens that were given, of a kind, only those that can be used."""
        return [
            token.value
            for token in self.given.values()
            if kind in ("", token.kind) and (not alive or self.lives(token))
        ]

    def owner_of(self, token: str) -> str:
        """Whose an access token is; '' for nobody's."""
        found = self.given.get(token)
        return found.account if found and found.kind == "access" and self.lives(found) else ""

    def requests(self) -> list[str]:
        """Method and path of each request so far."""
        return self.seen

    # -- orders about mail --

    def deliver(self, address: str, raw: str, received: str, is_read: bool = False) -> dict[str, Any]:
        """Put a mail (base64) into an inbox of Graph."""
        return self.put_mail(address, base64.b64decode(raw), received, is_read=is_read).as_json()

    def mails(self, address: str) -> list[dict[str, Any]]:
        """The inbox of *address*."""
        return [mail.as_json() for mail in self.boxes.get(address, [])]

    def delete_mail(self, id: str) -> None:
        """Let a mail be gone, as somebody deletes it."""
        for box in self.boxes.values():
            for mail in box:
                mail.is_deleted = mail.is_deleted or mail.id == id

    def sent(self) -> list[str]:
        """The mails that went out by Graph, in base64."""
        return [base64.b64encode(raw).decode() for raw in self.outbox]

    # -- for the endpoints --

    @property
    def now(self) -> float:
        """The time of this provider: 'clock' seconds beside that of the machine."""
        return time.time() + float(self.settings["clock"])

    def find_tenant(self, name: str) -> Tenant | None:
        """A tenant, or one of Microsoft's doors that are open to all of its tenants."""
        if name in ANY_MICROSOFT and name not in self._tenants:
            return Tenant(name, is_microsoft=True)
        return self._tenants.get(name)

    def issuer_of(self, tenant: Tenant) -> str:
        """What stands in its tokens as `iss`."""
        if not tenant.is_microsoft:
            return f"{self.base}/{tenant.name}"
        return f"{self.base}/{'{tenantid}' if tenant.name in ANY_MICROSOFT else tenant.name}/v2.0"

    def keys_of(self, tenant: Tenant) -> list[RSAKey]:
        """Its keys; Microsoft's doors publish those of all its tenants."""
        with self._lock:
            if tenant.is_microsoft and tenant.name in ANY_MICROSOFT:
                behind = [one for one in self._tenants.values() if one.is_microsoft]
                return [key for one in behind for key in self.keys_of(one)]
            tenant.keys = tenant.keys or [new_key()]
            return tenant.keys

    def list_users(self, tenant: Tenant) -> list[User]:
        """Who can sign in at *tenant*."""
        wide = tenant.name in ANY_MICROSOFT
        return [
            user
            for user in self.users.values()
            if user.tenant == tenant.name
            or (wide and (home := self.find_tenant(user.tenant)) is not None and home.is_microsoft)
        ]

    def find_user(self, tenant: Tenant, address: str) -> User:
        """The user with an address. Mailboxes need no user: whoever is named consents."""
        for user in self.list_users(tenant):
            if user.email.lower() == address.lower():
                return user
        subject = self.user(tenant.name, address)
        return self.users[subject]

    def lives(self, token: Token) -> bool:
        """Whether *token* can be used."""
        return token.alive and token.ends > self.now

    def take_token_fault(self, name: str) -> bool:
        """Whether the ID token that is made now is wrong in this way."""
        left = self.token_faults.get(name, 0)
        if left > 0:
            self.token_faults[name] = left - 1
        return left != 0

    def take_fault(self, endpoint: str) -> Fault | None:
        """The fault of the request that is answered now."""
        with self._lock:
            for fault in self.faults:
                if fault.endpoint != endpoint or fault.times == 0:
                    continue
                if fault.after > 0:
                    fault.after -= 1
                    continue
                fault.times -= 1 if fault.times > 0 else 0
                return fault
        return None

    def put_mail(self, address: str, raw: bytes, received: str, *, is_read: bool = False) -> Mail:
        """Put a mail into an inbox."""
        with self._lock:
            mail = Mail(f"AAMk{next(self._ids)}=/+x", received, raw, is_read)
            self.boxes.setdefault(address, []).append(mail)
            return mail

    def send_mail(self, raw: bytes) -> None:
        """What Graph's sendMail does: into the inbox of each recipient."""
        message = message_from_bytes(raw, policy=default)
        self.outbox.append(raw)
        received = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self.now))
        for _name, address in getaddresses([str(value) for value in message.get_all("To", [])]):
            self.put_mail(address.lower(), raw, received)
