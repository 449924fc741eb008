"""Every address of the administration, for the tests that walk them all."""

from collections.abc import Iterator
from typing import Any


def pages(world: Any) -> Iterator[str]:
    """The pages that readers of the configuration open."""
    people = world.people
    yield from ("/admin", "/admin/roles", "/admin/organizations", "/admin/organizations/acme")
    yield from ("/admin/organizations/acme/people", f"/admin/organizations/acme/people/{people['rita'].contact_id}")
    yield from ("/admin/accounts", "/admin/accounts/ACME", "/admin/environments")
    yield f"/admin/environments/{world.environments['ACME', 'Production'].id}"
    yield from ("/admin/staff", f"/admin/staff/{people['ana'].staff_id}", "/admin/departments", "/admin/services")
    yield f"/admin/departments/{world.departments['service-desk'].id}"
    yield f"/admin/services/{world.northwind.services['colocation'].id}"
    yield from ("/admin/request-types", f"/admin/request-types/{world.types['outage'].id}")
    yield f"/admin/request-types/{world.types['outage'].id}/fields"
    yield from ("/admin/severity", "/admin/severity/question", "/admin/settings", "/admin/branding")
    yield from ("/admin/statuses", "/admin/statuses?language=pl", "/admin/languages", "/admin/preset")


def questions(world: Any) -> Iterator[str]:
    """The pages that hold a form which changes something; each path takes the POST too."""
    people = world.people
    contact, member = people["jan"].contact_id, people["tom"].staff_id
    yield from ("/admin/organizations/new", "/admin/organizations/acme/people/new", "/admin/accounts/new")
    yield from ("/admin/accounts/ACME/environments/new", "/admin/staff/new", "/admin/departments/new")
    yield from ("/admin/services/new", "/admin/request-types/new", "/admin/severity/new", "/admin/severity/remove")
    yield from (f"/admin/organizations/acme/people/{contact}/{verb}" for verb in VERBS)
    yield from (f"/admin/staff/{member}/{verb}" for verb in VERBS)
    yield f"/admin/services/{world.northwind.services['colocation'].id}/delete"
    yield f"/admin/request-types/{world.types['outage'].id}/move"
    yield f"/admin/request-types/{world.types['outage'].id}/fields/new"


VERBS = ("end", "return", "invite", "withdraw")
