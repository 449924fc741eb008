"""The desk's verbs: what each does, what it refuses, who may not."""

import datetime as dt

import pytest

PAGES = (
    "status",
    "assign",
    "take",
    "severity",
    "escalate",
    "close",
    "edit",
    "merge",
    "split",
    "move",
    "sharing",
    "people",
    "exclusions",
    "mute",
    "reply",
    "note",
)


def press(browser, case, verb, **fields):
    return browser.post(f"/desk/cases/{case.key}/{verb}", data=fields)


@pytest.mark.parametrize("verb", [*PAGES, "reopen", "history", "as-customer"])
def test_each_verb_has_a_page(world, as_user, verb):
    case = world.case_in("resolved" if verb == "reopen" else "open")
    assert as_user("ana").get(f"/desk/cases/{case.key}/{verb}").status_code == 200


@pytest.mark.parametrize("verb", [*PAGES, "reopen", "history", "as-customer"])
def test_a_foreign_case_does_not_exist_for_any_verb(world, as_user, verb):
    case = world.case_in("open")
    tom = as_user("tom")
    assert tom.get(f"/desk/cases/{case.key}/{verb}").status_code == 404
    if verb != "history":
        assert press(tom, case, verb, body="x", reason="x", status="closed", target=case.key).status_code == 404
    assert case.state == "open"


@pytest.mark.parametrize("verb", [*PAGES, "reopen"])
def test_the_auditor_uses_no_verb(world, as_user, verb):
    case = world.case_in("open")
    assert as_user("aud").get(f"/desk/cases/{case.key}/{verb}").status_code == 403
    assert press(as_user("aud"), case, verb, body="x", reason="x", status="closed").status_code == 403
    assert case.state == "open"


def test_taking_a_new_case_opens_it(world, as_user):
    case = world.open_case("rita")
    assert press(as_user("ana"), case, "take").status_code == 303
    assert (case.state, case.owner_id) == ("open", world.ana.staff_id)


def test_somebody_else_took_it_first(world, as_user):
    case = world.open_case("rita")
    seen = case.version
    press(as_user("lee"), case, "take")
    answer = press(as_user("ana"), case, "take", version=seen)
    assert answer.status_code == 409 and case.owner_id == world.lee.staff_id
    assert "Lee Chen" in answer.page.first("main").text
    fresh = answer.page.form(f"/desk/cases/{case.key}/take")
    assert as_user("ana").submit(fresh).status_code == 303 and case.owner_id == world.ana.staff_id


@pytest.mark.parametrize("owner", ["me", "self"])
def test_assigning(world, as_user, owner):
    case = world.open_case("rita")
    department = world.departments["infrastructure"].id
    wanted = "me" if owner == "me" else str(world.ana.staff_id)
    assert press(as_user("ana"), case, "assign", owner=wanted, department=department).status_code == 303
    assert (case.owner_id, case.department_id, case.state) == (world.ana.staff_id, department, "open")
    assert press(as_user("ana"), case, "assign", owner="").status_code == 303
    assert (case.owner_id, case.department_id) == (None, department)


@pytest.mark.parametrize("owner", ["tom", "aud", "pat", "rubbish", "nobody"])
def test_only_somebody_who_looks_after_the_account_can_own_it(world, as_user, owner):
    case = world.open_case("rita")
    ids = {"rubbish": "x' or 1=1", "nobody": str(world.acme.id)}
    wanted = ids.get(owner) or str(world.person(owner).staff_id)
    answer = press(as_user("ana"), case, "assign", owner=wanted)
    assert answer.status_code == 422 and case.owner_id is None


def test_two_who_assign_hear_of_each_other(world, as_user):
    case = world.open_case("rita")
    form = as_user("ana").get(f"/desk/cases/{case.key}/assign").page.form(f"/desk/cases/{case.key}/assign")
    press(as_user("lee"), case, "take")
    answer = as_user("ana").submit(form, owner=str(world.ana.staff_id))
    assert answer.status_code == 409 and case.owner_id == world.lee.staff_id
    assert (
        as_user("ana")
        .submit(answer.page.form(f"/desk/cases/{case.key}/assign"), owner=str(world.ana.staff_id))
        .status_code
        == 303
    )
    assert case.owner_id == world.ana.staff_id


