"""The usual sequences of Entra and Okta: people are added, changed, deactivated and deleted, in one organization."""

import json
from urllib.parse import quote

import pytest

from portal.demo.cli import PASSWORD
from portal.identity import queries as identity
from portal.identity.models import BrowserSession, User
from portal.kernel.security_events import SecurityEvent
from portal.tenants.models import Contact, ContactAccess, Organization
from tests.identity.steps import sign_in
from tests.scim.steps import ENTERPRISE, GROUP, PATCH, USER, Client, rows


def test_the_sequence_of_entra(world, acme):
    assert acme.find('userName eq "nina@acme.example"')["totalResults"] == 0
    body = {
        "schemas": [USER, ENTERPRISE],
        "externalId": "nina-1",
        "userName": "nina@acme.example",
        "active": True,
        "displayName": "Nina Newcomer",
        "emails": [{"primary": True, "type": "work", "value": "nina@acme.example"}],
        "name": {"formatted": "Nina Newcomer", "givenName": "Nina", "familyName": "Newcomer"},
        ENTERPRISE: {"department": "Sales"},
    }
    made = acme.ask("POST", "Users", body)
    assert made.status_code == 201 and made.headers["Location"].endswith(made.json["id"])
    person_id = made.json["id"]
    (contact,) = rows(world, Contact, Contact.id == person_id)
    (access,) = rows(world, ContactAccess, ContactAccess.contact_id == contact.id)
    assert (contact.organization_id, access.role) == (world.acme.organization_id, "member")
    found = acme.find('externalId eq "nina-1"')
    assert [row["id"] for row in found["Resources"]] == [person_id]
    # Entra sets parts of values that are not there, and sends truth as a word.
    answer = acme.patch(
        person_id,
        {"op": "Add", "path": 'phoneNumbers[type eq "work"].value', "value": "+48 600 700 800"},
        {"op": "Replace", "path": "displayName", "value": "Nina N. Newcomer"},
        {"op": "Replace", "path": f"{ENTERPRISE}:department", "value": "Service"},
    )
    assert answer.status_code == 200 and answer.json["displayName"] == "Nina N. Newcomer"
    (person,) = rows(world, User, User.id == contact.user_id)
    assert (person.name, person.phone) == ("Nina N. Newcomer", "+48 600 700 800")
    assert acme.patch(person_id, {"op": "Replace", "path": "active", "value": "False"}).json["active"] is False
    assert acme.patch(person_id, {"op": "Replace", "path": "active", "value": "True"}).json["active"] is True
    assert acme.ask("DELETE", f"Users/{person_id}").status_code == 204
    assert acme.ask("GET", f"Users/{person_id}").status_code == 404
    assert acme.find('userName eq "nina@acme.example"')["totalResults"] == 0
    assert acme.add("nina@acme.example").json["id"] == person_id


def test_the_sequence_of_okta(world, acme):
    assert acme.ask("GET", "Users?startIndex=1&count=2").json["itemsPerPage"] == 2
    assert acme.ask("GET", "ServiceProviderConfig").json["patch"]["supported"] is True
    assert acme.ask("GET", "ResourceTypes").json["Resources"][0]["endpoint"] == "/Users"
    assert {row["id"] for row in acme.ask("GET", "Schemas").json["Resources"]} == {USER, ENTERPRISE, GROUP}
    made = acme.add("nina@acme.example", externalId="00u1", name={"givenName": "Nina", "familyName": "N"}).json
    changed = {**made, "displayName": "Nina Other", "title": "Head of IT"}
    assert acme.ask("PUT", f"Users/{made['id']}", changed).json["title"] == "Head of IT"
    # Okta deactivates without a path.
    assert acme.patch(made["id"], {"op": "replace", "value": {"active": False}}).json["active"] is False
    found = acme.find('userName eq "NINA@acme.example" and active eq false')
    assert [row["displayName"] for row in found["Resources"]] == ["Nina Other"]
    assert acme.add("nina@acme.example").status_code == 409


