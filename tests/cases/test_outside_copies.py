"""An address outside the client's organization: asked about before it comes into copy, and marked among the readers."""

import pytest

from portal.cases.actions import people
from portal.kernel.database import db
from portal.tenants.models import Organization

EVE = "eve@elsewhere.example"


def new_case(**fields):
    return {"account": "ACME", "severity": "3", "subject": "Printer dark", "description": "It is dark", **fields}


def test_an_outsider_is_asked_about_and_every_word_kept(world, as_user):
    rita, case = as_user("rita"), world.open_case("rita")
    for path, data in (
        ("/new/outage", new_case()),
        (f"/cases/{case.key}/replies", {"body": "Kept words"}),
        (f"/cases/{case.key}/people", {}),
    ):
        answer = rita.post(path, data={**data, "cc": f"{EVE}, mel@acme.example", "outside": ""})
        assert answer.status_code == 422, path
        box = answer.page.first("input", name="outside")
        assert box.get("value") == EVE and "checked" not in box.attributes
        assert ("outside Acme" in answer.page.text and "Kept words" in answer.text) or "body" not in data
        assert rita.post(path, data={**data, "cc": f"{EVE}, mel@acme.example", "outside": EVE}).status_code == 303
    assert f"{EVE} outside Acme" in " ".join(rita.get(f"/cases/{case.key}").page.text.split())


def test_the_box_is_for_the_addresses_that_were_asked_about(world, as_user):
    case, rita = world.open_case("rita"), as_user("rita")
    answer = rita.post(f"/cases/{case.key}/people", data={"cc": f"{EVE}, max@elsewhere.example", "outside": EVE})
    assert answer.status_code == 422 and not case.grants
    assert answer.page.first("input", name="outside").get("value") == f"{EVE} max@elsewhere.example"


def test_members_are_neither_asked_about_nor_marked(world, as_user):
    case, rita = world.open_case("rita"), as_user("rita")
    assert rita.post(f"/cases/{case.key}/people", data={"cc": "mel@acme.example"}).status_code == 303
    page = rita.get(f"/cases/{case.key}").page
    assert "Mel Harper" in page.text and "outside Acme" not in page.text


def test_where_outsiders_are_not_allowed_nobody_is_asked(world, as_user):
    case = world.open_case("rita")
    world.row(Organization, world.organizations["Acme"].id).outside_copy = False
    db.session.flush()
    answer = as_user("rita").post(f"/cases/{case.key}/people", data={"cc": EVE, "outside": EVE})
    assert answer.status_code == 422 and "allows only its own addresses" in answer.page.text
    assert not answer.page.all("input", name="outside", type="checkbox")


def test_every_page_asks_and_a_program_that_drew_none_is_not_asked(world, as_user):
    rita, ana, case = as_user("rita"), as_user("ana"), world.open_case("rita")
    key = case.key
    for browser, path in (
        (rita, "/new/outage"),
        (rita, f"/cases/{key}"),
        (rita, f"/cases/{key}/people"),
        (ana, f"/desk/cases/{key}/people"),
        (ana, "/desk/new?account=ACME"),
    ):
        assert browser.get(path).page.all("input", name="outside", type="hidden"), path
    assert rita.post("/new/outage", data=new_case(cc=EVE)).status_code == 303
    assert rita.post(f"/cases/{key}/replies", data={"body": "Words", "cc": EVE}).status_code == 303


@pytest.mark.parametrize("who", ("rita", "tom"))
def test_who_may_not_see_a_person_reads_the_address(world, as_user, who):
    opener, stranger, base = ("rita", "gil", "") if who == "rita" else ("gil", "rita", "/desk")
    case, person = world.open_case(opener), world.person(stranger)
    people.add_people(world.ctx("ana"), case, [person.email])
    db.session.flush()
    browser = as_user(who)
    for path in (f"{base}/cases/{case.key}", f"{base}/cases/{case.key}/people", f"{base}/cases/{case.key}/sharing"):
        text = browser.get(path).text
        assert person.email in text and person.name not in text, path
    assert person.name in as_user("ana").get(f"/desk/cases/{case.key}/people").text


def test_staff_exclude_nobody_whom_they_cannot_see(world, as_user):
    case, tom = world.open_case("gil"), as_user("tom")
    for wanted in (world.rita.email, "nobody@elsewhere.example", str(world.rita.id)):
        answer = tom.post(f"/desk/cases/{case.key}/exclusions", data={"person": wanted})
        assert answer.status_code == 422 and "Choose a person" in answer.page.text
    assert tom.post(f"/desk/cases/{case.key}/exclusions", data={"person": str(world.gina.id)}).status_code == 303


