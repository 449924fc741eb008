"""Groups as Entra and Okta send them, and the roles that the people in them have from then on."""

import copy
import json
import uuid
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from urllib.parse import quote

import pytest

from portal.kernel.security_events import SecurityEvent
from portal.scim.actions import groups as actions
from portal.scim.models import ScimGroup, ScimGroupMember
from portal.scim.queries import groups as queries
from portal.tenants.models import Account, Contact, ContactAccess, Organization
from tests.scim.steps import GROUP, PATCH, Client, rows


def give(world, group: str, role: str, key: str = "ACME") -> None:
    account = world.rows(Account, Account.key == key)[0]
    organization = world.rows(Organization, Organization.id == account.organization_id)[0]
    actions.set_group_role(world.ctx("ada"), organization, group, account, role)


def access(world, person_id) -> dict[str, tuple[str, str]]:
    """Account key to role and source of the rows of a person."""
    keys = {account.id: account.key for account in world.rows(Account)}
    found = rows(world, ContactAccess, ContactAccess.contact_id == person_id)
    return {keys[row.account_id]: (row.role, row.source) for row in found}


@pytest.fixture
def nina(acme) -> str:
    return acme.add("nina@acme.example", externalId="nina-1").json["id"]


def test_the_sequence_of_entra(world, acme, nina):
    give(world, "IT administrators", "organization_admin")
    give(world, "b1e2-object-id", "coordinator")
    by_name = quote('displayName eq "IT Administrators"')
    found = acme.ask("GET", f"Groups?excludedAttributes=members&filter={by_name}")
    assert found.json["totalResults"] == 0
    schemas = [GROUP, "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"]
    body = {"schemas": schemas, "externalId": "b1e2-object-id", "displayName": "Service desk"}
    made = acme.ask("POST", "Groups", {**body, "meta": {"resourceType": "Group"}})
    assert made.status_code == 201 and made.headers["Location"].endswith(f"/scim/v2/Groups/{made.json['id']}")
    group_id = made.json["id"]
    assert access(world, nina) == {"ACME": ("member", "default")}
    added = {"op": "Add", "path": "members", "value": [{"$ref": None, "value": nina}]}
    answer = acme.patch_group(group_id, added)
    assert (answer.status_code, answer.get_data()) == (204, b"")
    assert access(world, nina) == {"ACME": ("coordinator", "group")}
    assert acme.patch_group(group_id, {"op": "Replace", "path": "displayName", "value": "IT Administrators"})
    assert access(world, nina) == {"ACME": ("organization_admin", "group")}
    short = acme.ask("GET", f"Groups/{group_id}?excludedAttributes=members").json
    assert "members" not in short and short["externalId"] == "b1e2-object-id"
    assert [one["value"] for one in acme.ask("GET", f"Groups/{group_id}").json["members"]] == [nina]
    for condition in (f'id eq "{group_id}" and members eq "{nina}"', f'members[value eq "{nina}"]'):
        found = acme.ask("GET", f"Groups?filter={quote(condition)}").json
        assert [one["id"] for one in found["Resources"]] == [group_id], condition
    # Entra removes members by value, which RFC 7644 does not have.
    assert (
        acme.patch_group(group_id, {"op": "Remove", "path": "members", "value": [{"value": nina}]}).status_code == 204
    )
    assert access(world, nina) == {"ACME": ("member", "default")}
    assert acme.ask("DELETE", f"Groups/{group_id}").status_code == 204
    assert acme.ask("GET", f"Groups/{group_id}").status_code == 404
    roles = [event.facts["roles"] for event in rows(world, SecurityEvent) if event.kind == "person.roles_provisioned"]
    assert roles == [
        [["member"], ["coordinator"]],
        [["coordinator"], ["organization_admin"]],
        [["organization_admin"], ["member"]],
    ]


