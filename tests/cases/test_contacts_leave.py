"""The open cases of a contact who moves or leaves: listed on the same screen, and handed over there if wanted."""

import pytest

from portal.authz.roles import ContactRole
from portal.cases.actions import desk, people, resolution
from portal.cases.actions.contact_cases import hand_over_cases
from portal.cases.queries import contact_cases
from portal.identity.models import User
from portal.kernel.ids import new_id
from portal.notifications.models import Notification, OutgoingMail
from portal.tenants.actions import contacts
from portal.tenants.actions.organizations import change_organization
from portal.tenants.models import Contact, Organization
from portal.tenants.queries import contacts as contact_queries
from portal.tenants.queries.open_cases import HandOver

ADMIN = "/admin/organizations/acme/people"
ORGANIZATION = "/org/acme/people"
SCREENS = [("ada", ADMIN), ("olga", ORGANIZATION)]
UNREAD = "nobody at Acme is notified of answers any more"


def path_of(world, base, who, verb=""):
    return f"{base}/{world.person(who).contact_id}{verb}"


def section_of(page):
    return page.first("section", class_="leaver-cases")


@pytest.fixture(params=SCREENS, ids=["administration", "organization"])
def screen(request):
    """Who ends and moves people, and where."""
    return request.param


def test_the_end_lists_open_cases_and_hands_them_over(world, as_user, screen, run_outbox):
    who, base = screen
    case = world.open_case("rita", subject="Scanner offline", visibility="shared")
    run_outbox()
    over = world.case_in("closed", by="rita", subject="Long ago", visibility="shared")
    browser, path = as_user(who), path_of(world, base, "rita", "/end")
    page = browser.get(path).page
    text = section_of(page).text
    assert "Scanner offline" in text and case.key in text and UNREAD in text and "Long ago" not in text
    form = page.form(path)
    assert browser.submit(form, hand_to=str(world.mel.contact_id)).status_code == 303
    assert world.reload(case).contact_user_id == world.mel.id and world.reload(over).contact_user_id == world.rita.id
    assert world.row(Contact, world.rita.contact_id).active is False
    event = world.events_of(case)[-1]
    assert event.name == "case.edited" and event.facts["changed"] == {
        "contact_id": [str(world.rita.contact_id), str(world.mel.contact_id)]
    }
    history = as_user("ana").get(f"/desk/cases/{case.key}/history").page.text
    assert "Rita Costa" in history and "Mel Harper" in history
    run_outbox()
    assert world.rows(Notification, Notification.user_id == world.mel.id, Notification.case_id == case.id)
    mails = world.rows(OutgoingMail, OutgoingMail.user_id == world.mel.id, OutgoingMail.case_id == case.id)
    assert [mail.kind for mail in mails] == ["added"]
    assert as_user("mel").get(f"/cases/{case.key}").status_code == 200


def test_the_answer_says_who_has_the_cases_now_and_who_is_notified(world, as_user, screen):
    who, base = screen
    scanner, printer, _phone = (world.open_case("rita", visibility="shared") for _n in range(3))
    browser, path = as_user(who), path_of(world, base, "rita")
    form = browser.get(path).page.form(path)
    moved = browser.submit(form, hand_to=str(world.mel.contact_id), cases=str(scanner.id))
    text = browser.get(moved.headers["Location"]).page.text
    assert "Saved. It takes effect with their next click. The contact of 1 open case is Mel Harper now." in text
    path = f"{path}/end"
    form = browser.get(path).page.form(path)
    ended = browser.submit(form, hand_to=str(world.mel.contact_id), cases=str(printer.id))
    text = browser.get(ended.headers["Location"]).page.text
    assert "Rita Costa no longer has access. The contact of 1 open case is Mel Harper now." in text
    assert "Their other open cases continue, and support is notified that the contact left." in text


