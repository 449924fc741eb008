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
    "person.password_set": (),
    "person.signed_out_elsewhere": (),
}


def store_security_change(ctx: Context, event: Event) -> None:
    """Reaction to the events of CHANGES: store one security event. What the system does by itself is none (a demo, an
    import), and neither is a new name of an organization."""
    if ctx.actor.is_system:
        return
    facts: dict[str, Any] = {name: event.facts[name] for name in CHANGES[event.name] if name in event.facts}
    if event.name == "organization.changed":
        rules = {name: values for name, values in event.facts["changed"].items() if name in SHARING_RULES}
        if not rules:
            return
        facts = {"changed": rules, "organization": str(event.subject_id)}
    user_id = event.subject_id if event.name.startswith("person.") else ids.parse_id(event.facts.get("user"))
    security_events.store_change(ctx, event.name, user_id, facts)