def test_the_sequence_of_okta(world, acme, nina):
    give(world, "Coordinators", "coordinator")
    made = acme.add_group("Coordinators", nina).json
    assert made["displayName"] == "Coordinators" and [one["value"] for one in made["members"]] == [nina]
    assert access(world, nina) == {"ACME": ("coordinator", "group")}
    other = acme.add("omar@acme.example").json["id"]
    # Okta renames without a path and sends the id along; members go as one list of operations.
    renamed = {"op": "replace", "value": {"id": made["id"], "displayName": "Coordinators of Acme"}}
    assert acme.patch_group(made["id"], renamed).status_code == 204
    assert access(world, nina) == {"ACME": ("member", "default")}
    acme.patch_group(made["id"], {"op": "replace", "path": "displayName", "value": "Coordinators"})
    swap = (
        {"op": "remove", "path": f'members[value eq "{nina}"]'},
        {"op": "add", "path": "members", "value": [{"value": other, "display": "omar@acme.example"}]},
    )
    assert acme.patch_group(made["id"], *swap).status_code == 204
    assert access(world, nina) == {"ACME": ("member", "default")}
    assert access(world, other) == {"ACME": ("coordinator", "group")}
    assert acme.patch_group(made["id"], {"op": "replace", "path": "members", "value": [{"value": nina}]})
    assert [one["value"] for one in acme.ask("GET", f"Groups/{made['id']}").json["members"]] == [nina]
    whole = {"schemas": [GROUP], "displayName": "Coordinators", "members": [{"value": nina}, {"value": other}]}
    assert len(acme.ask("PUT", f"Groups/{made['id']}", whole).json["members"]) == 2
    assert acme.ask("PUT", f"Groups/{made['id']}", {**whole, "members": []}).status_code == 200
    assert access(world, nina) == access(world, other) == {"ACME": ("member", "default")}
    assert acme.ask("GET", "Groups?startIndex=1&count=100").json["totalResults"] == 1
    assert acme.add_group("coordinators").status_code == 409


def test_the_highest_role_of_all_groups_holds(world, acme, nina):
    give(world, "Everybody", "requester")
    give(world, "Leads", "coordinator")
    everybody = acme.add_group("Everybody", nina).json["id"]
    assert access(world, nina) == {"ACME": ("requester", "group")}
    leads = acme.add_group("Leads", nina).json["id"]
    assert access(world, nina) == {"ACME": ("coordinator", "group")}
    acme.ask("DELETE", f"Groups/{leads}")
    assert access(world, nina) == {"ACME": ("requester", "group")}
    acme.patch_group(everybody, {"op": "remove", "path": "members"})
    assert access(world, nina) == {"ACME": ("member", "default")}


def test_a_role_is_cut_within_one_request(world, acme, client):
    give(world, "Administrators", "organization_admin")
    rita = acme.find(f'userName eq "{world.rita.email}"')["Resources"][0]["id"]
    browser = client("rita")
    assert browser.get("/org/acme/people").status_code == 403
    group = acme.add_group("Administrators", rita).json["id"]
    assert browser.get("/org/acme/people").status_code == 200
    acme.patch_group(group, {"op": "remove", "path": f'members[value eq "{rita}"]'})
    assert browser.get("/org/acme/people").status_code == 403
    assert browser.get("/cases").status_code == 200
    log = client("ada").get("/admin/security").page.text
    assert "Groups of the identity provider changed the access of a person" in log and "Administrators" in log


def test_what_is_mapped_takes_effect_for_groups_that_are_there(world, acme, nina, client):
    acme.add_group("Leads", nina)
    assert access(world, nina) == {"ACME": ("member", "default")}
    path = "/admin/organizations/acme/scim"
    ada = client("ada")
    page = ada.get(path).page
    assert "Leads (1 person)" in page.text
    form = page.form(f"{path}/roles")
    refused = ada.submit(form, group="", group_role="coordinator")
    assert refused.status_code == 422 and "Type the name of a group" in refused.page.text
    assert ada.submit(form, group="leads", group_role="coordinator").status_code == 303
    assert access(world, nina) == {"ACME": ("coordinator", "group")}
    shown = ada.get(path).page
    remove = next(link for link in shown.links if link.endswith("/remove"))
    assert "1 person is in the group" in ada.get(remove).page.text
    assert ada.submit(ada.get(remove).page.form(remove)).status_code == 303
    assert access(world, nina) == {"ACME": ("member", "default")}
    assert ada.get(remove).status_code == 404