def test_the_owner_hears_when_the_contact_ends_or_moves_away(world, as_user, run_outbox):
    moved, ended, handed_over = (
        world.open_case("cora", account=key, visibility="shared") for key in ("ACMEPL", "ACME", "ACME")
    )
    for case in (moved, ended, handed_over):
        desk.assign(world.ctx("ada"), case, owner_id=world.lee.staff_id, department_id=None)
    acme = world.row(Organization, world.organizations["Acme"])
    cora = contact_queries.contact(world.ctx("ada"), acme, world.cora.contact_id)
    grants = [contacts.Grant(world.acme.id, None, ContactRole.REQUESTER)]
    contacts.change_access(world.ctx("ada"), cora, grants=grants)
    contacts.change_access(world.ctx("ada"), cora, grants=grants)
    assert world.event_names(moved)[-1] == "case.contact_left" and world.event_names(ended)[-1] != "case.contact_left"
    over = HandOver(world.mel.contact_id, [handed_over.id])
    contacts.end_contact(world.ctx("olga"), cora, over)
    assert world.event_names(handed_over)[-1] == "case.edited"
    run_outbox()
    text = as_user("lee").get("/notifications").page.text
    assert "The contact Cora Whitfield moved, and nobody took over, but can still read and answer this case" in text
    assert "The contact Cora Whitfield no longer has access, and nobody took over" in text
    told = {case.key: world.event_names(case).count("case.contact_left") for case in (moved, ended, handed_over)}
    assert told == {moved.key: 2, ended.key: 1, handed_over.key: 0}
    page = as_user("lee").get(f"/desk/cases/{ended.key}").page
    assert "No longer has access as the contact: Cora Whitfield" in page.text


def test_whoever_looks_after_a_case_hears_that_its_organization_was_archived(world, as_user, run_outbox):
    owned, unowned, over = (world.open_case("rita", subject=name) for name in ("Scanner", "Printer", "Over"))
    desk.assign(world.ctx("ada"), owned, owner_id=world.ana.staff_id, department_id=None)
    resolution.close(world.ctx("ana"), over, reason="Twice")
    acme = world.row(Organization, world.acme.organization_id)
    for name in ("Acme Ltd", "Acme"):  # a new name is no end
        change_organization(world.ctx("ada"), acme, name=name)
    change_organization(world.ctx("ada"), acme, active=False)
    told = {case.subject: world.event_names(case).count("case.contact_left") for case in (owned, unowned, over)}
    assert told == {"Scanner": 1, "Printer": 1, "Over": 0}
    run_outbox()
    for who in ("ana", "lee"):
        text = as_user(who).get("/notifications").page.text
        assert "Acme was archived: nobody there can read this case any more" in text


def test_a_move_says_that_they_go_on_reading_and_can_hand_over(world, as_user, screen):
    who, base = screen
    case, kept = (world.open_case("rita", subject=name, visibility="shared") for name in ("Scanner", "Printer"))
    browser, path = as_user(who), path_of(world, base, "rita")
    page = browser.get(path).page
    assert "Rita Costa can still read and answer them" in section_of(page).text
    assert UNREAD not in section_of(page).text
    form = page.form(path)
    assert browser.submit(form).status_code == 303
    assert world.reload(case).contact_user_id == world.rita.id
    form = browser.get(path).page.form(path)
    assert browser.submit(form, hand_to=str(world.mel.contact_id), cases=str(case.id)).status_code == 303
    assert world.reload(case).contact_user_id == world.mel.id
    assert world.reload(kept).contact_user_id == world.rita.id
    assert as_user("rita").get(f"/cases/{case.key}").status_code == 200  # they opened it


def test_without_a_new_contact_everything_stays(world, as_user, screen):
    who, base = screen
    case = world.open_case("rita", visibility="shared")
    path = path_of(world, base, "rita", "/end")
    assert as_user(who).submit(as_user(who).get(path).page.form(path)).status_code == 303
    assert world.reload(case).contact_user_id == world.rita.id