def test_status_verbs(world, as_user):
    case = world.case_in("open")
    ana = as_user("ana")
    soon = (world.ctx("ana").now + dt.timedelta(days=5)).date().isoformat()
    assert press(ana, case, "status", status="in_progress").status_code == 303 and case.state == "in_progress"
    assert (
        press(ana, case, "status", status="waiting", body="Which one?").status_code == 303 and case.state == "waiting"
    )
    assert press(ana, case, "status", status="on_hold", reason="A part", until=soon).status_code == 303
    assert case.state == "on_hold"
    assert press(ana, case, "status", status="in_progress").status_code == 303
    assert "case.woken" in world.event_names(case)
    assert press(ana, case, "status", status="resolved", body="Fixed", check="Look").status_code == 303
    assert case.state == "resolved" and world.messages_of(case)[-1].check == "Look"
    assert press(ana, case, "status", status="open", body="Not yet").status_code == 303 and case.state == "open"
    assert press(ana, case, "status", status="closed", reason="Enough").status_code == 303 and case.state == "closed"


@pytest.mark.parametrize(
    "fields",
    [
        {"status": ""},
        {"status": "new"},
        {"status": "take"},
        {"status": "waiting"},
        {"status": "resolved"},
        {"status": "on_hold", "until": "2099-01-01"},
        {"status": "on_hold", "reason": "A part"},
        {"status": "on_hold", "reason": "A part", "until": "yesterday"},
        {"status": "nonsense"},
    ],
)
def test_a_status_without_what_it_needs_is_refused(world, as_user, fields):
    case = world.case_in("in_progress")
    assert press(as_user("ana"), case, "status", **fields).status_code == 422
    assert case.state == "in_progress" and world.messages_of(case) == []


def test_a_verb_that_is_not_possible_any_more_keeps_the_words(world, as_user):
    case = world.case_in("closed")
    answer = press(as_user("ana"), case, "status", status="resolved", body="My long solution")
    assert answer.status_code == 409 and case.state == "closed"
    assert "Closed" in answer.page.first("main").text


def test_a_stale_status_form_is_a_conflict(world, as_user):
    case = world.case_in("open")
    seen = case.version
    world.reply(case)
    answer = press(as_user("ana"), case, "status", status="resolved", body="My solution", version=seen)
    assert answer.status_code == 409 and "My solution" in answer.get_data(as_text=True) and case.state == "open"
    assert as_user("ana").submit(answer.page.form(f"/desk/cases/{case.key}/status")).status_code == 303
    assert case.state == "resolved"


@pytest.mark.check(47, "reason and history")
def test_severity_is_redefined_with_a_reason(world, as_user):
    case = world.case_in("open", severity=2)
    ana = as_user("ana")
    assert press(ana, case, "severity", severity="2", reason="Same").status_code == 422
    assert press(ana, case, "severity", severity="3", reason="").status_code == 422
    assert press(ana, case, "severity", severity="77", reason="x").status_code == 422
    assert press(ana, case, "severity", severity="3", reason="A manual export works").status_code == 303
    assert (case.severity, case.severity_asked) == (3, 2)
    page = ana.get(f"/desk/cases/{case.key}").page.first("main").text
    assert "A manual export works" in page and "Customer chose" in page
    assert "A manual export works" in as_user("rita").get(f"/cases/{case.key}").get_data(as_text=True)


def test_escalating_hands_over_with_an_internal_note(world, as_user):
    case = world.case_in("open")
    ana = as_user("ana")
    assert press(ana, case, "escalate", tier="1", note="x").status_code == 422
    assert press(ana, case, "escalate", tier="2", note="").status_code == 422
    assert press(ana, case, "escalate", tier="9", note="x").status_code == 422
    assert press(ana, case, "escalate", tier="2", note="Tried a restart, xyzzy").status_code == 303
    assert case.tier == 2 and "xyzzy" not in as_user("rita").get(f"/cases/{case.key}").get_data(as_text=True)


def test_closing_and_reopening(world, as_user):
    case = world.case_in("open")
    ana = as_user("ana")
    assert press(ana, case, "close", reason="Opened twice").status_code == 303 and case.state == "closed"
    assert press(ana, case, "close").status_code == 409
    assert press(ana, case, "reopen", reason="").status_code == 422
    assert press(ana, case, "reopen", reason="Not solved after all").status_code == 303 and case.state == "open"
    assert press(ana, case, "reopen", reason="Again").status_code == 409