@pytest.mark.parametrize("change", ["set", "raised", "removed"])
def test_what_a_group_gives_is_written_for_all_its_people_at_once(world, acme, statements, change):
    """As many statements for thirty people as for two, and the same log and roles as if each had been changed."""
    organization = world.rows(Organization, Organization.slug == "acme")[0]
    counts = []
    for number in (2, 30):
        name = f"Group of {number}"
        people = [acme.add(f"{number}-{n}@acme.example").json["id"] for n in range(number)]
        acme.add_group(name, *people)
        if change != "set":
            give(world, name, "requester")
        world.session.expire_all()
        with statements() as seen:
            if change == "removed":
                (given,) = queries.group_roles(world.ctx("ada"), organization)
                actions.remove_group_role(world.ctx("ada"), organization, given)
            else:
                give(world, name, "coordinator")
        counts.append(len(seen))
        expected = ("member", "default") if change == "removed" else ("coordinator", "group")
        assert [access(world, person) for person in people] == [{"ACME": expected}] * number
        steps = {
            "set": ["member", "coordinator"],
            "raised": ["requester", "coordinator"],
            "removed": ["requester", "member"],
        }
        users = {str(row.user_id) for row in rows(world, Contact) if str(row.id) in people}
        noted = [event for event in rows(world, SecurityEvent) if event.kind == "person.roles_provisioned"]
        mine = [
            event
            for event in noted
            if str(event.user_id) in users and event.facts["roles"] == [[one] for one in steps[change]]
        ]
        assert {str(event.user_id) for event in mine} == users and len(mine) == number
        assert all(event.organization_id == organization.id for event in mine)
    assert counts[0] == counts[1], counts


def test_only_those_who_connect_map_groups(world, acme, client, travel):
    path = "/admin/organizations/acme/scim/roles"
    give(world, "Leads", "member")
    shown = client("aud").get("/admin/organizations/acme/scim").page
    assert "Leads" in shown.text and not [link for link in shown.links if link.endswith("/remove")]
    for who in ("aud", "pat", "ana", "lee", "rita"):
        assert client(who).post(path, data={}).status_code in (403, 404), who
    ada = client("ada")
    travel(minutes=11)
    assert ada.post(path, data={}).headers["Location"].startswith("/me/proof")


def test_a_role_of_a_group_is_shown_and_not_changed_by_hand(world, acme, nina, client):
    give(world, "Leads", "coordinator")
    acme.add_group("Leads", nina)
    path = f"/admin/organizations/acme/people/{nina}"
    ada = client("ada")
    page = ada.get(path).page
    assert "Given by groups of the identity provider" in page.text
    account = world.rows(Account, Account.key == "ACME")[0]
    assert str(account.id) not in {option.get("value") for option in page.all("option")}
    assert ada.submit(page.form(path), title="Head of IT").status_code == 303
    assert access(world, nina) == {"ACME": ("coordinator", "group")}
    stale = ada.submit(page.form(path), place=str(account.id), role="organization_admin")
    assert stale.status_code in (409, 422)
    with pytest.raises(actions.Refused, match="A group of the identity provider gives the role"):
        from portal.authz.roles import ContactRole
        from portal.tenants.actions import contacts

        contact = world.rows(contacts.Contact, contacts.Contact.id == nina)[0]
        contacts.change_access(
            world.ctx("ada"), contact, grants=[contacts.Grant(account.id, None, ContactRole.REQUESTER)]
        )


def test_access_given_by_hand_elsewhere_stays(world, acme, nina):
    from portal.authz.roles import ContactRole
    from portal.tenants.actions import contacts

    acme_account = world.rows(Account, Account.key == "ACME")[0]
    other = next(
        row for row in world.rows(Account, Account.organization_id == acme_account.organization_id) if row.key != "ACME"
    )
    contact = world.rows(contacts.Contact, contacts.Contact.id == nina)[0]
    by_hand = [contacts.Grant(other.id, None, ContactRole.REQUESTER)]
    contacts.change_access(world.ctx("ada"), contact, grants=by_hand)
    give(world, "Leads", "coordinator")
    group = acme.add_group("Leads", nina).json["id"]
    assert access(world, nina) == {"ACME": ("coordinator", "group"), other.key: ("requester", "hand")}
    acme.ask("DELETE", f"Groups/{group}")
    # Nobody gains the access of new people by leaving a group.
    assert access(world, nina) == {other.key: ("requester", "hand")}


def test_without_a_token_roles_are_changed_by_hand_and_a_new_one_applies_them_again(world, acme, nina, client):
    from portal.scim.actions.tokens import end_token, make_token

    give(world, "Leads", "coordinator")
    acme.add_group("Leads", nina)
    organization = world.rows(Organization, Organization.slug == "acme")[0]
    end_token(world.ctx("ada"), organization)
    assert access(world, nina) == {"ACME": ("coordinator", "hand")}
    make_token(world.ctx("ada"), organization, world.rows(Account, Account.key == "ACME")[0], "member")
    assert access(world, nina) == {"ACME": ("coordinator", "group")}


