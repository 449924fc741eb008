"""Security events in words."""

from typing import Any

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
        events.SIGN_IN_REFUSED: _("Answer of an identity provider not accepted"),
        events.OWN_PASSWORD_WRONG: _("Wrong current password while changing it"),
        events.CODE_FAILED: _("Right password, wrong code of the second factor"),
        events.CODE_THROTTLED: _("Too many wrong codes, attempt rejected"),
        events.RESET_ASKED: _("New password requested"),
        events.SIGN_IN_LINK_ASKED: _("Link to sign in requested"),
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
        "contact.manager_set": _("Manager of a person changed"),
        "contact.deleted": _("Contact deleted"),
        "organization.changed": _("Sharing rules changed"),
        "account.changed": _("Account suspended or reactivated"),
        "provider.changed": _("Rule for who can sign in changed"),
        "person.invited": _("Invitation sent"),
        "person.invitation_withdrawn": _("Invitation withdrawn"),
        "person.claim_accepted": _("Invitation accepted by somebody who was known by another organization"),
        "person.sign_in_asked": _("Right password after too many wrong ones: sign-in link sent"),
        "person.password_set": _("Password set"),
        "person.factor_added": _("Second factor added"),
        "person.factor_removed": _("Second factor removed"),
        "person.recovery_codes_made": _("New recovery codes made"),
        "person.recovery_code_used": _("Recovery code used"),
        "person.factors_reset": _("Second factors of a person removed by an administrator"),
        "person.device_trusted": _("Device trusted for 30 days: no second factor is needed there"),
        "person.device_trust_ended": _("Device no longer trusted: the second factor is needed there again"),
        "person.codes_failed": _("Person warned of many wrong codes"),
        "person.new_device": _("Signed in from a new device"),
        "person.email_change_asked": _("Link that confirms a new address sent"),
        "person.email_changed": _("Address of a person changed"),
        "person.signed_out_elsewhere": _("Signed out of all other browsers"),
        "person.provisioned": _("Identity provider of an organization gave a person access"),
        "person.deprovisioned": _("Identity provider of an organization ended the access of a person"),
        "person.roles_provisioned": _("Groups of the identity provider changed the access of a person"),
        "organization.group_role_set": _("Role given to a group of the identity provider (SCIM)"),
        "organization.group_role_removed": _("Role taken from a group of the identity provider (SCIM)"),
        "organization.scim_token_made": _("Token for the identity provider of an organization made (SCIM)"),
        "organization.scim_token_ended": _("Token for the identity provider of an organization ended (SCIM)"),
        "telephone_system.added": _("Telephone system added, with a token"),
        "telephone_system.changed": _("Telephone system renamed, or switched off or on"),
        "telephone_system.token_made": _("New token for a telephone system made"),
        "telephone_system.token_ended": _("Token of a telephone system ended"),
        "person.ended": _("All access of a person ended"),
        "person.let_in": _("Somebody who registered was given access"),
        "person.not_let_in": _("Somebody who registered was given no access"),
        "registration.asked": _("Somebody registered and waits for access"),
        "session.started": _("Signed in"),
        "session.ended": _("Signed out of another browser"),
        "person.sign_in_linked": _("Account at an identity provider linked to a person"),
        "person.sign_in_waiting": _("Address with another account at the identity provider: waits for a decision"),
        "person.sign_in_unlinked": _("Account at an identity provider removed from a person"),
        "person.address_proved": _("Address confirmed for the first time: earlier sign-ins ended"),
        "sign_in_way.added": _("Way to sign in added"),
        "sign_in_way.changed": _("Way to sign in changed"),
        "sign_in_way.deleted": _("Way to sign in removed"),
        "community.person_blocked": _("Blocked in the community"),
        "community.person_unblocked": _("No longer blocked in the community"),
        "organization.domain_added": _("Domain or directory given to an organization"),
        "organization.domain_removed": _("Domain or directory taken from an organization"),
        "mailbox.added": _("Mailbox added"),
        "mailbox.connected": _("Servers of a mailbox changed"),
        "mailbox.authorized": _("Permission for a mailbox given"),
    }.get(kind, kind)


def is_try(event: SecurityEvent) -> bool:
    """Whether *event* is tries that are added up, not a change."""
    return event.kind in events.TRIES