def test_details_are_corrected_with_old_and_new_in_the_history(world, as_user):
    case = world.case_in("open", environment="Production")
    form = as_user("ana").get(f"/desk/cases/{case.key}/edit").page.form(f"/desk/cases/{case.key}/edit")
    test = str(world.environments["ACME", "Test"].id)
    answer = as_user("ana").submit(
        form, subject="Scanner sends blank pages", type="question", contact=str(world.jan.contact_id), environment=test
    )
    assert answer.status_code == 303
    assert case.subject == "Scanner sends blank pages" and case.contact_user_id == world.jan.id
    text = as_user("ana").get(f"/desk/cases/{case.key}/history").page.first("main").text
    for word in (
        "The invoice list stays empty",
        "Scanner sends blank pages",
        "Jan Nowak",
        "Rita Costa",
        "Production",
        "Test",
    ):
        assert word in text


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("contact", "gil"),
        ("environment", "globex"),
        ("type", "nonsense"),
        ("subject", ""),
        ("department", "x"),
        ("contact", "piotr"),
    ],
)
def test_pairs_that_do_not_belong_together_are_refused(world, as_user, field, value):
    case = world.case_in("open")
    people = {"gil": world.gil.contact_id, "piotr": world.piotr.contact_id}
    globex = next(e.id for (key, _name), e in world.environments.items() if key == "GLOBEX")
    form = as_user("ana").get(f"/desk/cases/{case.key}/edit").page.form(f"/desk/cases/{case.key}/edit")
    wanted = str(people.get(value) or (globex if value == "globex" else value))
    assert as_user("ana").submit(form, **{field: wanted}).status_code == 422
    assert case.subject == "The invoice list stays empty" and case.contact_user_id == world.rita.id


def test_a_case_does_not_become_of_a_type_that_its_account_did_not_buy(world, as_user):
    case = world.case_in("open", by="gil")
    form = as_user("ana").get(f"/desk/cases/{case.key}/edit").page.form(f"/desk/cases/{case.key}/edit")
    assert as_user("ana").submit(form, type="visit").status_code == 422


def test_blanks_in_how_to_check_are_nothing_to_check(world, as_user):
    case = world.case_in("open")
    assert press(as_user("ana"), case, "status", status="resolved", body="Fixed", check=" \n\u00a0").status_code == 303
    assert [message.check for message in world.messages_of(case) if message.kind == "resolution"] == [""]


def test_merging_leads_to_the_case_that_stays(world, as_user):
    case, target = world.open_case("rita"), world.open_case("mel", subject="The real one")
    ana = as_user("ana")
    preview = press(ana, case, "merge", target=target.key, preview="1")
    assert preview.status_code == 200 and "Rita Costa" in preview.page.first("main").text and case.state == "new"
    unseen = press(ana, case, "merge", target=target.key)
    assert unseen.status_code == 422 and "Rita Costa" in unseen.page.first("main").text, "nobody comes in unseen"
    shown = unseen.page.form(f"/desk/cases/{case.key}/merge")
    assert shown["previewed"] == target.key and world.reload(case).state == "new"
    answer = press(ana, case, "merge", target=target.key.lower(), previewed=shown["previewed"])
    assert answer.status_code == 303 and answer.location.endswith(target.key)
    moved = ana.get(f"/desk/cases/{case.key}")
    assert moved.status_code == 308 and target.key in moved.location
    stay = ana.get(f"/desk/cases/{case.key}?stay=1")
    assert stay.status_code == 200 and not stay.page.all("textarea")
    assert press(ana, case, "reply", body="Too late").status_code == 409
    assert as_user("rita").get(f"/cases/{target.key}").status_code == 200


@pytest.mark.parametrize("target", ["", "GLOBEX-1", "ACME-999", "rubbish", "%00", "self"])
def test_a_case_is_merged_only_into_another_of_its_account(world, as_user, target):
    case, _other = world.open_case("rita"), world.open_case("gil")
    wanted = case.key if target == "self" else target
    for extra in ({}, {"preview": "1"}):
        answer = press(as_user("ana"), case, "merge", target=wanted, **extra)
        assert answer.status_code == 422 and "in copy" not in answer.page.text
        assert "Gil" not in answer.page.first("main").text
    assert case.state == "new"


def test_merging_does_not_let_an_excluded_person_in(world, as_user):
    case, target = world.open_case("rita"), world.open_case("mel")
    world.exclude(target, "rita")
    assert press(as_user("ana"), case, "merge", target=target.key).status_code == 303
    assert as_user("rita").get(f"/cases/{target.key}").status_code == 404


def test_moving_opens_a_linked_case_there(world, as_user):
    case = world.case_in("open")
    ana = as_user("ana")
    people = press(ana, case, "move", account="GLOBEX", refresh="1")
    assert people.status_code == 200 and "Gil Okafor" in people.get_data(as_text=True) and case.state == "open"
    answer = press(ana, case, "move", account="GLOBEX", contact=world.gil.contact_id)
    assert answer.status_code == 303 and "GLOBEX-" in answer.location and case.state == "closed"
    assert ana.get(f"/desk/cases/{case.key}").status_code == 308
    assert as_user("rita").get(f"/cases/{case.key}").status_code == 200