def test_somebody_deleted_is_in_no_group(world, acme, nina):
    give(world, "Leads", "coordinator")
    group = acme.add_group("Leads", nina).json["id"]
    acme.ask("DELETE", f"Users/{nina}")
    assert "members" not in acme.ask("GET", f"Groups/{group}").json
    assert acme.add("nina@acme.example").json["id"] == nina
    assert access(world, nina) == {"ACME": ("member", "default")}
    # Deactivated people stay in their groups, and come back with what those give by then.
    acme.patch_group(group, {"op": "add", "path": "members", "value": [{"value": nina}]})
    acme.patch(nina, {"op": "replace", "path": "active", "value": False})
    give(world, "Leads", "organization_admin")
    acme.patch(nina, {"op": "replace", "path": "active", "value": True})
    assert access(world, nina) == {"ACME": ("organization_admin", "group")}


def test_a_token_reaches_the_groups_and_people_of_its_own_organization_only(world, acme, globex, nina):
    give(world, "Leads", "organization_admin", "GLOBEX")
    theirs = globex.add_group("Leads").json["id"]
    for method, body in (("GET", None), ("DELETE", None), ("PUT", {"schemas": [GROUP], "displayName": "Mine"})):
        assert acme.ask(method, f"Groups/{theirs}", body).status_code == 404
    added = {"op": "add", "path": "members", "value": [{"value": nina}]}
    assert acme.patch_group(theirs, added).status_code == 404
    # Neither does another organization's person come into a group, nor is it told that they are there.
    answers = [globex.patch_group(theirs, added), globex.add_group("Others", nina)]
    nobody = str(uuid.uuid4())
    missing = globex.patch_group(theirs, {"op": "add", "path": "members", "value": [{"value": nobody}]})
    for answer in answers:
        assert (answer.status_code, answer.json["scimType"]) == (400, "invalidValue")
        assert answer.json["detail"].replace(nina, "x") == missing.json["detail"].replace(nobody, "x")
    assert rows(world, ScimGroupMember) == [] and access(world, nina) == {"ACME": ("member", "default")}
    # The same name in two organizations: each has its own roles.
    acme.add_group("Leads", nina)
    assert access(world, nina) == {"ACME": ("member", "default")}
    assert [one["id"] for one in globex.ask("GET", "Groups").json["Resources"]] == [theirs]


@pytest.mark.parametrize(
    "operations",
    [
        *([], "x", [5], [{"op": "burn"}], [{"op": "remove"}], [{"op": "replace", "value": 5}]),
        *([{"op": "add", "path": "members", "value": value}] for value in (5, "x", [5], [{"value": None}], [{}])),
        [{"op": "add", "path": "members", "value": [{"value": "no-id"}]}],
        [{"op": "add", "path": "members", "value": [{"value": str(uuid.UUID(int=5))}]}],
        [{"op": "add", "path": "members", "value": [{"value": f"{n:032d}"} for n in range(5_001)]}],
        [{"op": "replace", "path": "displayName", "value": value} for value in ("", "x" * 256, 5)][:1],
        *([{"op": "replace", "path": "displayName", "value": value}] for value in ("x" * 256, 5, None, "\u0000")),
        *([{"op": verb, "path": "displayName"}] for verb in ("remove", "add")),
        *([{"op": "replace", "path": path, "value": "x"}] for path in ("nonsense", "İ" * 50, "members[", "id")),
        [{"op": "replace", "path": "externalId", "value": "x" * 256}],
        # All or nothing: the first one holds, the second does not.
        [{"op": "remove", "path": "members"}, {"op": "replace", "path": "nonsense", "value": 1}],
    ],
)
def test_a_patch_that_does_not_hold_changes_nothing(world, acme, nina, operations):
    group = acme.add_group("Leads", nina).json["id"]
    answer = acme.ask("PATCH", f"Groups/{group}", {"schemas": [PATCH], "Operations": operations})
    assert answer.status_code == 400 and answer.json["detail"]
    (row,) = rows(world, ScimGroup)
    assert row.name == "Leads" and len(rows(world, ScimGroupMember)) == 1


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"{", b"[]", b"null", b"\xff", b"[" * 60_000, b"x" * 600_000),
        *(json.dumps({"schemas": [GROUP], **more}).encode() for more in ({}, {"displayName": ""}, {"displayName": 5})),
        json.dumps({"schemas": [GROUP], "displayName": "A", "members": "x"}).encode(),
        json.dumps({"schemas": [GROUP], "displayName": "A", "members": [{"value": "x"}]}).encode(),
        json.dumps({"schemas": [GROUP], "displayName": "\ud800", "externalId": "x" * 300}).encode(),
    ],
)
def test_what_is_no_group_is_answered_with_an_error(world, acme, body):
    headers = {"Authorization": f"Bearer {acme.token}"}
    group = acme.add_group("Leads").json["id"]
    for method, path in (("POST", "Groups"), ("PUT", f"Groups/{group}"), ("PATCH", f"Groups/{group}")):
        answer = acme.browser.open(f"/scim/v2/{path}", method=method, headers=headers, data=body, csrf=False)
        assert answer.status_code == 400 and answer.json["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:Error"]
    assert [row.name for row in rows(world, ScimGroup)] == ["Leads"]