def test_deactivation_cuts_a_live_session_within_one_request(world, acme, client):
    browser = client()
    assert sign_in(browser, world.rita.email, PASSWORD).status_code == 303
    assert browser.get("/cases").status_code == 200
    (row,) = acme.find(f'userName eq "{world.rita.email}"')["Resources"]
    case = world.open_case("rita")
    assert acme.patch(row["id"], {"op": "replace", "path": "active", "value": False}).status_code == 200
    assert browser.get("/cases").status_code == 302
    assert [r for r in rows(world, BrowserSession, BrowserSession.user_id == world.rita.id) if not r.ended_at] == []
    assert sign_in(client(), world.rita.email, PASSWORD).status_code == 403
    assert world.case(case.key).state  # the case goes on
    kinds = {event.kind for event in rows(world, SecurityEvent)}
    assert "person.deprovisioned" in kinds


def test_a_person_with_another_place_keeps_it_and_the_session(world, acme, client):
    from portal.authz.roles import ContactRole
    from portal.tenants.actions import contacts

    globex = rows(world, Organization, Organization.slug == "globex")[0]
    grant = contacts.Grant(world.accounts["GLOBEX"].id, None, ContactRole.MEMBER)
    contacts.add_contact(world.system(), globex, world.row(User, world.rita), grants=[grant])
    browser = client("rita")
    (row,) = acme.find(f'userName eq "{world.rita.email}"')["Resources"]
    # Who they are is not only Acme's to say.
    acme.patch(row["id"], {"op": "replace", "path": "displayName", "value": "Somebody Else"})
    assert rows(world, User, User.id == world.rita.id)[0].name != "Somebody Else"
    acme.patch(row["id"], {"op": "replace", "path": "active", "value": False})
    assert browser.get("/cases").status_code == 200
    assert browser.get("/cases?account=ACME").status_code == 200


def test_a_token_opens_its_own_organization_only(world, acme, client):
    globex = Client(world, client, "globex", "GLOBEX")
    (rita,) = acme.find(f'userName eq "{world.rita.email}"')["Resources"]
    for method, body in (("GET", None), ("DELETE", None), ("PUT", {"schemas": [USER], "userName": "x@globex.example"})):
        assert globex.ask(method, f"Users/{rita['id']}", body).status_code == 404
    assert globex.patch(rita["id"], {"op": "replace", "path": "active", "value": False}).status_code == 404
    assert globex.find(f'userName eq "{world.rita.email}"')["totalResults"] == 0
    names = {row["userName"] for row in globex.ask("GET", "Users").json["Resources"]}
    assert names and not any(name.endswith("@acme.example") for name in names)
    assert rows(world, Contact, Contact.id == world.rita.contact_id)[0].active


@pytest.mark.parametrize("email", ["ada@northwind.example", "gil@globex.example", "x@gmail.com"])
def test_an_address_of_another_domain_is_refused(world, acme, email):
    before = len(rows(world, Contact))
    answer = acme.add(email)
    assert answer.status_code == 400 and answer.json["scimType"] == "invalidValue"
    assert len(rows(world, Contact)) == before


def test_nobody_of_support_is_added_or_signed_out(world, acme, client):
    from portal.identity.models import Address

    (address,) = rows(world, Address, Address.user_id == world.ana.id)
    address.email = address.email_folded = "ana@acme.example"
    world.session.flush()
    browser = client("ana")
    assert acme.add("ana@acme.example").status_code == 409
    assert browser.get("/desk/queue/mine").status_code == 200


@pytest.mark.parametrize("token", ["", "x", "a" * 9_000, "\u00e9"])
def test_without_the_token_nothing_is_told(world, acme, token):
    answer = acme.browser.get("/scim/v2/Users", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 401 and answer.json["status"] == "401"
    assert acme.browser.post("/scim/v2/Users", csrf=False).status_code == 401
    assert acme.browser.get("/scim/v2/Users").status_code == 401


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"{", b"[]", b"null", b"\xff\xfe", b"[" * 60_000, b"9" * 300_000, json.dumps({"userName": 5}).encode()),
        json.dumps({"schemas": [USER], "userName": "no address"}).encode(),
        json.dumps({"schemas": [USER], "userName": "nina@acme.example", "emails": "x"}).encode(),
    ],
)
def test_what_is_no_resource_is_answered_with_an_error(world, acme, body):
    headers = {"Authorization": f"Bearer {acme.token}"}
    before = len(rows(world, Contact))
    for method, path in (("POST", "Users"), ("PUT", f"Users/{world.rita.contact_id}")):
        answer = acme.browser.open(f"/scim/v2/{path}", method=method, headers=headers, data=body, csrf=False)
        assert answer.status_code == 400 and answer.json["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:Error"]
    assert len(rows(world, Contact)) == before


