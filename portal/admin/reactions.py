"""Which events are changes that the administrators find among the security events, and how they are stored there."""

from typing import Any

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
    "contact.ended": (),
    "organization.changed": ("changed",),
    "account.changed": ("changed",),
    "provider.changed": ("changed",),
    "person.invited": (),
    "person.invitation_withdrawn": (),
    "person.claim_accepted": (),
    "person.sign_in_asked": (),
    "person.password_set": ("first",),
    "person.email_change_asked": (),
    "person.email_changed": (),
    "person.signed_out_elsewhere": (),
    "person.ended": (),
    "session.ended": (),
    "mailbox.added": ("address",),
    "mailbox.connected": ("address", "servers"),
}
# Of changed settings, those that decide who gets in, who sees what, and who may work.
RULES: dict[str, tuple[str, ...]] = {
    "organization.changed": (*SHARING_RULES, "outside_copy", "active"),
    "account.changed": ("suspended",),
    "provider.changed": ("registration",),
}
# What the system does for somebody: the right password was written after too many wrong ones.
OF_SYSTEM = ("person.sign_in_asked",)


def store_security_change(ctx: Context, event: Event) -> None:
    """Reaction to the events of CHANGES: store one security event. What the system does by itself is none (a demo, an
    import), and neither is another setting than those of RULES, nor signing out of the browser in use."""
    if ctx.actor.is_system and event.name not in OF_SYSTEM:
        return
    if event.name == "session.ended" and not event.facts["elsewhere"]:
        return
    facts: dict[str, Any] = {name: event.facts[name] for name in CHANGES[event.name] if name in event.facts}
    if event.name in RULES:
        rules = {name: values for name, values in event.facts["changed"].items() if name in RULES[event.name]}
        if not rules:
            return
        facts = {"changed": rules}
        if event.name != "provider.changed":
            facts["organization"] = str(event.organization_id or event.subject_id)
    user_id = event.subject_id if event.name.startswith("person.") else ids.parse_id(event.facts.get("user"))
    security_events.store_change(ctx, event.name, user_id, facts)
