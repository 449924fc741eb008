"""The reporting line from the directory: the manager of the enterprise extension, as identity providers send it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.scim.engine.managers import WantedManager, read_manager
from portal.tenants.models import Contact
from tests.scim.steps import ENTERPRISE, USER, rows


@pytest.fixture
def people(acme):
    """The ids of two people."""
    return [acme.add(f"{name}@acme.example", displayName=name.title()).json["id"] for name in ("nina", "otto")]


def manager_of(acme, person_id):
    return acme.ask("GET", f"Users/{person_id}").json.get(ENTERPRISE, {}).get("manager")


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "Add", "path": f"{ENTERPRISE}:manager", "value": "{id}"},
        {"op": "Replace", "path": f"{ENTERPRISE}:manager", "value": {"value": "{id}"}},
        {"op": "replace", "path": f"{ENTERPRISE}:manager.value", "value": "{id}"},
        {"op": "add", "path": f"{ENTERPRISE}:manager", "value": [{"value": "{id}"}]},
        {"op": "replace", "value": {f"{ENTERPRISE}:manager": {"value": "{id}", "displayName": "Anybody"}}},
        {"op": "add", "value": {ENTERPRISE: {"manager": {"value": "{id}"}}}},
        {"op": "add", "path": ENTERPRISE, "value": {"manager": {"value": "{id}"}}},
    ],
)
def test_a_patch_sets_the_manager(world, acme, people, operation):
    def filled(value):
        if isinstance(value, dict):
            return {name: filled(part) for name, part in value.items()}
        if isinstance(value, list):
            return [filled(part) for part in value]
        return value.replace("{id}", people[1])

    answer = acme.patch(people[0], filled(operation))
    assert answer.status_code == 200
    assert answer.json[ENTERPRISE]["manager"] == {"value": people[1], "displayName": "Otto"}
    nina = rows(world, Contact, Contact.id == people[0])[0]
    assert str(nina.reports_to_id) == people[1]
    # What says nothing of it leaves it; a removal takes it away.
    acme.patch(people[0], {"op": "replace", "path": "title", "value": "Nurse"})
    assert manager_of(acme, people[0])
    acme.patch(people[0], {"op": "remove", "path": f"{ENTERPRISE}:manager"})
    assert manager_of(acme, people[0]) is None


def test_a_new_person_and_a_whole_resource_name_the_manager(acme, people):
    line = {"schemas": [USER, ENTERPRISE], ENTERPRISE: {"manager": {"value": people[0]}}}
    made = acme.add("paul@acme.example", **line)
    assert made.json[ENTERPRISE]["manager"]["value"] == people[0]
    whole = {"userName": "paul@acme.example", "displayName": "Paul", "active": True}
    other = {"schemas": [USER, ENTERPRISE], ENTERPRISE: {"manager": {"value": people[1]}}}
    answer = acme.ask("PUT", f"Users/{made.json['id']}", {**whole, **other})
    assert answer.json[ENTERPRISE]["manager"]["value"] == people[1]
    answer = acme.ask("PUT", f"Users/{made.json['id']}", {**whole, "schemas": [USER]})
    assert answer.json[ENTERPRISE]["manager"]["value"] == people[1], "a directory that does not send it keeps it"


def test_a_loop_is_refused_and_changes_nothing(acme, people):
    acme.patch(people[0], {"op": "add", "path": f"{ENTERPRISE}:manager", "value": people[1]})
    for back in (people[0], people[1]):
        answer = acme.patch(
            people[1],
            {"op": "replace", "path": "displayName", "value": "Other"},
            {"op": "add", "path": f"{ENTERPRISE}:manager", "value": back},
        )
        assert answer.status_code == 400 and "detail" in answer.json
    assert manager_of(acme, people[1]) is None
    assert acme.ask("GET", f"Users/{people[1]}").json["displayName"] == "Otto"


@pytest.mark.parametrize("value", ["Bob the boss", "", None, 7, {"value": 7}, "00000000-0000-7000-8000-000000000000"])
def test_whom_it_does_not_know_is_passed_over(acme, people, value):
    answer = acme.patch(people[0], {"op": "add", "path": f"{ENTERPRISE}:manager", "value": value})
    assert answer.status_code == 200 and manager_of(acme, people[0]) is None


def test_nobody_of_another_organization_becomes_a_manager(world, acme, globex, people):
    gil = str(world.gil.contact_id)
    answer = acme.patch(people[0], {"op": "add", "path": f"{ENTERPRISE}:manager", "value": gil})
    assert answer.status_code == 200 and "Gil" not in answer.get_data(as_text=True)
    assert rows(world, Contact, Contact.id == people[0])[0].reports_to_id is None


def test_the_schemas_name_the_manager(acme):
    schemas = {one["id"]: one for one in acme.ask("GET", "Schemas").json["Resources"]}
    assert [one["name"] for one in schemas[ENTERPRISE]["attributes"]] == ["manager"]
    kinds = acme.ask("GET", "ResourceTypes").json["Resources"]
    assert ENTERPRISE in str(next(one for one in kinds if one["name"] == "User")["schemaExtensions"])


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.sampled_from([ENTERPRISE, "manager"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from([ENTERPRISE, "manager", "value", "op", "path", "Operations", f"{ENTERPRISE}:manager"])
            | st.text(max_size=5),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(json_values)
def test_whatever_is_sent_is_read_or_passed_over(body):
    found = read_manager(body)
    assert found is None or (isinstance(found, WantedManager) and len(found.id) <= 200)
