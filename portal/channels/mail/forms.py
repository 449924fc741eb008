"""The forms of the mail log and of mailboxes."""

from contextlib import suppress

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import PasswordField

from portal.channels.mail.actions.authorizations import OAuthChoice
from portal.channels.mail.actions.senders import LONGEST_NAME
from portal.channels.mail.models import GOOGLE, GRAPH, IMAP, MICROSOFT, MICROSOFT_APP, Mailbox, MailboxConnection
from portal.channels.mail.queries.mailboxes import read_server_addresses
from portal.channels.mail.servers.address import Server, ServerAddress, clean_host
from portal.kernel.errors import Refused
from portal.web.forms import Form, PressForm, at_most, choice_field, is_email, line_field
from portal.web.send_anyway_fields import SendAnywayFields

_TLS, _STARTTLS = "tls", "starttls"
_PROTECTION = [(_TLS, _l("TLS from the beginning")), (_STARTTLS, _l("STARTTLS"))]


class TakeInForm(SendAnywayFields, PressForm):
    """A button, and the reason where an answer of support seems to belong to another client."""


class ReleaseForm(TakeInForm):
    """The account, where the sender has several; the view sets them."""

    account = choice_field(_l("Account"), need=_l("Choose an account"))


class OpenForForm(SendAnywayFields, Form):
    """Whose case the mail of a colleague is."""

    account = choice_field(_l("Account"), need=_l("Choose an account"))
    person_name = line_field(_l("Name"), need=_l("Write the name of the person who is affected"), limit=200)
    person_email = line_field(_l("Email"), need=_l("Write their email address"), limit=320, checks=[is_email])


class SenderForm(Form):
    account = choice_field(_l("Account"), need=_l("Choose an account"))
    name = line_field(_l("Name"), need=_l("Write the name of the sender"), limit=200)


class AttachForm(Form):
    case = line_field(_l("Case number"), need=_l("Write the number of a case, such as ACME-1042"), limit=40)


class CopyProposalForm(PressForm):
    """`POST …/proposals`: the id of the proposal in the field that names the decision."""

    accept = line_field(_l("Put in copy"), limit=40)
    contact = line_field(_l("Add as a contact and put in copy"), limit=40)
    dismiss = line_field(_l("Leave out"), limit=40)


class MailboxForm(Form):
    address = line_field(_l("Address"), need=_l("Write one email address, such as support@example.com"), limit=254)
    way = choice_field(
        _l("How email arrives"),
        choices=[
            ("microsoft", _l("Microsoft 365")),
            ("google", _l("Google Workspace or Gmail")),
            ("imap", _l("Read the mailbox by IMAP with a password")),
            ("passed", _l("Our mail server passes it on by LMTP")),
        ],
        wrong=_l("Choose how email arrives"),
    )
    department = choice_field(_l("Department of new cases"))
    type = choice_field(_l("Kind of case"))


class AccountSenderForm(Form):
    """From whom mails about cases of an account come. The view sets the mailboxes."""

    name = line_field(_l("Name of the sender"), limit=LONGEST_NAME)
    mailbox = choice_field(_l("Mailbox"))


class MailboxRouteForm(Form):
    department = choice_field(_l("Department of new cases"))
    type = choice_field(_l("Kind of case"))


class MicrosoftForm(Form):
    """How a mailbox of Microsoft 365 signs in. A client secret that is left empty stays."""

    sign_in = choice_field(
        _l("Who signs in"),
        choices=[
            (MICROSOFT, _l("The mailbox: somebody signs in with it once")),
            (MICROSOFT_APP, _l("An application that an administrator of Microsoft 365 has allowed")),
        ],
    )
    protocol = choice_field(
        _l("How email is read and sent"), choices=[(GRAPH, _l("Microsoft Graph")), (IMAP, _l("IMAP and SMTP"))]
    )
    tenant = line_field(_l("Directory (tenant) ID or domain"), limit=253)
    client_id = line_field(_l("Application (client) ID"), limit=200)
    client_secret = PasswordField(_l("Client secret"), validators=[at_most(500)])

    def fill_from(self, connection: MailboxConnection | None) -> None:
        """Show what is stored, except the secret, or what suits most mailboxes."""
        self.sign_in.data, self.protocol.data = MICROSOFT, GRAPH
        if connection is not None and connection.sign_in in (MICROSOFT, MICROSOFT_APP):
            self.sign_in.data, self.protocol.data = connection.sign_in, connection.protocol
            self.tenant.data, self.client_id.data = connection.tenant, connection.client_id

    def read_choice(self) -> OAuthChoice:
        """What was chosen."""
        texts = [field.data or "" for field in (self.tenant, self.client_id, self.client_secret)]
        return OAuthChoice(self.sign_in.data, self.protocol.data, *texts)


