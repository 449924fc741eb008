"""The forms of ways to sign in, domains and directories."""

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, PasswordField

from portal.kernel.ids import parse_id
from portal.sso.actions.ways import WayFacts
from portal.sso.engine.kinds import DIRECTORY, EMAIL_DOMAIN, GOOGLE, MICROSOFT, OPENID
from portal.sso.models import SignInWay
from portal.web.edit_conflict import VersionedForm
from portal.web.forms import Form, choice_field, flag_field, line_field

KINDS = (
    (GOOGLE, _l("Google")),
    (MICROSOFT, _l("Microsoft")),
    (OPENID, _l("Another identity provider (OpenID Connect)")),
)
DOMAIN_KINDS = (
    (EMAIL_DOMAIN, _l("Domain of email addresses")),
    (DIRECTORY, _l("Directory of Microsoft Entra")),
)


class WayForm(VersionedForm):
    """A way to sign in; its name is chosen once, because it stands in the redirect address."""

    label = line_field(_l("Words on the button"), need=_l("Write what people read on the button"), limit=80)
    kind = choice_field(_l("Identity provider"), choices=KINDS, default=OPENID)
    issuer = line_field(_l("Issuer"), limit=500)
    client_id = line_field(_l("Client ID"), need=_l("Write the client ID that the identity provider shows"), limit=300)
    client_secret = PasswordField(_l("Client secret"))
    organization = choice_field(_l("For whom"))
    enabled = flag_field(_l("People can sign in this way"))
    enforced = flag_field(_l("Required: its people cannot use a password or an emailed link"))

    @classmethod
    def of(cls, row: SignInWay) -> "WayForm":
        """The form as *row* is; its secret is never shown."""
        names = ("label", "kind", "issuer", "client_id", "enabled", "enforced", "version")
        values = {name: getattr(row, name) for name in names}
        return cls(formdata=None, data={**values, "organization": str(row.organization_id or "")})

    def facts(self, name: str) -> WayFacts:
        """The way as it should be."""
        return WayFacts(
            name=name,
            label=self.label.data or "",
            kind=self.kind.data or "",
            issuer=self.issuer.data or "",
            client_id=self.client_id.data or "",
            client_secret=(self.client_secret.data or "").strip(),
            organization_id=parse_id(self.organization.data or ""),
            enabled=self.enabled.data,
            enforced=self.enforced.data,
        )


class NewWayForm(WayForm):
    name = line_field(_l("Name in addresses"), need=_l("Write a name, such as acme-entra"), limit=40)


class DomainForm(Form):
    """A domain of addresses, or a directory, and what newcomers with it get."""

    kind = choice_field(_l("What it is"), choices=DOMAIN_KINDS, default=EMAIL_DOMAIN)
    value = line_field(_l("Domain, or ID of the directory"), need=_l("Write a domain, such as acme.com"), limit=253)
    organization = choice_field(_l("Belongs to"))
    account = choice_field(_l("New people get access to"))
    role = choice_field(_l("Their role"))


class StartForm(Form):
    """The button that leads to an identity provider."""

    email = HiddenField()
    next = HiddenField()
