"""Which events the administrators find among the security events, how they are stored there, and who looked at a case
as its customer."""

from collections.abc import Sequence
from typing import Any

from portal.audit.actions import note_access
from portal.audit.models import AS_CUSTOMER
from portal.authz.scopes import scope
from portal.cases.models import Case
from portal.kernel import ids, security_events
from portal.kernel.context import Context
from portal.kernel.events import Event
from portal.tenants.actions.organizations import SHARING_RULES

# Event to the facts that are kept of it.
CHANGES: dict[str, tuple[str, ...]] = {
    "staff.added": ("role",),
    "staff.changed": ("role",),
    "staff.returned": ("role",),
    "staff.ended": ("role",),
    "contact.added": ("roles",),
    "contact.changed": ("roles",),
    "contact.returned": ("roles",),
    "contact.manager_set": ("name",),
    "contact.ended": (),
    "contact.deleted": ("name",),
    "organization.changed": ("changed",),
    "account.changed": ("changed",),
    "provider.changed": ("changed",),
    "person.invited": (),
    "person.invitation_withdrawn": (),
    "person.claim_accepted": (),
    "person.sign_in_asked": (),
    "person.password_set": ("first",),
    "person.factor_added": ("factor", "name"),
    "person.factor_removed": ("factor", "name"),
    "person.recovery_codes_made": (),
    "person.recovery_code_used": ("left",),
    "person.factors_reset": (),
    "person.device_trusted": (),
    "person.device_trust_ended": (),
    "person.codes_failed": (),
    "person.email_change_asked": (),
    "person.email_changed": (),
    "person.signed_out_elsewhere": (),
    "person.ended": (),
    "person.provisioned": ("organization",),
    "person.deprovisioned": ("organization",),
    "person.roles_provisioned": ("organization", "roles", "groups"),
    "organization.scim_token_made": ("account", "role"),
    "organization.scim_token_ended": (),
    "telephone_system.added": ("name",),
    "telephone_system.changed": ("name", "active"),
    "telephone_system.token_made": ("name",),
    "telephone_system.token_ended": ("name",),
    "organization.group_role_set": ("group", "account", "roles"),
    "organization.group_role_removed": ("group", "account"),
    "person.let_in": ("organization",),
    "person.not_let_in": (),
    "registration.asked": (),
    "person.new_device": (),
    "session.started": ("method", "factor"),
    "session.ended": (),
    "person.sign_in_linked": ("way", "email"),
    "person.sign_in_waiting": ("way", "email"),
    "person.sign_in_unlinked": ("way",),
    "person.address_proved": ("email",),
    "sign_in_way.added": ("name", "issuer"),
    "sign_in_way.changed": ("name", "issuer"),
    "sign_in_way.deleted": ("name",),
    "community.person_blocked": ("until",),
    "community.person_unblocked": (),
    "organization.domain_added": ("domain",),
    "organization.domain_removed": ("domain",),
    "mailbox.added": ("address",),
    "mailbox.connected": ("address", "servers"),
    "mailbox.authorized": ("address",),
}
# Of changed settings, those that decide who gets in, who sees what, and who may work.
RULES: dict[str, tuple[str, ...]] = {
    "organization.changed": (
        *SHARING_RULES,
        "outside_copy",
        "registration",
        "factor_required",
        "factor_grace_days",
        "active",
    ),
    "account.changed": ("suspended",),
    "provider.changed": ("registration", "factor_roles", "factor_grace_days"),
}
# What the system does for somebody: the right password was written after too many wrong ones, somebody came back from
# an identity provider, or the operator removed second factors.
OF_SYSTEM = (
    *("person.sign_in_asked", "person.sign_in_linked", "person.sign_in_waiting", "person.address_proved"),
    *("person.provisioned", "person.deprovisioned", "person.roles_provisioned"),
    *("person.factors_reset", "registration.asked", "sign_in_way.added"),  # at the command line
)


def store_security_change(ctx: Context, event: Event) -> None:
    """Reaction to the events of CHANGES: store one security event. What the system does by itself is none (a demo, an
    import), and neither is another setting than those of RULES, nor signing out of the browser in use."""
    store_security_changes(ctx, [event])


def store_security_changes(ctx: Context, events: Sequence[Event]) -> None:
    """Reaction to many events of one name, as `store_security_change` is to one."""
    found = (_find_change(event) for event in events if not ctx.actor.is_system or event.name in OF_SYSTEM)
    security_events.store_changes(ctx, [change for change in found if change is not None])


def _find_change(event: Event) -> security_events.SecurityChange | None:
    if event.name == "session.ended" and not event.facts["elsewhere"]:
        return None
    facts: dict[str, Any] = {name: event.facts[name] for name in CHANGES[event.name] if name in event.facts}
    if event.name in RULES:
        rules = {name: values for name, values in event.facts["changed"].items() if name in RULES[event.name]}
        if not rules:
            return None
        facts = {"changed": rules}
        if event.name != "provider.changed":
            facts["organization"] = str(event.organization_id or event.subject_id)
    elif event.organization_id is not None:
        facts["organization"] = str(event.organization_id)
    user_id = event.subject_id if event.name.startswith("person.") else ids.parse_id(event.facts.get("user"))
    return security_events.SecurityChange(event.name, user_id, facts, ids.parse_id(facts.get("organization")))


def note_customer_view(ctx: Context, event: Event) -> None:
    """Reaction to `case.viewed_as_customer`: note it in the journal of access, with the reason."""
    found = scope(ctx.actor, Case).where(Case.id == event.case_id)
    note_access(ctx, found, AS_CUSTOMER, stated=event.facts["reason"])