def detail_sentence(event: SecurityEvent) -> str:
    """What more is known: roles before and after, rules, the address of a refused request; '' for nothing."""
    if not event.key:
        return _("More people and addresses in this hour than are listed one by one")
    if event.kind == "organization.scim_token_made":
        return f"{role_name(event.facts['role'])} · {event.facts['account']}"
    if event.kind.startswith("telephone_system"):
        return str(event.facts["name"])
    if "role" in event.facts:
        return _before_and_after(*([role] if role else [] for role in event.facts["role"]))
    roles = event.facts.get("roles")
    if "group" in event.facts or "groups" in event.facts:
        return _group_sentence(event, roles or [])
    if roles:
        return _before_and_after(*roles) if isinstance(roles[0], list) else _before_and_after([], roles)
    if "changed" in event.facts and not event.kind.startswith("sign_in_way"):
        return ", ".join(_rule_label(name, after) for name, (_before, after) in event.facts["changed"].items())
    if "address" in event.facts:
        return " · ".join(filter(None, [event.facts["address"], *event.facts.get("servers", ())]))
    if event.kind == "contact.manager_set":
        return str(event.facts["name"]) or _("Nobody")
    if event.kind == "contact.deleted":
        return str(event.facts["name"])
    if "way" in event.facts or "domain" in event.facts or "issuer" in event.facts:
        return " · ".join(
            str(event.facts[name]) for name in ("way", "name", "domain", "email", "issuer") if name in event.facts
        )
    if event.kind == "session.started":
        return _sign_in_sentence(str(event.facts.get("method", "")), str(event.facts.get("factor") or ""))
    if event.facts.get("first"):
        return _("First password: an invitation was accepted")
    return event.address


def _group_sentence(event: SecurityEvent, roles: list[Any]) -> str:
    """What a group of the identity provider gives: the roles, the account, and the names of the groups."""
    given = _before_and_after(*roles) if roles and isinstance(roles[0], list) else ", ".join(map(role_name, roles))
    parts = [event.facts.get("group"), given, event.facts.get("account"), *event.facts.get("groups", ())]
    return " · ".join(str(part) for part in parts if part)


def _sign_in_sentence(method: str, factor: str) -> str:
    """How somebody signed in: the method, and the second factor if there was one."""
    named = {
        "password": _("With a password"),
        "link": _("With a link from an email"),
        "sign_in": _("With a link from an email"),
        "password_reset": _("With a link for a new password"),
        "passkey": _("With a passkey"),
        "invitation": _("With an invitation"),
        "registration": _("With a link for a new account"),
    }.get(method, _("With %(way)s", way=method))
    second = {
        "app": _("code of an authenticator app"),
        "recovery": _("recovery code"),
        "passkey": _("passkey"),
    }.get(factor, factor)
    return f"{named} · {second}" if second else named


def _before_and_after(before: list[str], after: list[str]) -> str:
    old, new = (", ".join(role_name(role) for role in roles) or "–" for roles in (before, after))
    return old if old == new else f"{old} → {new}"


def _rule_label(name: str, value: object) -> str:
    if name == "suspended":
        return _("No cases can be opened for the account") if value else _("Cases can be opened for the account again")
    if name == "factor_roles" and isinstance(value, dict):
        roles = ", ".join(role_name(role) for role in value)
        return _("Second factor required for: %(roles)s", roles=roles or "–")
    if name == "factor_grace_days":
        return _("Second factor: days in which it can be put off: %(days)s", days=value)
    sentences = {
        ("factor_required", True): _("Second factor required for people of the organization"),
        ("factor_required", False): _("Second factor not required for people of the organization"),
        ("default_visibility", "private"): _("New cases are private"),
        ("default_visibility", "shared"): _("New cases are shared"),
        ("admins_see_private", True): _("Administrators of the organization see private cases"),
        ("admins_see_private", False): _("Administrators of the organization do not see private cases"),
        ("requesters_see_shared", True): _("Requesters see shared cases"),
        ("requesters_see_shared", False): _("Requesters do not see shared cases"),
        ("managers_see", ""): _("Managers do not see the cases of their people"),
        ("managers_see", "direct"): _("Managers see the cases of the people who report to them"),
        ("managers_see", "line"): _("Managers see the cases of everybody below them"),
        ("outside_copy", True): _("Addresses outside the organization may be put in copy"),
        ("outside_copy", False): _("Only addresses of the organization may be put in copy"),
        ("active", True): _("Organization restored"),
        ("active", False): _("Organization archived"),
        ("registration", "invited"): _("People who are invited"),
        ("registration", "contacts"): _("Also every known contact who asks for a link"),
        ("registration", "anyone"): _("Anyone. People without a company see nothing"),
        ("registration", ""): _("As the settings of the provider say"),
        ("registration", "approval"): _("Also people with an address of its domains; somebody decides about each"),
        ("registration", "automatic"): _(
            "Also people with an address of its domains; they get the access that the domain gives"
        ),
    }
    return sentences.get((name, value), name)
