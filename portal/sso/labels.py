"""Single sign-on in words."""

from flask_babel import gettext as _

from portal.identity.models import User
from portal.kernel.context import Context
from portal.sso.models import SignInWay
from portal.sso.queries import ways
from portal.sso.queries.arrivals import Arrival, Outcome


def refusal_sentence(code: str, label: str) -> str:
    """Why nobody was signed in, for the person in front of the page. *label*: the way, such as "Google"."""
    sentences = {
        "state": _("This sign-in did not begin in this browser, or it began too long ago. Begin again."),
        "denied": _("You did not confirm the sign-in at %(label)s. Nothing was changed.", label=label),
        "down": _("%(label)s does not answer right now. Try again, or sign in another way.", label=label),
        "slow": _("%(label)s took too long to answer. Try again, or sign in another way.", label=label),
        "code": _("This sign-in was used already, or took too long. Begin again."),
        "client": _(
            "%(label)s does not accept this portal. Tell support: the client ID or secret is wrong.", label=label
        ),
        "secret": _("The stored secret cannot be read. Tell support that it must be entered again."),
        "description": _(
            "The answer of %(label)s names a different issuer from the one set up here. Tell support.", label=label
        ),
        "protocol": _("%(label)s gave an answer that this portal does not understand. Tell support.", label=label),
        "token": _("The answer of %(label)s is not complete, so it was not accepted.", label=label),
        "unsigned": _("The answer of %(label)s is not signed, so it was not accepted.", label=label),
        "algorithm": _(
            "The answer of %(label)s is signed in a way that is not safe, so it was not accepted.", label=label
        ),
        "key": _("The signature of the answer is not that of %(label)s, so it was not accepted.", label=label),
        "issuer": _("The answer comes from another place than %(label)s, so it was not accepted.", label=label),
        "audience": _(
            "The answer of %(label)s was meant for another application, so it was not accepted.", label=label
        ),
        "expired": _("The answer of %(label)s has expired. Begin again.", label=label),
        "early": _("The answer of %(label)s is dated in the future: a clock is wrong. Tell support.", label=label),
        "nonce": _(
            "The answer of %(label)s belongs to another sign-in, so it was not accepted. Begin again.", label=label
        ),
        "subject": _("%(label)s did not say who you are, so the answer was not accepted.", label=label),
        "directory": _("Your Microsoft directory is not known here. Ask your administrator or support to add it."),
        "unproved": _(
            "%(label)s does not confirm your email address, so it cannot show who you are here. "
            "Sign in another way, then add %(label)s on the page of your sign-ins.",
            label=label,
        ),
        "stranger": _("There is no access for this address yet. Ask your administrator or support to invite you."),
        "recycled": _(
            "This address is already linked to another account at %(label)s. An administrator decides whose it is; "
            "until then nobody can sign in with it.",
            label=label,
        ),
        "waiting": _("An administrator has not decided yet whose this account is. Ask support if it is urgent."),
        "ended": _("Your access has ended. Ask your administrator, or call or email us"),
        "staff": _("Support staff sign in with their own account, not with that of a client."),
        "event": _("This is no message about signing out."),
    }
    return sentences.get(code) or sentences["protocol"]


def outcome_sentence(way: SignInWay, arrival: Arrival, outcome: Outcome) -> str:
    """What would happen, for whoever tests a way."""
    name = outcome.user.name if outcome.user is not None else arrival.name
    rule = arrival.rule
    match outcome.code:
        case "known":
            return _("%(name)s would be signed in: this account is linked to them.", name=name)
        case "link":
            return _("%(name)s, who has this address, would be signed in, and the account linked to them.", name=name)
        case "join" if rule is not None and rule.organization is not None:
            return _(
                "%(name)s would be added to %(organization)s and signed in.",
                name=name,
                organization=rule.organization.name,
            )
        case "register":
            return _("%(name)s would be registered, and see nothing until somebody gives them access.", name=name)
        case code:
            return _("Nobody would be signed in. They would read:") + " " + refusal_sentence(code, way.label)


def closed_sentence(ctx: Context, person: User, method: str) -> str:
    """Why *person* may not sign in by *method*, or '': their organization signs its people in itself."""
    demanded = ways.enforced_ways(ctx, person)
    if not demanded or any(way.name == method for way in demanded):
        return ""
    way = demanded[0]
    organization = way.organization.name if way.organization is not None else ""
    return _(
        "People of %(organization)s sign in with %(label)s. Continue there.",
        organization=organization,
        label=way.label,
    )


def state_label(way: SignInWay) -> str:
    """Whether people sign in by *way*."""
    if not way.enabled:
        return _("Off") if way.tested_at is not None else _("Off, not tested yet")
    return _("Required") if way.enforced else _("On")


def kind_label(kind: str) -> str:
    """A kind of identity provider."""
    return {"google": _("Google"), "microsoft": _("Microsoft"), "openid": _("Another (OpenID Connect)")}.get(kind, kind)