@pytest.mark.parametrize(
    ("account", "contact"),
    [("GLOBEX", "rita"), ("GLOBEX", ""), ("ACME", "jan"), ("NOPE", "gil"), ("", ""), ("GLOBEX", "x")],
)
def test_a_case_moves_only_to_somebody_there(world, as_user, account, contact):
    case = world.case_in("open")
    wanted = world.people[contact].contact_id if contact in world.people else contact
    assert press(as_user("ana"), case, "move", account=account, contact=wanted).status_code == 422
    assert case.state == "open"


def test_sharing_and_taking_back(world, as_user):
    case = world.open_case("rita", visibility="private")
    ana = as_user("ana")
    assert as_user("mel").get(f"/cases/{case.key}").status_code == 404
    assert press(ana, case, "sharing", visibility="shared").status_code == 303
    assert as_user("mel").get(f"/cases/{case.key}").status_code == 200
    assert press(ana, case, "sharing", visibility="private").status_code == 303
    assert press(ana, case, "sharing", person=world.mel.id).status_code == 303
    assert as_user("mel").get(f"/cases/{case.key}").status_code == 200
    globex = world.organizations["Globex"].id
    assert press(ana, case, "sharing", organization=globex).status_code == 303
    assert as_user("gil").get(f"/cases/{case.key}").status_code == 200
    grant = next(g for g in case.grants if g.to_organization_id)
    assert press(ana, case, "sharing", remove=grant.id).status_code == 303
    assert as_user("gil").get(f"/cases/{case.key}").status_code == 404


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"visibility": "everyone"},
        {"person": "gil"},
        {"person": "x"},
        {"organization": "x"},
        {"organization": "acme"},
        {"remove": "x"},
    ],
)
def test_sharing_with_what_is_not_there_is_refused(world, as_user, fields):
    case = world.open_case("rita")
    known = {"gil": str(world.gil.id), "acme": str(world.organizations["Acme"].id)}
    answer = press(as_user("ana"), case, "sharing", **{k: known.get(v, v) for k, v in fields.items()})
    assert answer.status_code == 422 and not case.grants


def test_people_in_copy(world, as_user):
    case = world.open_case("rita")
    ana = as_user("ana")
    assert press(ana, case, "people", cc="").status_code == 422
    assert press(ana, case, "people", cc="not an address").status_code == 422
    wanted = "mel@acme.example, new@elsewhere.example"
    assert press(ana, case, "people", cc=wanted, outside="").status_code == 422 and not case.grants
    assert press(ana, case, "people", cc=wanted, outside="new@elsewhere.example").status_code == 303
    assert len(case.grants) == 2 and as_user("mel").get(f"/cases/{case.key}").status_code == 200
    assert "mel" in ana.get(f"/desk/cases/{case.key}").get_data(as_text=True).lower()
    assert press(ana, case, "people", remove=case.grants[0].id).status_code == 303 and len(case.grants) == 1


def test_exclusions_of_both_sides(world, as_user):
    case = world.open_case("rita", visibility="shared")
    ana = as_user("ana")
    assert press(ana, case, "exclusions", person=world.mel.id).status_code == 303
    assert as_user("mel").get(f"/cases/{case.key}").status_code == 404
    assert press(ana, case, "exclusions", person=world.lee.id).status_code == 303
    assert as_user("lee").get(f"/desk/cases/{case.key}").status_code == 404
    assert press(ana, case, "exclusions", readmit=world.mel.id).status_code == 303
    assert as_user("mel").get(f"/cases/{case.key}").status_code == 200


@pytest.mark.parametrize("person", ["", "rita", "ana", "rubbish"])
def test_nobody_excludes_the_contact_or_themselves(world, as_user, person):
    case = world.open_case("rita")
    wanted = world.people[person].id if person in world.people else person
    assert press(as_user("ana"), case, "exclusions", person=wanted).status_code == 422


def test_following_and_muting(world, as_user):
    case = world.open_case("rita")
    ana = as_user("ana")
    for fields in ({"wish": "follow"}, {"wish": "mute"}, {"wish": "none"}, {}):
        assert press(ana, case, "mute", **fields).status_code == 303
    assert press(ana, case, "mute", wish="shout").status_code == 422
    assert [n for n in world.event_names(case) if n != "case.submitted"] == [
        "case.followed",
        "case.muted",
        "case.unfollowed",
        "case.muted",
    ]


def test_the_way_back_to_the_queue_survives_a_verb(world, as_user):
    case = world.case_in("open")
    answer = as_user("ana").post(f"/desk/cases/{case.key}/take?view=mine&account=ACME&next=//evil.example")
    assert answer.status_code == 303 and "view=mine" in answer.location and "account=ACME" in answer.location
    assert "evil" not in answer.location
