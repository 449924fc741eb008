"""/scim/v2: what is supported here, and the attributes of people and groups."""

from collections.abc import Collection, Mapping
from typing import Any

from flask import Response
from scim2_models import (
    AuthenticationScheme,
    Bulk,
    ChangePassword,
    EnterpriseUser,
    ETag,
    Filter,
    Group,
    Patch,
    ResourceType,
    ServiceProviderConfig,
    Sort,
    User,
)

from portal.kernel.context import Context
from portal.scim.engine import resources
from portal.scim.engine.resources import ScimUser
from portal.scim.models import ScimClient
from portal.scim.pages.protocol import MOST_IN_PAGE, answer_list, answer_with, answers_client

# The attributes that are stored, with their parts; an empty set is an attribute without parts.
PERSON: Mapping[str, Collection[str]] = {
    **dict.fromkeys(("userName", "displayName", "title", "active"), ()),
    "name": ("formatted", "givenName", "familyName"),
    "emails": ("value", "type", "primary"),
    "phoneNumbers": ("value", "type"),
}
ENTERPRISE: Mapping[str, Collection[str]] = {"manager": ("value", "displayName")}
GROUP: Mapping[str, Collection[str]] = {"displayName": (), "members": ("value", "display")}


@answers_client
def service_provider_config(system: Context, client: ScimClient) -> Response:
    """What is supported here."""
    config = ServiceProviderConfig(
        patch=Patch(supported=True),
        bulk=Bulk(supported=False, max_operations=0, max_payload_size=0),
        filter=Filter(supported=True, max_results=MOST_IN_PAGE),
        change_password=ChangePassword(supported=False),
        sort=Sort(supported=False),
        etag=ETag(supported=False),
        authentication_schemes=[
            AuthenticationScheme(
                type=AuthenticationScheme.Type.oauthbearertoken,
                name="Bearer token",
                description="A token made on the page of the organization",
            )
        ],
    )
    return answer_with(resources.dump(config))


@answers_client
def resource_types(system: Context, client: ScimClient) -> Response:
    """The kinds of resources: people and groups."""
    return answer_list([resources.dump(ResourceType.from_resource(kind)) for kind in (ScimUser, Group)])


@answers_client
def schemas(system: Context, client: ScimClient) -> Response:
    """The attributes of people and groups, as far as they are stored. Others may be sent; they are passed over."""
    return answer_list([_describe(User, PERSON), _describe(EnterpriseUser, ENTERPRISE), _describe(Group, GROUP)])


def _describe(kind: Any, stored: Mapping[str, Collection[str]]) -> dict[str, Any]:
    """The schema of *kind*, with the *stored* attributes and their parts."""
    described = resources.dump(kind.to_schema())
    described["attributes"] = [one for one in described["attributes"] if one["name"] in stored]
    for attribute in described["attributes"]:
        if stored[attribute["name"]]:
            parts = stored[attribute["name"]]
            attribute["subAttributes"] = [part for part in attribute["subAttributes"] if part["name"] in parts]
    return described
