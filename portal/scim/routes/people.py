"""/scim/v2/Users: the people of the organization."""

from dataclasses import replace
from typing import Any

from flask import Response
from scim2_models import TooManyException

from portal.kernel.context import Context
from portal.kernel.errors import NotFound
from portal.kernel.ids import parse_id
from portal.scim.actions import people as actions
from portal.scim.engine import resources
from portal.scim.engine.facts import PersonFacts, WantedPerson
from portal.scim.engine.managers import WantedManager, read_manager
from portal.scim.engine.resources import InvalidResource, ScimUser
from portal.scim.models import ScimClient
from portal.scim.pages.protocol import (
    answer_list,
    answer_with,
    answers_client,
    filter_resources,
    plain_comparison,
    read_body,
    read_filter,
    read_page,
)
from portal.scim.queries import people as queries
from portal.tenants.actions.reporting_lines import lock_lines
from portal.web.forms import parse_email
from portal.web.urls import outside_url


@answers_client
def list_users(system: Context, client: ScimClient) -> Response:
    """The people of the organization, page by page, or those that a filter matches."""
    (start, limit), wanted = read_page(), read_filter()
    if not wanted:
        total = queries.count_visible(system, client)
        rows = queries.people_page(system, client, offset=start - 1, limit=limit) if limit else []
        return answer_list([_dump(row) for row in rows], total=total, start=start)
    found = _filter_people(system, client, wanted)
    return answer_list([_dump(row) for row in found[start - 1 : start - 1 + limit]], total=len(found), start=start)


@answers_client
def add_user(system: Context, client: ScimClient) -> Response:
    """Add somebody to the organization."""
    body = read_body()
    wanted, manager = _read_wanted(resources.read_resource(body)), read_manager(body)
    with system.session.begin_nested():
        if manager is not None:
            lock_lines(system, client.organization_id)
        contact = actions.add_person(system, client, wanted)
        if manager is not None:
            actions.set_wanted_manager(system, client, contact, manager)
    return answer_with(_dump(_load(system, client, str(contact.id))), 201)


@answers_client
def read_user(system: Context, client: ScimClient, person_id: str) -> Response:
    """One person."""
    return answer_with(_dump(_load(system, client, person_id)))


@answers_client
def replace_user(system: Context, client: ScimClient, person_id: str) -> Response:
    """Let somebody be as the whole resource says."""
    facts = _load(system, client, person_id)
    body = read_body()
    return _change(system, client, facts, resources.read_resource(body, replaces=True), read_manager(body))


@answers_client
def patch_user(system: Context, client: ScimClient, person_id: str) -> Response:
    """Change parts of somebody: all operations, or none."""
    facts = _load(system, client, person_id)
    body = read_body()
    return _change(system, client, facts, resources.apply_patch(_resource(facts), body), read_manager(body))


@answers_client
def remove_user(system: Context, client: ScimClient, person_id: str) -> Response:
    """End somebody's place."""
    facts = _load(system, client, person_id)
    actions.remove_person(system, queries.contact_of(system, client, facts.id))
    return Response(status=204)


def _change(
    system: Context, client: ScimClient, facts: PersonFacts, resource: Any, manager: WantedManager | None
) -> Response:
    wanted = _read_wanted(resource)
    with system.session.begin_nested():
        # Before the lock of the person: two who change lines wait for one another otherwise.
        if manager is not None:
            lock_lines(system, client.organization_id)
        contact = queries.contact_of(system, client, facts.id)
        actions.change_person(system, client, contact, wanted)
        if manager is not None:
            actions.set_wanted_manager(system, client, contact, manager)
    return answer_with(_dump(_load(system, client, str(facts.id))))


def _read_wanted(resource: Any) -> WantedPerson:
    """What *resource* says, with an address that is one. Raises InvalidResource, and Refused for the address."""
    wanted = resources.read_wanted(resource)
    return replace(wanted, email=parse_email(wanted.email))


def _filter_people(system: Context, client: ScimClient, wanted: str) -> list[PersonFacts]:
    """The people that the filter matches: by index for one address or one external id, else compared one by one."""
    name, text = plain_comparison(wanted)
    kinds = {"username": queries.has_address, "externalid": queries.has_external_id}
    where = [kinds[name](text)] if name in kinds else []
    rows = queries.people_page(system, client, where=where, limit=queries.MOST_COMPARED + 1)
    if len(rows) > queries.MOST_COMPARED:
        raise InvalidResource(TooManyException(detail="Filter by userName or externalId"))
    return filter_resources(wanted, rows, _resource, ScimUser)


def _load(system: Context, client: ScimClient, person_id: str) -> PersonFacts:
    found = queries.person(system, client, parse_id(person_id))
    if found is None:
        raise NotFound
    return found


def _resource(facts: PersonFacts) -> Any:
    return resources.make_resource(facts, outside_url(f"/scim/v2/Users/{facts.id}"))


def _dump(facts: PersonFacts) -> dict[str, Any]:
    return resources.dump(_resource(facts))
