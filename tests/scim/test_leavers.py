"""What the administrators of a client read at the bell when their identity provider ends the access of a person."""

import pytest

from portal.cases.actions import people
from portal.notifications.models import Notification, OutgoingMail
from portal.tenants.actions import contacts
from portal.tenants.models import Contact, Organization
from tests.scim.steps import rows

OFF = {"op": "replace", "path": "active", "value": False}
SENTENCE = "Rita Costa no longer has access and is still the contact of open cases: choose who takes over"


@pytest.fixture
def rita(acme) -> str:
    return acme.find('userName eq "rita@acme.example"')["Resources"][0]["id"]


def told(world, run_outbox) -> list[str]:
    """Who has a line at the bell that is about no case."""
    run_outbox()
    names = {one.id: who for who, one in world.people.items()}
    return sorted(names.get(row.user_id, "?") for row in rows(world, Notification, Notification.case_id.is_(None)))


@pytest.mark.parametrize("how", ["deactivated", "removed", "deactivated and removed"])
def test_an_administrator_is_led_to_where_the_cases_are_handed_over(world, acme, rita, as_user, run_outbox, how):
    case = world.open_case("rita", visibility="shared")
    if "deactivated" in how:
        assert acme.patch(rita, OFF).status_code == 200
    if "removed" in how:
        assert acme.ask("DELETE", f"Users/{rita}").status_code == 204
    assert told(world, run_outbox) == ["olga"]
    browser = as_user("olga")
    page = browser.get("/notifications").page
    (link,) = [one for one in page.all("a") if one.text == SENTENCE]
    path, _hash, section = link.attributes["href"].partition("#")
    assert path == f"/org/acme/people/{world.rita.contact_id}" and "because you are an administrator" in page.text
    page = browser.get(path).page
    assert page.all("h3", id=section)
    form = page.form(path)
    assert browser.submit(form, hand_to=str(world.mel.contact_id)).status_code == 303
    assert world.reload(case).contact_user_id == world.mel.id
    assert not world.rows(OutgoingMail, OutgoingMail.user_id == world.olga.id)


def test_without_an_open_case_nobody_is_asked(world, acme, rita, run_outbox):
    world.case_in("closed", by="rita", visibility="shared")
    acme.patch(rita, OFF)
    assert told(world, run_outbox) == []


@pytest.mark.parametrize(("sees_private", "heard"), [(True, ["olga"]), (False, [])])
def test_a_private_case_is_told_to_those_who_see_it(world, acme, rita, run_outbox, sees_private, heard):
    world.open_case("rita", visibility="private")
    world.rows(Organization, Organization.slug == "acme")[0].admins_see_private = sees_private
    world.session.flush()
    acme.patch(rita, OFF)
    assert told(world, run_outbox) == heard


def test_a_case_that_excludes_the_administrator_tells_them_nothing(world, acme, rita, run_outbox):
    case = world.open_case("rita", visibility="shared")
    people.exclude(world.ctx("ada"), case, world.olga.id)
    acme.patch(rita, OFF)
    assert told(world, run_outbox) == []


def test_who_ended_an_access_by_hand_was_asked_already(world, acme, run_outbox):
    world.open_case("rita", visibility="shared")
    contacts.end_contact(world.ctx("ada"), world.row(Contact, world.rita.contact_id), contacts.HandOver())
    assert told(world, run_outbox) == []