@pytest.mark.parametrize(
    ("chosen", "marked", "sentence"),
    [
        ("nonsense", True, "Choose one of the people shown"),
        ("rita", True, "Choose one of the people shown"),
        ("gil", True, "Choose one of the people shown"),
        ("mel", False, "Choose the cases that somebody else takes over"),
        ("pole", True, "cannot become the contact of"),
        ("excluded", True, "cannot become the contact of"),
    ],
)
def test_what_cannot_be_is_refused_and_the_answers_stay(world, as_user, screen, chosen, marked, sentence):
    who, base = screen
    case, unmarked = (world.open_case("rita", visibility="shared") for _n in range(2))
    if chosen == "pole":
        grants = [contacts.Grant(world.accounts["ACMEPL"].id, None, ContactRole.REQUESTER)]
        contacts.change_access(world.ctx("ada"), world.row(Contact, world.mel.contact_id), grants=grants)
    if chosen == "excluded":
        people.exclude(world.ctx("ana"), case, world.mel.id)
    person = world.people.get("mel" if chosen in ("pole", "excluded") else chosen)
    typed = str(person.contact_id) if person else chosen
    path = path_of(world, base, "rita", "/end")
    data = {"hand_to": typed, "cases": [str(case.id)] if marked else []}
    answer = as_user(who).post(path, data=data)
    assert answer.status_code == 422 and sentence in answer.page.text
    assert world.reload(case).contact_user_id == world.rita.id and world.row(Contact, world.rita.contact_id).active
    boxes = {box.get("value"): "checked" in box.attributes for box in answer.page.all("input", name="cases")}
    assert boxes == {str(case.id): marked, str(unmarked.id): False}
    if chosen in ("mel", "excluded"):
        assert answer.page.form(path)["hand_to"] == typed
    if chosen == "pole":  # no longer among the choices
        assert typed not in [option.get("value") for option in answer.page.all("option")]


def choices_of(page, name):
    """Value → label of the options of the field *name*."""
    select = page.first("select", name=name)
    return {option.get("value"): " ".join(option.text.split()) for option in select.all("option")}


def test_offered_is_who_can_take_a_case_and_how_they_are_reached(world, as_user, screen):
    who, base = screen
    case, other = (world.open_case("rita", visibility="shared") for _n in range(2))
    grants = [contacts.Grant(world.accounts["ACMEPL"].id, None, ContactRole.REQUESTER)]
    contacts.change_access(world.ctx("ada"), world.row(Contact, world.mel.contact_id), grants=grants)
    people.exclude(world.ctx("ana"), case, world.cora.id)
    found = choices_of(as_user(who).get(path_of(world, base, "rita", "/end")).page, "hand_to")
    assert str(world.mel.contact_id) not in found
    assert found[str(world.cora.contact_id)] == f"Cora Whitfield, but not {case.key}"
    assert found[str(world.jan.contact_id)] == "Jan Nowak (no sign-in, is only emailed)"
    able = [value for value, label in found.items() if value and "but not" not in label]
    for value in able:
        nested = world.session.begin_nested()
        chosen = HandOver.parse(value, [case.id, other.id])
        rita = world.row(Contact, world.rita.contact_id)
        assert len(hand_over_cases(world.ctx("ada"), rita, chosen).case_ids) == 2, found[value]
        nested.rollback()
    assert len(able) == 2


def test_the_desk_offers_as_contact_who_can_become_it(world, as_user):
    case = world.open_case("rita", visibility="shared")
    people.exclude(world.ctx("ana"), case, world.mel.id)
    found = choices_of(as_user("ana").get(f"/desk/cases/{case.key}/edit").page, "contact")
    assert str(world.mel.contact_id) not in found
    assert found[str(world.jan.contact_id)] == "Jan Nowak (no sign-in, is only emailed)"