class GoogleForm(Form):
    """The application through which a mailbox of Google signs in. A client secret that is left empty stays."""

    client_id = line_field(_l("Application (client) ID"), limit=200)
    client_secret = PasswordField(_l("Client secret"), validators=[at_most(500)])

    def fill_from(self, connection: MailboxConnection | None) -> None:
        """Show what is stored, except the secret."""
        if connection is not None and connection.sign_in == GOOGLE:
            self.client_id.data = connection.client_id

    def read_choice(self) -> OAuthChoice:
        """What was chosen."""
        return OAuthChoice(GOOGLE, client_id=self.client_id.data or "", client_secret=self.client_secret.data or "")


class ConnectionForm(Form):
    """The servers of a mailbox. A password that is left empty stays."""

    imap_host = line_field(_l("Server"), need=_l("Write the name of the server, such as imap.example.com"), limit=253)
    imap_port = line_field(_l("Port"), limit=5)
    imap_protection = choice_field(_l("Encryption"), choices=_PROTECTION)
    folder = line_field(_l("Folder"), limit=200)
    user = line_field(_l("User name"), need=_l("Write the user name, which is often the address"), limit=254)
    password = PasswordField(_l("Password"), validators=[at_most(500)])
    smtp_host = line_field(_l("Server"), limit=253)
    smtp_port = line_field(_l("Port"), limit=5)
    smtp_protection = choice_field(_l("Encryption"), choices=_PROTECTION)
    smtp_user = line_field(_l("User name, if it is another one"), limit=254)
    smtp_password = PasswordField(_l("Password, if it is another one"), validators=[at_most(500)])

    def fill_from(self, box: Mailbox, connection: MailboxConnection | None) -> None:
        """Show what is stored, or what is usual for the domain of *box*, also where what is stored cannot be read."""
        imap = ServerAddress("imaps", f"imap.{box.domain}", 993, box.address)
        smtp: ServerAddress | None = ServerAddress("smtps", f"smtp.{box.domain}", 465, box.address)
        if connection is not None:
            with suppress(ValueError):
                imap, smtp = read_server_addresses(connection)
        self.imap_host.data, self.imap_port.data = imap.host, str(imap.port)
        self.imap_protection.data = _TLS if imap.begins_with_tls else _STARTTLS
        self.folder.data, self.user.data = imap.folder, imap.user
        if smtp is not None:
            self.smtp_host.data, self.smtp_port.data = smtp.host, str(smtp.port)
            self.smtp_protection.data = _TLS if smtp.begins_with_tls else _STARTTLS
            self.smtp_user.data = "" if smtp.user == imap.user else smtp.user

    def read_imap(self) -> Server:
        """The server that is read. Raises Refused for a port that is none."""
        scheme = "imaps" if self.imap_protection.data == _TLS else "imap"
        port = self._port("imap_port", 993 if scheme == "imaps" else 143)
        address = ServerAddress(
            scheme, self._host("imap_host"), port, self.user.data or "", self.folder.data or "INBOX"
        )
        return Server(address, self.password.data or "")

    def read_smtp(self) -> Server | None:
        """The server that sends; None where none is named. Raises Refused for a port that is none."""
        if not self.smtp_host.data:
            return None
        scheme = "smtps" if self.smtp_protection.data == _TLS else "smtp"
        port = self._port("smtp_port", 465 if scheme == "smtps" else 587)
        own = bool(self.smtp_user.data)
        address = ServerAddress(
            scheme, self._host("smtp_host"), port, (self.smtp_user if own else self.user).data or ""
        )
        password = (self.smtp_password if own or self.smtp_password.data else self.password).data
        return Server(address, password or "")

    def _host(self, name: str) -> str:
        try:
            return clean_host(self[name].data or "")
        except ValueError:
            raise Refused(_("Write the name of a server alone, such as mail.example.com"), name) from None

    def _port(self, name: str, usual: int) -> int:
        text = self[name].data or str(usual)
        if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
            raise Refused(_("Write a port between 1 and 65535"), name)
        return int(text)
