"""Search finds what its asker may see, and nothing else."""

import pytest

from portal.tenants.models import AccountAlias


def found(browser, path, q):
    answer = browser.get(path, query_string={"q": q})
    assert answer.status_code == 200
    return answer.page.first("main").text


def test_words_of_subject_and_conversation_are_found(world, as_user):
    case = world.open_case("rita", subject="Skaner w Gdańsku")
    world.answer(case, "The cartridge was empty")
    for asked in ("gdansk", "cartridge", "skaner gdansku"):
        assert case.key in found(as_user("rita"), "/search", asked)
        assert case.key in found(as_user("ana"), "/desk/search", asked)


SPELLINGS = (
    "{0}",
    "[{0}]",
    "#{0}",
    "[#{0}]",
    "({0})",
    " {0}: ",
    "{1} {2}",
    "#{1} {2}",
    "{1} #{2}",
    "{1}–{2}",
    "{1}_{2}",
    "“{0}”",
)


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_key_leads_to_its_case_in_every_spelling(world, as_user, spelling):
    case = world.open_case("rita")
    for key in (case.key, case.key.lower()):
        asked = spelling.format(key, *key.split("-"))
        for who, path, place in (("rita", "/search", "/cases"), ("ana", "/desk/search", "/desk/cases")):
            answer = as_user(who).get(path, query_string={"q": asked})
            assert (answer.status_code, answer.location) == (303, f"{place}/{case.key}"), asked


def test_a_key_of_a_case_that_is_not_visible_is_an_ordinary_question(world, as_user):
    """Foreign and missing look the same, and what mentions the key is found."""
    private = world.open_case("rita", visibility="private")
    mentions = world.open_case("mel", subject=f"Like {private.key} and ACME-99999", visibility="private")
    for key in (private.key, "ACME-99999"):
        assert as_user("mel").get("/search", query_string={"q": key}).page.all(href=f"/cases/{mentions.key}")
        missing = as_user("gil").get("/search", query_string={"q": key}).get_data(as_text=True)
        assert "Nothing found" in missing
    for asked in ("Windows 10", "acme-0", "page 3"):
        assert as_user("rita").get("/search", query_string={"q": asked}).status_code == 200


def test_a_former_key_leads_to_the_case(world, as_user):
    case = world.open_case("rita")
    number = case.key.partition("-")[2]
    place = {"provider_id": case.provider_id, "organization_id": case.organization_id, "account_id": case.account_id}
    world.session.add(AccountAlias(**place, key="OLDNAME"))
    world.session.flush()
    assert as_user("rita").get(f"/search?q=oldname+{number}").location == f"/cases/{case.key}"


def test_a_question_that_is_too_long_gets_a_sentence_and_stays_in_the_box(world, as_user):
    case = world.open_case("rita", subject="printer")
    for asked in ("printer " * 700, "x" * 5000, "打印机" * 1700):
        for who, path in (("rita", "/search"), ("ana", "/desk/search")):
            page = as_user(who).get(path, query_string={"q": asked}).page
            assert f"up to 300 characters; this one has {len(asked.strip()):d}" in page.text
            assert page.first("input", name="q", id="q").get("value") == asked.strip()
            assert len(page.first("title").text) < 140
    assert case.key in found(as_user("rita"), "/search", "printer " * 37)


def test_a_list_says_when_a_question_was_cut(world, as_user):
    case = world.open_case("rita", subject="printer")
    for who, path in (("rita", "/cases"), ("ana", "/desk/queue/all")):
        text = found(as_user(who), path, "printer " * 700)
        assert case.key in text and "Only the first 300 characters were searched for." in text
        assert "Only the first" not in found(as_user(who), path, "printer")


def test_a_question_of_many_words_says_how_many_were_looked_for(world, as_user):
    words = [f"word{n}" for n in range(20)]
    case = world.open_case("rita", description=" ".join(words[:16]))
    text = found(as_user("rita"), "/search", " ".join(words))
    assert "Only the first 16 words were searched for." in text and case.key in text
    assert "Only the first" not in found(as_user("rita"), "/search", " ".join(words[:16]))


def test_words_far_behind_in_a_long_text_are_found(world, as_user):
    lines = [f"2026-11-28T08:{n // 60 % 60:02}:{n % 60:02} node{n:05} link down" for n in range(1240)]
    case = world.open_case("rita", description="\n".join([*lines, "srv-last99 gave up"]))
    assert 49_000 < len(case.description) <= 50_000
    for asked in ("srv-last99", "node01239", "gave up"):
        assert case.key in found(as_user("rita"), "/search", asked)


def test_what_is_written_in_notes_is_found_by_staff_alone(world, as_user):
    case = world.case_in("open")
    world.note(case, "Suspect xyzzy")
    assert case.key in found(as_user("ana"), "/desk/search", "xyzzy")
    for who in ("rita", "olga", "cora"):
        assert case.key not in found(as_user(who), "/search", "xyzzy")


def test_private_cases_of_others_are_not_found(world, as_user):
    case = world.open_case("rita", subject="Salary of plugh", visibility="private")
    for who in ("mel", "cora", "olga", "gil", "piotr"):
        assert case.key not in found(as_user(who), "/search", "plugh")
        assert case.subject not in found(as_user(who), "/search", case.key)
    assert case.key in found(as_user("rita"), "/search", "plugh")