def test_a_case_that_came_meanwhile_is_a_conflict_and_the_answers_stay(world, as_user, screen):
    who, base = screen
    world.open_case("rita", visibility="shared")
    path = path_of(world, base, "rita", "/end")
    form = as_user(who).get(path).page.form(path)
    late = world.open_case("rita", subject="Came late", visibility="shared")
    answer = as_user(who).submit(form, hand_to=str(world.mel.contact_id))
    assert answer.status_code == 409 and "Came late" in answer.page.text
    form = answer.page.form(path)
    assert form["hand_to"] == str(world.mel.contact_id) and world.row(Contact, world.rita.contact_id).active
    assert as_user(who).submit(form).status_code == 303
    assert world.reload(late).contact_user_id == world.rita.id  # it was not marked


def test_a_case_of_others_keeps_its_contact_and_says_who_it_is(world, as_user, screen):
    who, base = screen
    case = world.open_case("cora", contact="jan", subject="New laptop", visibility="shared")
    path = path_of(world, base, "cora", "/end")
    page = as_user(who).get(path).page
    text = section_of(page).text
    assert "New laptop" in text and "Contact: Jan Nowak" in text and UNREAD not in text
    assert not page.all("input", name="cases")
    data = {"hand_to": str(world.mel.contact_id), "cases": str(case.id)}
    assert as_user(who).post(path, data=data).status_code in (303, 422)
    assert world.reload(case).contact_user_id == world.jan.id


def test_an_outsider_in_copy_does_not_act_for_the_client(world, as_user, screen):
    who, base = screen
    case = world.open_case("rita", subject="Outage", visibility="shared", severity=1)
    world.put_in_copy(case, "eve@elsewhere.example")
    path = path_of(world, base, "rita", "/end")
    assert UNREAD in section_of(as_user(who).get(path).page).text
    world.put_in_copy(case, "mel@acme.example")
    assert UNREAD not in section_of(as_user(who).get(path).page).text


def test_a_client_counts_what_they_may_not_see_and_learns_nothing_else(world, as_user):
    secret = world.open_case("rita", subject="Salary data", visibility="private")
    path = path_of(world, ORGANIZATION, "rita", "/end")
    page = as_user("olga").get(path).page
    assert (
        "1 open case is not shown to you" in page.text
        and "nobody at Acme is notified of answers to 1 of them" in page.text
    )
    assert "Salary data" not in page.text and secret.key not in page.text
    data = {"hand_to": str(world.olga.contact_id), "cases": str(secret.id)}
    unknown = as_user("olga").post(path, data={**data, "cases": str(new_id())})
    answer = as_user("olga").post(path, data=data)
    assert answer.status_code == unknown.status_code == 422
    assert world.reload(secret).contact_user_id == world.rita.id


@pytest.mark.parametrize(("who", "base"), SCREENS)
def test_an_excluded_administrator_does_not_even_count_the_case(world, as_user, who, base):
    case = world.open_case("rita", subject="About the boss", visibility="shared")
    people.exclude(world.ctx("ana"), case, world.person(who).id)
    for verb in ("", "/end"):
        page = as_user(who).get(path_of(world, base, "rita", verb)).page
        assert "About the boss" not in page.text and "not shown to you" not in page.text
        assert not page.all("section", class_="leaver-cases")


def test_who_sees_no_case_counts_only(world, as_user):
    world.open_case("rita", subject="Scanner offline", visibility="shared")
    page = as_user("pat").get(path_of(world, ADMIN, "rita", "/end")).page
    assert "1 open case is not shown to you" in page.text and "Scanner offline" not in page.text
    assert not page.all("select", name="hand_to")


def test_an_administrator_of_one_account_hears_nothing_of_the_others(world, as_user):
    acme = world.row(Organization, world.organizations["Acme"])
    olga = contact_queries.contact(world.ctx("ada"), acme, world.olga.contact_id)
    grants = [contacts.Grant(world.acme.id, None, ContactRole.ORGANIZATION_ADMIN)]
    contacts.change_access(world.ctx("ada"), olga, grants=grants)
    world.open_case("cora", account="ACMEPL", subject="Warsaw only", visibility="shared")
    page = as_user("olga").get(path_of(world, ORGANIZATION, "cora")).page
    assert "Warsaw only" not in page.text and "not shown to you" not in page.text


