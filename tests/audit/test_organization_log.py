"""What the administrators of a client see of sign-ins and changes of access: their own organization's part."""

import csv
import io

from portal.kernel.security_events import SecurityEvent
from portal.tenants.models import Contact
from tests.identity.steps import WRONG, sign_in

LOG = "/org/acme/audit/sign-ins"


def cells(page):
    return [[cell.text for cell in row.all("td")] for row in page.all("tr") if row.all("td")]


def test_a_sign_in_is_an_event_with_its_way_and_place(world, as_user, client):
    sign_in(client(), world.rita.email)
    [row] = world.rows(SecurityEvent, SecurityEvent.kind == "session.started", SecurityEvent.user_id == world.rita.id)
    assert row.organization_id == world.organizations["Acme"].id and row.place
    [line] = [line for line in cells(as_user("olga").get(LOG).page) if line[1] == "Rita Costa"]
    assert line[0].startswith("Signed in") and "With a password" in line[0]
    assert "Signed in" in as_user("ada").get("/admin/security").text


def test_a_wrong_password_of_a_colleague_is_seen_and_of_a_stranger_not(world, as_user, client):
    browser = client()
    for who in (world.rita, world.gil):
        browser.post("/sign-in", data={"email": who.email, "password": WRONG}).close()
    said = [line[1] for line in cells(as_user("olga").get(LOG).page) if line[0].startswith("Wrong password")]
    assert said == ["Rita Costa"]


def test_people_of_two_organizations_and_staff_are_not_shown(world, as_user, client):
    """Where somebody belongs to two clients, neither learns when they come: it may be for the other one."""
    globex = world.organizations["Globex"]
    world.session.add(
        Contact(
            provider_id=world.northwind.id,
            organization_id=globex.id,
            user_id=world.mel.id,
            created_at=world.system().now,
        )
    )
    world.session.flush()
    for who in (world.mel, world.ana, world.gil):
        sign_in(client(), who.email)
    log = as_user("olga").get(LOG)
    assert not {world.mel.name, world.ana.name, world.gil.name} & {line[1] for line in cells(log.page)}


def test_a_change_of_access_by_either_side_is_seen_with_before_and_after(world, as_user):
    olga, ada = as_user("olga"), as_user("ada")
    for browser, path in ((olga, f"/org/acme/people/{world.mel.contact_id}/end"), (ada, "/admin/organizations/globex")):
        page = browser.get(path).page
        form = next(form for form in page.forms if form.method == "post" and form.action.partition("?")[0] == path)
        data = form.filled() | ({"name": "Globex Ltd"} if browser is ada else {})
        assert browser.post(path, data=data).status_code == 303
    lines = cells(olga.get(LOG).page)
    [ended] = [line for line in lines if line[0].startswith("Access of a person ended")]
    assert ended[1:3] == [world.mel.name, world.olga.name]
    assert not any("Globex" in " ".join(line) for line in lines)


def test_the_file_has_what_the_page_shows(world, as_user, client):
    sign_in(client(), world.rita.email)
    lines = list(csv.DictReader(io.StringIO(as_user("olga").get(f"{LOG}/export").text.lstrip("\ufeff"))))
    assert {"kind", "what", "about", "from"} <= set(lines[0])
    assert any(line["kind"] == "session.started" and line["about"] == "Rita Costa" for line in lines)
    assert not any(line["about"] in (world.gil.name, world.ana.name) for line in lines)