def test_shared_cases_are_found_by_colleagues_until_they_are_excluded(world, as_user):
    case = world.open_case("rita", subject="Printer frotz", visibility="shared")
    assert case.key in found(as_user("mel"), "/search", "frotz")
    as_user("ana").post(f"/desk/cases/{case.key}/exclusions", data={"person": world.mel.id})
    assert case.key not in found(as_user("mel"), "/search", "frotz")


def test_staff_find_only_the_accounts_they_look_after(world, as_user):
    acme, globex = world.open_case("rita", subject="Acme gnusto"), world.open_case("gil", subject="Globex gnusto")
    text = found(as_user("tom"), "/desk/search", "gnusto")
    assert globex.key in text and acme.key not in text
    assert "Rita" not in found(as_user("tom"), "/desk/search", "rita")
    assert "Go to" not in found(as_user("tom"), "/desk/search", acme.key)


def test_accounts_and_people_are_found_on_the_desk(world, as_user):
    text = found(as_user("ana"), "/desk/search", "acme")
    assert "Acme" in text and "Rita Costa" in text
    assert "Piotr Zieliński" in found(as_user("ana"), "/desk/search", "zielinski")


def test_another_provider_s_cases_are_not_found(world, as_user):
    case = world.open_case("rita", subject="Northwind rezrov")
    assert case.key not in found(as_user("sue"), "/desk/search", "rezrov")
    assert "rezrov" not in found(as_user("rob"), "/search", "northwind").replace("“northwind”", "")


@pytest.mark.parametrize(
    "q", ["", " ", "\x00", "'\"&|!():*<>", "%", "ä" * 500, "ACME-99999999999", "a | b & !c", "\u202e\ud83d", "1" * 30]
)
def test_any_question_is_answered(world, as_user, q):
    for who, path in (("rita", "/search"), ("ana", "/desk/search")):
        assert as_user(who).get(path, query_string={"q": q.encode("utf-8", "replace")}).status_code == 200


def test_markup_stays_text_and_matches_are_marked(world, as_user):
    world.open_case("rita", subject="<script>alert(1)</script> printer")
    html = as_user("ana").get("/desk/search?q=printer").get_data(as_text=True)
    assert "<script>alert" not in html and "<mark>printer</mark>" in html


@pytest.mark.parametrize(
    ("subject", "asked", "marks"),
    (
        ("Neue Drücker", "druecker", ["Drücker"]),
        ("请检查打印机的状态", "打印机", ["打印机"]),
        ("srv-web01.acme.example is down", "web01.acme", ["web01", "acme"]),
        ("Máy in <b>", "may b", ["Máy", "b"]),
    ),
)
def test_what_was_asked_is_marked_as_it_was_written(world, as_user, subject, asked, marks):
    world.open_case("rita", subject=subject)
    page = as_user("ana").get("/desk/search", query_string={"q": asked}).page
    assert [mark.text for mark in page.first(class_="case-row__subject").all("mark")] == marks


def test_many_hits_have_pages_and_cost_the_same(world, as_user, statements):
    def once():
        with statements() as seen:
            as_user("ana").get("/desk/search?q=printer")
            as_user("rita").get("/search?q=printer")
        return len(seen)

    def cost():
        return min(once(), once())  # now and then a request also notes that somebody is there

    world.open_case("rita", subject="printer 0")
    few = cost()
    for n in range(1, 22):
        world.open_case("rita", subject=f"printer {n}")
    assert cost() == few
    assert "page=2" in as_user("rita").get("/search?q=printer").get_data(as_text=True)


@pytest.mark.parametrize("who", ["pat", "rita"])
def test_the_desk_s_search_is_for_the_desk(as_user, who):
    assert as_user(who).get("/desk/search?q=x").status_code == 403


def offered(browser, q):
    words = {"q": q.encode("utf-8", "replace")}
    answer = browser.get("/desk/commands", query_string=words, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def test_the_command_menu_finds_cases_accounts_and_people(world, as_user):
    case = world.open_case("rita", subject="The blorb jams")
    text = offered(as_user("ana"), "blorb")
    assert f'href="/desk/cases/{case.key}"' in text and "<mark>blorb</mark>" in text
    assert "/desk/accounts/ACME" in offered(as_user("ana"), "acme")
    assert world.rita.name in offered(as_user("ana"), "rita").replace("<mark>", "").replace("</mark>", "")
    assert offered(as_user("ana"), " ").strip() == ""
    assert "/desk/search?q=%3Cb%3E" in offered(as_user("ana"), "<b>")


def test_the_command_menu_stays_in_sight(world, as_user):
    acme = world.open_case("rita", subject="Acme plugh")
    assert acme.key not in offered(as_user("tom"), "plugh") and "Rita" not in offered(as_user("tom"), "rita")
    assert acme.key not in offered(as_user("sue"), "plugh")
    assert as_user("rita").get("/desk/commands?q=plugh", headers={"HX-Request": "true"}).status_code == 403


def test_without_a_script_the_command_menu_is_the_page_of_search(as_user):
    answer = as_user("ana").get("/desk/commands?q=printer jam")
    assert answer.status_code == 303 and answer.location.endswith("/desk/search?q=printer+jam")


@pytest.mark.parametrize("q", ["\x00", "'\"&|!():*<>", "ä" * 5000, "\u202e\ud83d", "1" * 30])
def test_the_command_menu_answers_any_question(world, as_user, q):
    offered(as_user("ana"), q)