def test_a_case_that_waits_waits_on_for_the_new_contact(world, as_user):
    case = world.open_case("rita", visibility="shared")
    desk.ask(world.ctx("ana"), case, question="Which one?")
    path = path_of(world, ADMIN, "rita", "/end")
    form = as_user("ada").get(path).page.form(path)
    assert as_user("ada").submit(form, hand_to=str(world.mel.contact_id)).status_code == 303
    assert world.reload(case).state == "waiting"


def test_the_list_costs_the_same_for_many_cases(world, as_user, statements):
    path = path_of(world, ADMIN, "rita", "/end")
    world.open_case("rita", visibility="shared")
    as_user("ada").get(path)
    with statements() as few:
        as_user("ada").get(path)
    for _n in range(6):
        world.open_case("rita", visibility="shared", cc=["mel@acme.example"])
    with statements() as many:
        as_user("ada").get(path)
    assert len(many) == len(few)


def test_the_composer_leaves_out_a_reporter_whose_access_ended(world, as_user):
    case = world.open_case("cora", contact="jan", visibility="shared")
    answer = as_user("ana").get(f"/desk/cases/{case.key}")
    assert "Send to Jan + 1" in answer.page.text
    contacts.end_contact(world.ctx("ada"), world.row(Contact, world.person("cora").contact_id))
    page = as_user("ana").get(f"/desk/cases/{case.key}").page
    assert "Send to Jan" in page.text and "Send to Jan + 1" not in page.text


def test_the_conversation_says_for_whom_it_was_opened_and_who_the_contact_is_now(world, as_user):
    case = world.open_case("cora", contact="jan", visibility="shared")
    data = {"hand_to": str(world.mel.contact_id), "cases": str(case.id)}
    assert as_user("olga").post(path_of(world, ORGANIZATION, "jan", "/end"), data=data).status_code == 303
    for who, path in (("ana", f"/desk/cases/{case.key}"), ("cora", f"/cases/{case.key}")):
        text = " ".join(as_user(who).get(path).page.text.split())
        assert "opened this for Jan Nowak" in text and "Contact: Jan Nowak → Mel Harper" in text, who


def test_nobody_ends_twice(world, as_user, screen):
    who, base = screen
    case = world.open_case("rita", visibility="shared")
    path = path_of(world, base, "rita", "/end")
    assert as_user(who).post(path, data={}).status_code == 303
    again = as_user(who).post(path, data={"hand_to": str(world.mel.contact_id), "cases": str(case.id)})
    assert again.status_code == 409 and "Rita Costa no longer belongs here" in again.page.text
    assert world.reload(case).contact_user_id == world.rita.id


def test_many_cases_are_counted_exactly(world, as_user, monkeypatch):
    monkeypatch.setattr(contact_cases, "LISTED_CASES", 1)
    monkeypatch.setattr(contact_cases, "COUNTED_CASES", 2)
    for _number in range(4):
        world.open_case("rita", visibility="shared")
        world.open_case("rita", visibility="private")
    text = " ".join(as_user("olga").get(path_of(world, ORGANIZATION, "rita", "/end")).page.text.split())
    assert "3 more open cases are not listed here" in text and "4 more open cases are not shown to you" in text
    assert "nobody at Acme is notified of answers to 2 of them or more" in text
    text = as_user("ada").get(path_of(world, ADMIN, "rita", "/end")).page.text
    assert "7 more open cases are not listed here" in text and "not shown to you" not in text