def test_the_desk_marks_outsiders_on_the_button_and_in_the_history(world, as_user):
    case = world.open_case("rita", visibility="shared")
    world.put_in_copy(case, "mel@acme.example")
    path, ana = f"/desk/cases/{case.key}", as_user("ana")
    text = " ".join(ana.get(path).page.text.split())
    assert "Send to Rita + 1" in text and "outside Acme" not in text and "from outside" not in text
    world.put_in_copy(case, EVE)
    for at in (path, f"{path}/reply"):
        page = ana.get(at).page
        text = " ".join(page.text.split())
        assert f"copy to Mel Harper, {EVE} outside Acme" in text.replace(" ,", ",")
        assert "Send to Rita + 2 · 1 outside Acme" in text
        choices = [box.get("data-send-label") for box in page.all("input", name="status")]
        assert {label.rpartition(" · ")[2] for label in choices if label} == {"1 outside Acme"}
    for at in (path, f"{path}/history"):
        text = ana.get(at).page.text
        assert f"In copy, from outside: {EVE}" in text and "In copy: mel@acme.example" in text
    world.put_in_copy(case, world.gil.email)
    world.reply(case, by="gil")
    roles = [role.text for role in ana.get(path).page.all("span", class_="message__role")]
    assert roles.count("outside Acme") == 1


def preview(as_user, case, target):
    data = {"target": target.key, "preview": "1"}
    return " ".join(as_user("ada").post(f"/desk/cases/{case.key}/merge", data=data).page.text.split())


def test_a_merge_says_who_gains_and_who_loses_sight(world, as_user):
    same, other = (world.open_case("rita", visibility="private") for _n in range(2))
    assert "Nobody new will read it. Nobody who reads one of the two loses sight of it." in preview(
        as_user, same, other
    )
    case, target = world.open_case("cora", visibility="shared"), world.open_case("rita", visibility="private")
    people.exclude(world.ctx("ada"), case, world.lee.id)
    world.put_in_copy(target, "mel@acme.example")
    people.exclude(world.ctx("ada"), case, world.mel.id)
    text = preview(as_user, case, target)
    assert "1 person will be put in copy there and will read the whole conversation: Cora Whitfield " in text
    assert (
        f"2 people will not see {target.key} any more, because {case.key} excludes them: Lee Chen Mel Harper " in text
    )
    assert f"1 person sees {case.key} now and will not see how it continues in {target.key}: Olga Brandt " in text
    data = {"target": target.key}
    answer = as_user("ada").post(f"/desk/cases/{case.key}/merge", data=data)
    assert answer.status_code == 422 and "Check who will be able to read it, and press again" in answer.page.text
    data["previewed"] = target.key
    assert as_user("ada").post(f"/desk/cases/{case.key}/merge", data=data).status_code == 303
    read = {who: as_user(who).get(f"/cases/{target.key}").status_code for who in ("cora", "mel", "olga", "rita")}
    assert read == {"cora": 200, "mel": 404, "olga": 404, "rita": 200}
    assert as_user("lee").get(f"/desk/cases/{target.key}").status_code == 404
    assert as_user("olga").get(f"/cases/{case.key}?stay=1").status_code == 200


def test_a_merge_that_only_takes_sight_away_is_shown_first(world, as_user):
    case, target = (world.open_case("rita", visibility="shared") for _n in range(2))
    people.exclude(world.ctx("ada"), case, world.mel.id)
    answer = as_user("ada").post(f"/desk/cases/{case.key}/merge", data={"target": target.key})
    assert answer.status_code == 422 and "any more, because" in answer.page.text


def test_a_merge_marks_who_is_outside(world, as_user):
    target = world.open_case("rita", visibility="shared")
    case = world.open_case("rita", cc=[EVE])
    answer = as_user("ana").post(f"/desk/cases/{case.key}/merge", data={"target": target.key, "preview": "1"})
    assert f"{EVE} outside Acme" in " ".join(answer.page.text.split())


def test_a_platform_administrator_reads_a_case_only_where_somebody_else_let_them_in(world, as_user):
    """docs/decisions/0022: on the portal, like any address from outside; on the desk nothing."""
    case, other = world.open_case("rita", visibility="shared"), world.open_case("rita", visibility="shared")
    pat, address = as_user("pat"), world.person("pat").email
    assert pat.get(f"/cases/{case.key}").status_code == 404
    asked = as_user("ada").post(f"/desk/cases/{case.key}/people", data={"cc": address, "outside": ""})
    assert asked.status_code == 422 and "outside Acme" in asked.page.text
    world.put_in_copy(case, address, by="ada")
    assert pat.get(f"/cases/{case.key}").status_code == 200
    assert pat.get(f"/desk/cases/{case.key}").status_code == 403
    assert pat.get(f"/cases/{other.key}").status_code == 404
    assert pat.get(f"/cases/{case.key}/people").status_code in (403, 404)
