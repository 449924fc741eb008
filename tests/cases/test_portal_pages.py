"""The client's screens: what each shows to whom, and what they keep when something is refused."""

import pytest


def test_home_shows_my_cases_and_what_waits(world, as_user):
    world.case_in("waiting", by="rita", subject="Which store is it")
    page = as_user("rita").get("/").page
    assert "1 case waits for your reply" in page.text and "Which store is it" in page.text


def test_home_tells_of_solutions_that_wait_for_a_decision(world, as_user):
    assert "waits for your decision" not in as_user("rita").get("/").page.text
    world.case_in("resolved")
    page = as_user("rita").get("/").page
    assert "1 solution waits for your decision" in page.text and "/cases?status=resolved" in page.links


def test_home_leads_staff_without_a_client_to_the_desk(as_user):
    assert as_user("ana").get("/").headers["Location"].endswith("/desk")


def test_a_lower_case_key_leads_to_the_right_page(world, as_user):
    case = world.open_case("rita")
    answer = as_user("rita").get(f"/cases/{case.key.lower()}")
    assert answer.status_code == 308 and answer.headers["Location"].endswith(f"/cases/{case.key}")


def test_a_refused_form_keeps_every_word(as_user):
    data = {
        "account": "ACME",
        "severity": "",
        "subject": "Kept subject",
        "description": "Kept words",
        "phone": "+48 1",
        "cc": "not-an-address",
        "visibility": "shared",
    }
    answer = as_user("rita").post("/new/outage", data=data)
    assert answer.status_code == 422
    for kept in ("Kept subject", "Kept words", "+48 1", "not-an-address"):
        assert kept in answer.text
    assert "Choose how your work is affected" in answer.text or "at least 5 digits" in answer.text


def test_an_old_token_keeps_the_text(as_user):
    data = {"account": "ACME", "severity": "3", "subject": "Kept subject", "description": "Kept", "csrf_token": "old"}
    answer = as_user("rita").post("/new/outage", data=data, csrf=False)
    assert answer.status_code == 422 and "Kept subject" in answer.text and "open for a long time" in answer.text


def test_emergency_on_a_test_environment_is_lowered_and_says_why(world, as_user):
    case = world.open_case("rita", severity=1, environment="Test")
    assert (case.severity_asked, case.severity) == (1, 2)
    assert "never an emergency" in as_user("rita").get(f"/cases/{case.key}").page.text


def test_a_member_reads_a_shared_case_but_cannot_write(world, as_user):
    case = world.open_case("rita", visibility="shared")
    mel = as_user("mel")
    assert "Ask Rita Costa to put you in copy" in mel.get(f"/cases/{case.key}").page.text
    assert mel.post(f"/cases/{case.key}/replies", data={"body": "Me too"}).status_code == 403


def test_a_person_in_copy_reads_all_and_replies(world, as_user):
    case = world.open_case("rita", visibility="private")
    world.answer(case, "The whole story")
    assert as_user("mel").get(f"/cases/{case.key}").status_code == 404
    assert as_user("rita").post(f"/cases/{case.key}/people", data={"cc": world.mel.email}).status_code == 303
    mel = as_user("mel")
    assert "The whole story" in mel.get(f"/cases/{case.key}").page.text
    assert mel.post(f"/cases/{case.key}/replies", data={"body": "I see"}).status_code == 303
    assert case.key in mel.get("/cases?tab=cc").page.text


def test_an_excluded_person_sees_nothing_by_any_road(world, as_user):
    case = world.open_case("rita", visibility="shared", subject="Leaver on Friday")
    assert as_user("rita").post(f"/cases/{case.key}/exclusions", data={"person": str(world.mel.id)}).status_code == 303
    mel = as_user("mel")
    assert mel.get(f"/cases/{case.key}").status_code == 404
    for road in ("/cases?tab=shared&status=any", "/cases?q=Leaver", "/new/outage/alike?subject=Leaver on Friday"):
        assert "Leaver on Friday" not in mel.get(road).text


def test_sharing_names_who_gains(world, as_user):
    case = world.open_case("rita", visibility="private")
    page = as_user("rita").get(f"/cases/{case.key}/sharing").page
    assert "Mel Harper" in page.text and "will read the whole conversation" in page.text
    assert as_user("rita").post(f"/cases/{case.key}/sharing", data={"visibility": "shared"}).status_code == 303
    assert case.visibility == "shared" and as_user("mel").get(f"/cases/{case.key}").status_code == 200


def test_a_colleague_by_name_reads_and_can_be_taken_out(world, as_user):
    case = world.open_case("rita", visibility="private")
    rita = as_user("rita")
    assert rita.post(f"/cases/{case.key}/sharing", data={"person": str(world.mel.id)}).status_code == 303
    assert as_user("mel").get(f"/cases/{case.key}").status_code == 200
    grant = case.grants[0].id
    assert rita.post(f"/cases/{case.key}/people", data={"remove": str(grant)}).status_code == 303
    assert as_user("mel").get(f"/cases/{case.key}").status_code == 404


def test_the_reporter_corrects_words_until_the_first_answer(world, as_user):
    case = world.open_case("rita", subject="Typpo")
    rita = as_user("rita")
    words = {"subject": "Typo", "description": "Right"}
    assert rita.post(f"/cases/{case.key}/words", data=words).status_code == 303 and case.subject == "Typo"
    world.answer(case)
    assert rita.post(f"/cases/{case.key}/words", data=words).status_code == 409


@pytest.mark.parametrize(
    "filters",
    [
        "status=nope",
        "sort=%00",
        "page=99999999999999999999",
        "env=x",
        "severity=-1",
        "size=1e9",
        "q=%00%ff'",
        "tab=%2e%2e",
        "account=NOPE",
        "by=nobody",
    ],
)
def test_filters_that_make_no_sense_are_left_out(filters, as_user):
    assert as_user("rita").get(f"/cases?{filters}").status_code == 200


def test_mute_and_unmute(world, as_user):
    case = world.open_case("rita")
    rita = as_user("rita")
    rita.post(f"/cases/{case.key}/mute")
    assert "Unmute" in rita.get(f"/cases/{case.key}").page.text
    rita.post(f"/cases/{case.key}/mute")
    assert "Mute notifications" in rita.get(f"/cases/{case.key}").page.text


def test_the_second_decision_hears_of_the_first(world, as_user):
    case = world.case_in("resolved", by="rita")
    as_user("rita").post(f"/cases/{case.key}/resolution/accept")
    again = as_user("rita").post(f"/cases/{case.key}/resolution/reject", data={"reason": "No"})
    assert again.status_code == 409


def test_search_finds_what_was_just_written_and_never_a_note(world, as_user):
    case = world.open_case("rita", subject="Drukarka w Łodzi", description="zażółć")
    world.note(case, "zebrafish")
    rita = as_user("rita")
    for asked in ("lodzi", "Łódz", "zazolc", case.key, str(case.number)):
        assert case.key in rita.get("/cases", query_string={"q": asked}).text, asked
    assert "No case matches these filters" in rita.get("/cases?q=zebrafish").page.text