def test_cases_beyond_the_list_are_not_called_hidden(world, as_user, monkeypatch):
    monkeypatch.setattr(contact_cases, "LISTED_CASES", 1)
    for number in range(3):
        world.open_case("rita", subject=f"Outage {number}", visibility="shared")
    world.open_case("rita", subject="Salary data", visibility="private")
    page = as_user("olga").get(path_of(world, ORGANIZATION, "rita", "/end")).page
    assert "2 more open cases are not listed here" in page.text
    assert "1 more open case is not shown to you" in page.text
    page = as_user("ada").get(path_of(world, ADMIN, "rita", "/end")).page
    assert "3 more open cases are not listed here" in page.text and "not shown to you" not in page.text


# -- what nobody else could read --------------------------------------------------------------------------------------


def test_a_case_that_nobody_else_can_read_needs_somebody_who_takes_over(world, as_user):
    case = world.open_case("rita", subject="Salary data", visibility="private")
    path = path_of(world, ADMIN, "rita", "/end")
    page = as_user("ada").get(path).page
    assert "Nobody else at Acme can read it." in section_of(page).text
    assert choices_of(page, "hand_to")[""] == "Choose a person"
    answer = as_user("ada").submit(page.form(path))
    assert answer.status_code == 422
    assert f"Nobody else can read and answer {case.key}. Choose who takes over" in answer.page.text
    assert world.row(Contact, world.rita.contact_id).active and world.reload(case).contact_user_id == world.rita.id
    form = answer.page.form(path)
    assert as_user("ada").submit(form, hand_to=str(world.mel.contact_id)).status_code == 303
    assert world.reload(case).contact_user_id == world.mel.id
    assert as_user("mel").get(f"/cases/{case.key}").status_code == 200


def test_an_unmarked_case_that_nobody_else_can_read_is_named(world, as_user):
    taken, left = (world.open_case("rita", visibility="private") for _n in range(2))
    path = path_of(world, ADMIN, "rita", "/end")
    data = {"hand_to": str(world.mel.contact_id), "cases": [str(taken.id)]}
    answer = as_user("ada").post(path, data=data)
    assert answer.status_code == 422 and f"Nobody else can read and answer {left.key}." in answer.page.text
    assert world.reload(taken).contact_user_id == world.rita.id  # nothing of it happened
    assert answer.page.form(path)["hand_to"] == str(world.mel.contact_id)


@pytest.mark.parametrize("reads", ["administrator", "copy", "reader", "shared with an administrator"])
def test_nobody_takes_over_where_somebody_can_still_read_and_answer(world, as_user, reads):
    case = world.open_case("rita", visibility="shared" if reads.startswith("shared") else "private")
    if reads == "administrator":
        change_organization(
            world.ctx("ada"), world.row(Organization, world.acme.organization_id), admins_see_private=True
        )
    elif reads == "copy":
        world.put_in_copy(case, "mel@acme.example")
    elif reads == "reader":
        people.share_with(world.ctx("rita", "contact"), world.reload(case), world.mel.id)
    path = path_of(world, ADMIN, "rita", "/end")
    page = as_user("ada").get(path).page
    assert "Nobody else at Acme can read it." not in page.text
    assert as_user("ada").submit(page.form(path)).status_code == 303
    assert not world.row(Contact, world.rita.contact_id).active


def test_who_is_affected_or_alone_in_copy_is_listed_too(world, as_user):
    affected = world.open_case("cora", subject="New laptop", visibility="shared")
    people.admit(world.ctx("ana"), world.reload(affected), world.row(User, world.rita.id), "affected")
    copied = world.open_case("mel", subject="Printer", visibility="private", cc=["rita@acme.example"])
    world.open_case("cora", subject="Not theirs alone", visibility="private", cc=["rita@acme.example"])
    contacts.end_contact(world.ctx("ada"), world.row(Contact, world.mel.contact_id))
    path = path_of(world, ADMIN, "rita", "/end")
    page = as_user("ada").get(path).page
    text = section_of(page).text
    assert "New laptop" in text and "Contact: Cora Whitfield" in text
    assert "Printer" in text and "Contact: Mel Harper" in text and "Not theirs alone" not in text
    assert [box.get("value") for box in page.all("input", name="cases")] == [str(copied.id)]
    assert as_user("ada").submit(page.form(path)).status_code == 422  # nobody else reads the printer
    form = as_user("ada").get(path).page.form(path)
    assert as_user("ada").submit(form, hand_to=str(world.cora.contact_id)).status_code == 303
    assert world.reload(copied).contact_user_id == world.cora.id


