"""Somebody who has not signed in sees of a provider what forms and the sign-in page are made of, and nothing else."""

from portal.authz.scopes import registered_scopes, scope
from portal.kernel.actor import nobody

# Rows of configuration that say nothing about a person or a client.
SEEN = {"Provider", "Department", "Service", "RequestType", "SeverityLevel", "SeverityAnswer"}


def test_scopes_admit_nobody_to_configuration_alone(world):
    """The session is the system's here, so that the scopes alone decide."""
    world.open_case("rita")
    seen, there = set(), set()
    for model in registered_scopes():
        for actor, found in ((nobody(world.northwind.id), seen), (world.system().actor, there)):
            if world.session.execute(scope(actor, model).limit(1)).unique().first():
                found.add(model.__name__)
    assert seen <= SEEN
    assert {"StaffMember", "Case", "Account", "User", "EscalationRule"} <= there
