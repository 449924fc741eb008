"""What an invitation says: who invites, as what, and what the person will do here."""

from collections.abc import Callable
from dataclasses import dataclass

from flask_babel import gettext as _

from portal.authz.roles import ContactRole, StaffRole
from portal.identity.models import User
from portal.kernel.context import Context
from portal.kernel.events import Event
from portal.tenants.queries import actors
from portal.tenants.queries.staff import staff_row


@dataclass(frozen=True, slots=True)
class InvitationText:
    """The words of one invitation: the subject, the title, and what the person does here ('' if unknown)."""

    subject: str
    title: str
    task: str = ""


def invitation_text(ctx: Context, event: Event, person: User) -> InvitationText:
    """The invitation of *person* by *event*, worded by the place that they have at this moment."""
    portal = ctx.provider.called
    who = event.actor_name or portal
    member = staff_row(ctx, person.id)
    if member is not None and member.role == StaffRole.ADMIN and not event.actor_name:
        return _owner_text(portal)
    subject = _("%(who)s invited you to %(portal)s", who=who, portal=portal)
    if member is not None:
        title = _("%(who)s invited you to the support team of %(portal)s", who=who, portal=portal)
        return InvitationText(subject, title, _staff_tasks()[StaffRole(member.role)]())
    places = actors.contact_actors(ctx, [person])[person.id]
    organizations = ", ".join(sorted(place.name for place in places.memberships.values()))
    held = {row.role for row in places.access}
    tasks = _contact_tasks(organizations)
    task = next((words() for role, words in tasks.items() if role.value in held), "")
    if not organizations:
        return InvitationText(subject, _("%(who)s invited you to %(portal)s", who=who, portal=portal))
    title = _(
        "%(who)s invited you to %(portal)s, the support portal for %(organization)s",
        who=who,
        portal=portal,
        organization=organizations,
    )
    return InvitationText(subject, title, task)


def _owner_text(portal: str) -> InvitationText:
    """For the administrator whom the operator named: nobody else is here yet who could explain the portal."""
    return InvitationText(
        _("%(portal)s is ready: set it up", portal=portal),
        _("%(portal)s is ready, and you are its administrator", portal=portal),
        _(
            "You set up hours, promises and request types, add your team and your clients, and see every case. "
            "After you sign in, the page “Get started” leads you step by step to the first answered case."
        ),
    )


def _staff_tasks() -> dict[StaffRole, Callable[[], str]]:
    """What each role does, said to the person."""
    return {
        StaffRole.AGENT: lambda: _("You are an agent: you answer the cases of the accounts that you look after."),
        StaffRole.LEAD: lambda: _("You are a team lead: you answer cases and watch the promised times."),
        StaffRole.ADMIN: lambda: _(
            "You are an administrator: you configure the portal, add people, and see the cases of all accounts."
        ),
        StaffRole.PLATFORM_ADMIN: lambda: _(
            "You are a platform administrator: you configure the portal. You do not see cases."
        ),
        StaffRole.AUDITOR: lambda: _("You are an auditor: you read cases and the configuration, and change nothing."),
    }


def _contact_tasks(organizations: str) -> dict[ContactRole, Callable[[], str]]:
    """What each role does, the largest first."""
    return {
        ContactRole.ORGANIZATION_ADMIN: lambda: _(
            "You open cases, and you look after the people of %(organization)s: who can sign in, and what they see.",
            organization=organizations,
        ),
        ContactRole.COORDINATOR: lambda: _("You open cases for yourself and for colleagues, and follow them."),
        ContactRole.MEMBER: lambda: _("You open cases, follow them, and read those that colleagues share."),
        ContactRole.REQUESTER: lambda: _("You open cases here and follow them."),
    }