# -- after somebody left without being asked (SCIM) -------------------------------------------------------------------


def leave(world, who="rita"):
    """As an identity provider does: nobody is asked."""
    contacts.end_contact(world.system(), world.row(Contact, world.person(who).contact_id))
    world.session.flush()


def test_what_who_left_is_still_the_contact_of_is_shown_and_handed_over(world, as_user, screen):
    who, base = screen
    case, kept = (world.open_case("rita", subject=name, visibility="shared") for name in ("Scanner", "Printer"))
    assert "Open cases of people who left" not in as_user(who).get(base).page.text
    leave(world)
    page = as_user(who).get(base).page
    assert "Open cases of people who left" in page.text and "Rita Costa 2 open cases" in " ".join(page.text.split())
    path = path_of(world, base, "rita")
    assert path in page.links
    page = as_user(who).get(path).page
    text = section_of(page).text
    assert "Rita Costa can no longer read them" in text and "Nobody at Acme is notified of answers." in text
    answer = as_user(who).submit(page.form(path), hand_to=str(world.mel.contact_id), cases=str(case.id))
    assert answer.status_code == 303
    assert world.reload(case).contact_user_id == world.mel.id and world.reload(kept).contact_user_id == world.rita.id
    assert not world.row(Contact, world.rita.contact_id).active
    text = " ".join(as_user(who).get(base).page.text.split())
    assert "Rita Costa 1 open case" in text


def test_the_list_of_leavers_counts_what_one_may_not_see_and_nothing_that_excludes_one(world, as_user):
    world.open_case("rita", subject="Salary data", visibility="private")
    about_olga = world.open_case("rita", visibility="shared")
    people.exclude(world.ctx("ana"), about_olga, world.olga.id)
    leave(world)
    page = as_user("olga").get(ORGANIZATION).page
    assert "Rita Costa 1 open case" in " ".join(page.text.split()) and "Salary data" not in page.text
    page = as_user("olga").get(path_of(world, ORGANIZATION, "rita")).page
    assert "1 open case is not shown to you" in page.text and about_olga.key not in page.text


def test_an_administrator_of_one_account_hears_nothing_of_leavers_of_the_others(world, as_user):
    grants = [contacts.Grant(world.acme.id, None, ContactRole.ORGANIZATION_ADMIN)]
    contacts.change_access(world.ctx("ada"), world.row(Contact, world.olga.contact_id), grants=grants)
    world.open_case("cora", account="ACMEPL", visibility="shared")
    leave(world, "cora")
    assert "people who left" not in as_user("olga").get(ORGANIZATION).page.text
    assert "Cora Whitfield 1 open case" in " ".join(as_user("ada").get(ADMIN).page.text.split())


def test_leavers_are_shown_to_nobody_else(world, as_user):
    world.open_case("rita", visibility="shared")
    leave(world)
    assert "people who left" not in as_user("gina").get("/org/globex/people").page.text
    assert "people who left" not in as_user("ada").get("/admin/organizations/globex/people").page.text
    assert "people who left" not in as_user("lee").get(ADMIN).page.text  # who cannot hand over
    assert as_user("mel").get(ORGANIZATION).status_code == 403


def test_the_list_of_people_costs_the_same_for_many_leavers(world, as_user, statements):
    world.open_case("rita", visibility="shared")
    leave(world)
    as_user("olga").get(ORGANIZATION)
    with statements() as few:
        as_user("olga").get(ORGANIZATION)
    for who in ("mel", "cora"):
        world.open_case(who, visibility="shared")
        leave(world, who)
    with statements() as many:
        as_user("olga").get(ORGANIZATION)
    assert len(many) == len(few)
