"""Security events in words."""

from flask_babel import gettext as _
from flask_babel import ngettext

from portal.kernel import security_events as events
from portal.kernel.security_events import SecurityEvent
from portal.web.role_labels import role_name


def group_label(group: str) -> str:
    """A group of events."""
    return {
        "sign-ins": _("Sign-ins and links"),
        "refused": _("Refused requests"),
        "access": _("Roles and sharing rules"),
        "passwords": _("Passwords and sign-outs"),
        "mailboxes": _("Mailboxes"),
    }[group]


def span_label(days: int) -> str:
    """The last *days* days."""
    return _("Last 24 hours") if days == 1 else ngettext("Last %(num)d day", "Last %(num)d days", days)


def kind_label(kind: str) -> str:
    """What happened."""
    return {
        events.SIGN_IN_FAILED: _("Wrong password"),
        events.SIGN_IN_THROTTLED: _("Too many wrong passwords, attempt rejected"),
        events.OWN_PASSWORD_WRONG: _("Wrong current password while changing it"),
        events.RESET_ASKED: _("New password requested"),
        events.SIGN_UP_ASKED: _("Registration requested"),
        events.LINK_THROTTLED: _("Too many link requests, none sent"),
        events.REQUEST_FORBIDDEN: _("Request refused: the role does not include it"),
        events.FORM_REFUSED: _("Form without a valid token refused"),
        "staff.added": _("Staff member added"),
        "staff.changed": _("Role or accounts of a staff member changed"),
        "staff.returned": _("Access of a former staff member restored"),
        "staff.ended": _("Access of a staff member ended"),
        "contact.added": _("Person added to an organization"),
        "contact.changed": _("Access of a person changed"),
        "contact.returned": _("Access of a former contact restored"),
        "contact.ended": _("Access of a person ended"),
        "organization.changed": _("Sharing rules changed"),
        "account.changed": _("Account suspended or reactivated"),
        "provider.changed": _("Rule for who can sign in changed"),
        "person.invited": _("Invitation sent"),
        "person.invitation_withdrawn": _("Invitation withdrawn"),
        "person.claim_accepted": _("Invitation accepted by somebody who was known by another organization"),
        "person.sign_in_asked": _("Right password after too many wrong ones: sign-in link sent"),
        "person.password_set": _("Password set"),
        "person.email_change_asked": _("Link that confirms a new address sent"),
        "person.email_changed": _("Address of a person changed"),
        "person.signed_out_elsewhere": _("Signed out of all other browsers"),
        "person.ended": _("All access of a person ended"),
        "session.ended": _("Signed out of another browser"),
        "mailbox.added": _("Mailbox added"),
        "mailbox.connected": _("Servers of a mailbox changed"),
    }.get(kind, kind)


def is_try(event: SecurityEvent) -> bool:
    """Whether *event* is tries that are added up, not a change."""
    return event.kind in events.TRIES


def detail_sentence(event: SecurityEvent) -> str:
    """What more is known: roles before and after, rules, the address of a refused request; '' for nothing."""
    if not event.key:
        return _("More people and addresses in this hour than are listed one by one")
    if "role" in event.facts:
        return _before_and_after(*([role] if role else [] for role in event.facts["role"]))
    roles = event.facts.get("roles")
    if roles:
        return _before_and_after(*roles) if isinstance(roles[0], list) else _before_and_after([], roles)
    if "changed" in event.facts:
        return ", ".join(_rule_label(name, after) for name, (_before, after) in event.facts["changed"].items())
    if "address" in event.facts:
        return " · ".join(filter(None, [event.facts["address"], *event.facts.get("servers", ())]))
    if event.facts.get("first"):
        return _("First password: an invitation was accepted")
    return event.address


def _before_and_after(before: list[str], after: list[str]) -> str:
    old, new = (", ".join(role_name(role) for role in roles) or "–" for roles in (before, after))
    return old if old == new else f"{old} → {new}"


def _rule_label(name: str, value: object) -> str:
    if name == "suspended":
        return _("No cases can be opened for the account") if value else _("Cases can be opened for the account again")
    sentences = {
        ("default_visibility", "private"): _("New cases are private"),
        ("default_visibility", "shared"): _("New cases are shared"),
        ("admins_see_private", True): _("Administrators of the organization see private cases"),
        ("admins_see_private", False): _("Administrators of the organization do not see private cases"),
        ("requesters_see_shared", True): _("Requesters see shared cases"),
        ("requesters_see_shared", False): _("Requesters do not see shared cases"),
        ("outside_copy", True): _("Addresses outside the organization may be put in copy"),
        ("outside_copy", False): _("Only addresses of the organization may be put in copy"),
        ("active", True): _("Organization restored"),
        ("active", False): _("Organization archived"),
        ("registration", "invited"): _("People who are invited"),
        ("registration", "contacts"): _("Also every known contact who asks for a link"),
        ("registration", "anyone"): _("Anyone. People without a company see nothing"),
    }
    return sentences.get((name, value), name)
