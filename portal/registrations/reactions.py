"""What follows when somebody proves who they are for the first time."""

from portal.identity.models import User
from portal.kernel.context import Context
from portal.kernel.events import Event
from portal.kernel.system_context import as_system
from portal.registrations.actions import receive_newcomer


def receive_who_proved(ctx: Context, event: Event) -> None:
    """Reaction to `person.password_set` and `person.sign_in_linked`: somebody without a place gets one, or waits."""
    if event.name == "person.password_set" and not event.facts.get("first"):
        return
    with as_system(ctx) as system:
        user = system.session.get(User, event.subject_id)
        if user is not None:
            receive_newcomer(system, user)
