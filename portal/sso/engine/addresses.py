"""Whether an identity provider proves that somebody holds an e-mail address. The claim alone proves nothing."""

from portal.sso.engine.domains import domain_of
from portal.sso.engine.kinds import GOOGLE, MICROSOFT, Claims

_GOOGLE_DOMAINS = ("gmail.com", "googlemail.com")


def is_address_proved(kind: str, claims: Claims, email: str) -> bool:
    """Whether the provider of *kind* vouches for *email* by *claims*; whose domain it is, is checked elsewhere.

    Google vouches for its own addresses and those of the organization that it hosts (`hd`); for others it only read a
    mail once. Of Microsoft any administrator of any directory may type any address: the caller believes it only where
    directory and domain belong to the same organization, and not where Microsoft says that the domain was not proved
    (`xms_edov`).
    """
    domain = domain_of(email)
    if not domain:
        return False
    if kind == MICROSOFT:
        return claims.get("xms_edov", True) in (True, 1, "1", "true", "True")
    if claims.get("email_verified") not in (True, "true"):
        return False
    return kind != GOOGLE or domain in _GOOGLE_DOMAINS or claims.get("hd") == domain
