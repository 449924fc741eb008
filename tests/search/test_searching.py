"""Search finds what its asker may see, and nothing else."""

import pytest


def found(browser, path, q):
    answer = browser.get(path, query_string={"q": q})
    assert answer.status_code == 200
    return answer.page.first("main").text


def test_words_of_subject_and_conversation_are_found(world, as_user):
    case = world.open_case("rita", subject="Skaner w Gdańsku")
    world.answer(case, "The cartridge was empty")
    for asked in ("gdansk", "cartridge", case.key, case.key.lower(), "skaner gdansku"):
        assert case.key in found(as_user("rita"), "/search", asked)
        assert case.key in found(as_user("ana"), "/desk/search", asked)


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