@pytest.mark.parametrize(
    "operations",
    [
        *([], "x", [5], [{"op": "burn"}], [{"op": "replace", "path": "active", "value": "perhaps"}]),
        [{"op": "replace", "path": "nonsense", "value": 1}],
        [{"op": "remove", "path": "userName"}],
        [{"op": "replace", "path": "emails[type eq", "value": 1}],
        # What would be read for minutes: long paths, and values that each operation compares with all others.
        [{"op": "replace", "path": "emails[" + "(" * 5_000 + 'type eq "work"' + ")" * 5_000 + "].value", "value": "x"}],
        [{"op": "add", "value": {"emails[" + "not (" * 3_000 + 'type eq "work"' + ")" * 3_000 + "].value": "x"}}],
        [
            {"op": "add", "path": "emails", "value": [{"value": f"{n}.{m}@acme.example"} for m in range(50)]}
            for n in range(20)
        ],
        # All or nothing: the first one holds, the second does not.
        [{"op": "replace", "path": "active", "value": False}, {"op": "replace", "path": "id", "value": "1"}],
    ],
)
def test_a_patch_that_does_not_hold_changes_nothing(world, acme, operations):
    body = {"schemas": [PATCH], "Operations": operations}
    answer = acme.ask("PATCH", f"Users/{world.rita.contact_id}", body)
    assert answer.status_code == 400
    assert rows(world, Contact, Contact.id == world.rita.contact_id)[0].active
    assert identity.primary_email(world.system(), world.rita.id) == world.rita.email


@pytest.mark.parametrize("condition", ["userName", "userName eq", 'a eq "b', "(" * 500, "x" * 2_000, "active gt true"])
def test_a_filter_that_is_none_is_answered_with_an_error(acme, condition):
    answer = acme.ask("GET", f"Users?filter={quote(condition)}")
    assert answer.status_code == 400 and answer.json["scimType"] == "invalidFilter"


def test_what_is_not_stored_is_passed_over(world, acme):
    """As Entra and Okta send it: managers as a word, extensions of their own, attributes that others store."""
    more = {"roles": "x", "locale": 5, ENTERPRISE: {"manager": "abc"}, "urn:okta:custom:1.0:User": {"shoe": 44}}
    made = acme.add("nina@acme.example", schemas=[USER, ENTERPRISE, "urn:okta:custom:1.0:User"], **more)
    assert made.status_code == 201
    answer = acme.patch(
        made.json["id"],
        {"op": "Add", "path": f"{ENTERPRISE}:manager", "value": "abc"},
        {"op": "Add", "path": 'addresses[type eq "work"].formatted', "value": 5},
        {"op": "replace", "value": {"displayName": "Nina Nowak", f"{ENTERPRISE}:department": 7, "userType": []}},
    )
    assert answer.status_code == 200 and answer.json["displayName"] == "Nina Nowak"
    only = acme.patch(made.json["id"], {"op": "remove", "path": "timezone"})
    assert only.status_code == 200 and only.json["displayName"] == "Nina Nowak"
    wrong = acme.patch(made.json["id"], {"op": "replace", "path": "active", "value": "perhaps"})
    assert wrong.status_code == 400 and "pydantic" not in wrong.json["detail"]


@pytest.mark.parametrize("text", ["\\u0000", "\\ud800", "rita\\u0000@acme.example"])
@pytest.mark.parametrize("attribute", ["userName", "externalId", "displayName", "title"])
def test_a_filter_for_what_no_database_holds_finds_nobody(acme, attribute, text):
    for kind in ("Users", "Groups"):
        if kind == "Users" or attribute in ("externalId", "displayName"):
            answer = acme.ask("GET", f"{kind}?filter=" + quote(f'{attribute} eq "{text}"'))
            assert (answer.status_code, answer.json["totalResults"]) == (200, 0), kind


def test_pages_beyond_the_end_and_odd_numbers(acme):
    for query in ("startIndex=0&count=1", "startIndex=-5", "count=-1", "count=x", "startIndex=99999", "count=99999"):
        assert acme.ask("GET", f"Users?{query}").status_code == 200, query