@pytest.mark.parametrize("name", ["\ud800 surrogate", "a\u0000b", "İstanbul", "x" * 255, "<b>bold</b>", "Zespół"])
def test_odd_names_are_text(world, acme, client, name):
    answer = acme.add_group(name)
    assert answer.status_code in (201, 400)
    if answer.status_code == 201:
        found = acme.ask("GET", f"Groups?filter={quote('displayName eq ' + json.dumps(answer.json['displayName']))}")
        assert found.json["totalResults"] == 1
        assert "<b>bold</b>" not in client("ada").get("/admin/organizations/acme/scim").get_data(as_text=True)


@pytest.mark.parametrize("condition", ["displayName", "displayName eq", 'a eq "b', "(" * 500, "x" * 2_000])
def test_a_filter_that_is_none_is_answered_with_an_error(acme, condition):
    answer = acme.ask("GET", f"Groups?filter={quote(condition)}")
    assert answer.status_code == 400 and answer.json["scimType"] == "invalidFilter"


def test_what_is_supported_is_told(acme):
    config = acme.ask("GET", "ServiceProviderConfig").json
    assert config["bulk"]["supported"] is False and config["patch"]["supported"] is True
    kinds = {row["endpoint"]: row["schema"] for row in acme.ask("GET", "ResourceTypes").json["Resources"]}
    assert kinds["/Groups"] == GROUP
    described = {row["id"]: row for row in acme.ask("GET", "Schemas").json["Resources"]}
    assert [one["name"] for one in described[GROUP]["attributes"]] == ["displayName", "members"]
    names = {one["name"] for schema in described.values() for one in schema["attributes"]}
    assert {"password", "photos", "entitlements"}.isdisjoint(names)
    for path in ("Groups?startIndex=0&count=1", "Groups?startIndex=99999999999999999999", "Groups?count=-1"):
        assert acme.ask("GET", path).status_code == 200, path


def test_two_messages_at_once_miss_nothing(live):
    def prepare(world):
        acme = Client(world, live.client, "acme", "ACME")
        give(world, "Members", "member")
        give(world, "Leads", "coordinator")
        return acme

    acme = live.do(prepare)
    people = [acme.add(f"nina{n}@acme.example").json["id"] for n in range(4)]
    groups = {name: acme.add_group(name).json["id"] for name in ("Members", "Leads", "Others")}
    # Each person joins both groups at the same moment; and two messages change one group at the same moment.
    jobs = [(groups[name], person) for name in ("Members", "Leads") for person in people]
    together = Barrier(len(jobs))

    def join(job: tuple[str, str]) -> int:
        group, person = job
        sender = copy.copy(acme)
        sender.browser = live.client()
        together.wait()
        return sender.patch_group(group, {"op": "add", "path": "members", "value": [{"value": person}]}).status_code

    with ThreadPoolExecutor(len(jobs)) as hands:
        assert set(hands.map(join, jobs)) == {204}
    for name in ("Members", "Leads"):
        found = acme.ask("GET", f"Groups/{groups[name]}").json["members"]
        assert {one["value"] for one in found} == set(people)
    with live.inside() as world:
        assert [access(world, person) for person in people] == [{"ACME": ("coordinator", "group")}] * 4
