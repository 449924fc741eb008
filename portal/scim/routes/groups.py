"""/scim/v2/Groups: the groups of the organization, which give roles."""

import re
from dataclasses import replace
from typing import Any

from flask import Response
from scim2_models import Group, TooManyException

from portal.kernel.context import Context
from portal.kernel.ids import parse_id
from portal.scim.actions import groups as actions
from portal.scim.engine import groups, resources
from portal.scim.engine.facts import GroupFacts
from portal.scim.engine.resources import InvalidResource
from portal.scim.models import ScimClient, ScimGroup
from portal.scim.pages.protocol import (
    answer_list,
    answer_with,
    answers_client,
    filter_resources,
    leaves_out,
    plain_comparison,
    read_body,
    read_filter,
    read_page,
)
from portal.scim.queries import groups as queries
from portal.web.urls import outside_url

# A page of groups ends early once it holds so many members.
MOST_MEMBERS_IN_PAGE = 10_000
# A filter about one group: Entra asks so whether somebody is in it.
_ID = re.compile(r'(?i)id eq "([0-9a-f-]{36})"(?: and |$)')


@answers_client
def list_groups(system: Context, client: ScimClient) -> Response:
    """The groups of the organization, page by page, or those that a filter matches."""
    (start, limit), wanted = read_page(), read_filter()
    if wanted:
        found = _filter_groups(system, client, wanted)
        total, rows = len(found), found[start - 1 : start - 1 + limit]
    else:
        total = queries.count_groups(system, client.organization_id)
        rows = queries.groups_page(system, client.organization_id, offset=start - 1, limit=limit)
    if not leaves_out("members"):
        rows = _with_members(system, _shorten(system, client, rows))
    return answer_list([_dump(row) for row in rows], total=total, start=start)


@answers_client
def add_group(system: Context, client: ScimClient) -> Response:
    """Add a group with its people."""
    wanted = groups.read_group(read_body())
    with system.session.begin_nested():
        row = actions.add_group(system, client, wanted)
    return _show(system, row, 201)


@answers_client
def read_group(system: Context, client: ScimClient, group_id: str) -> Response:
    """One group."""
    return _show(system, queries.group(system, client, parse_id(group_id)))


@answers_client
def replace_group(system: Context, client: ScimClient, group_id: str) -> Response:
    """Let a group be as the whole resource says."""
    row = queries.group(system, client, parse_id(group_id))
    wanted = groups.read_group(read_body())
    with system.session.begin_nested():
        actions.change_group(system, client, row, [wanted])
    return _show(system, row)


@answers_client
def patch_group(system: Context, client: ScimClient, group_id: str) -> Response:
    """Change parts of a group: all operations, or none. The answer has no body, because groups are large."""
    row = queries.group(system, client, parse_id(group_id))
    changes = groups.read_changes(read_body())
    with system.session.begin_nested():
        actions.change_group(system, client, row, changes)
    return Response(status=204)


@answers_client
def remove_group(system: Context, client: ScimClient, group_id: str) -> Response:
    """Forget a group."""
    actions.remove_group(system, client, queries.group(system, client, parse_id(group_id)))
    return Response(status=204)


def _filter_groups(system: Context, client: ScimClient, wanted: str) -> list[GroupFacts]:
    """The groups that the filter matches: by index for one name or one external id, else compared one by one, with
    their members only where the filter is about those."""
    name, text = plain_comparison(wanted)
    kinds = {"displayname": queries.has_name, "externalid": queries.has_group_external_id}
    where = [kinds[name](text)] if name in kinds else []
    by_id = _ID.match(wanted)
    if by_id is not None:
        where.append(queries.has_id(parse_id(by_id.group(1))))
    rows = queries.groups_page(system, client.organization_id, where=where)
    if "members" in wanted.lower():
        if len(rows) > 1 and len(_shorten(system, client, rows)) < len(rows):
            raise InvalidResource(TooManyException(detail="Filter by displayName, externalId or id"))
        rows = _with_members(system, rows)
    return [replace(row, members=None) for row in filter_resources(wanted, rows, _resource, Group)]


def _shorten(system: Context, client: ScimClient, rows: list[GroupFacts]) -> list[GroupFacts]:
    """The first of *rows* that have few enough members together, at least one."""
    counts, total, found = queries.member_counts(system, client.organization_id), 0, list[GroupFacts]()
    for row in rows:
        total += counts.get(row.id, 0)
        if found and total > MOST_MEMBERS_IN_PAGE:
            break
        found.append(row)
    return found


def _with_members(system: Context, rows: list[GroupFacts]) -> list[GroupFacts]:
    people = queries.members(system, [row.id for row in rows])
    return [replace(row, members=people.get(row.id, [])) for row in rows]


def _show(system: Context, row: ScimGroup, status: int = 200) -> Response:
    facts = queries.group_facts(row)
    if not leaves_out("members"):
        (facts,) = _with_members(system, [facts])
    return answer_with(_dump(facts), status)


def _resource(facts: GroupFacts) -> Any:
    return groups.make_group(facts, outside_url(f"/scim/v2/Groups/{facts.id}"))


def _dump(facts: GroupFacts) -> dict[str, Any]:
    return resources.dump(_resource(facts))
