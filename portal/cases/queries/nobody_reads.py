"""What the pages say on which somebody writes once the contact, or whoever reported it, reads the case no more."""

from typing import Any

from portal.cases.models import Case
from portal.cases.queries import people
from portal.cases.queries.clients import ContactReach, contact_reach, places_of_contact_and_reporter
from portal.cases.queries.contact_options import contact_options
from portal.kernel.actor import Side
from portal.kernel.context import Context


def reading_values(context: Context, case: Case, reach: ContactReach | None = None) -> dict[str, Any]:
    """The values of `desk/_nobody_reads.html`: whether the contact reads what is written, and if not, who else does
    (*to*) and who could take the case over. *reach*: that of the contact, where it is known already."""
    if (reach or contact_reach(context, case)).reads:
        return {"contact_reads": True}
    return {
        "contact_reads": False,
        "to": people.customer_readers(context, case),
        "could_read": possible_contacts(context, case),
    }


def possible_contacts(context: Context, case: Case) -> list[str]:
    """The names of a few people who could become the contact of *case*."""
    found = people.people_of(context, case.account_id, limit=6, environment_id=case.environment_id, admitted_by=case)
    return [label for id_, label in contact_options(context, found) if id_ != str(case.contact_id)][:5]


def absent_people(context: Context, case: Case) -> list[str]:
    """The names of those of contact and reporter of *case* who left its organization, for a member of it who writes;
    others are not told who left, and nobody who is excluded. Its contact knows who is on it. At most one statement."""
    actor, named = context.actor, {case.contact_user_id: case.contact_user.name}
    if case.reported_side == Side.CONTACT:
        named[case.reported_by_id] = case.reported_by.name
    if case.organization_id not in actor.memberships or actor.user_id == case.contact_user_id:
        return []
    contact_belongs, reporter_belongs = places_of_contact_and_reporter(context, case)
    belongs = {case.reported_by_id: reporter_belongs, case.contact_user_id: contact_belongs}
    return [name for user_id, name in named.items() if not belongs[user_id]]
