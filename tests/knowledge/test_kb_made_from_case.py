"""FEATURES 2.6, "made from case": nothing private is copied silently."""

import pytest

from portal.kernel.errors import Conflict
from portal.knowledge.actions import articles as actions
from portal.knowledge.actions.articles import ArticleWords
from portal.knowledge.engine.redaction import find_marks, redact
from tests.support import help_articles

NAMES = ["Rita Costa", "Jan Kowalski", "Acme Polska", "de"]


@pytest.mark.parametrize(
    ("written", "redacted"),
    [
        ("Rita and RITA COSTA, Costa's desk", "[[name]] and [[name]], [[name]]'s desk"),
        ("Pytanie Kowalskiego z Acme", "Pytanie [[name]] z [[name]]"),
        ("mail rita.c+x@mail.acme.example now", "mail [[email]] now"),
        ("call +48 22 100 20 30 or (022) 100-2030", "call [[phone]] or [[phone]]"),
        ("https://portal.acme.example:8443/a?b=c fails", "[[address]] fails"),
        ("ping 10.0.0.5 and srv-web01.acme.lan", "ping [[address]] and [[address]]"),
        (r"open \\fs01\Projects$\Offer.docx", "open [[address]]"),
        ("as in ACME-12 and GLOBEX-9", "as in [[case]] and [[case]]"),
        ("Error 0x80070005, KB5031356, on 2026-11-30 at 9:14", "Error 0x80070005, KB5031356, on 2026-11-30 at 9:14"),
        ("Restart the printer in the office.", "Restart the printer in the office."),
        ("[[name]] stays", "[[name]] stays"),
    ],
)
def test_kb_made_from_case_marks_what_names_somebody(written, redacted):
    assert redact(written, NAMES) == redacted


@pytest.mark.parametrize("unit", ["a.", "1 ", "a@", "\\\\", "A-1", "a-", "a://", "x", "[[", "(0"])
def test_kb_made_from_case_long_texts_take_linear_time(unit):
    assert isinstance(redact(unit * (50_000 // len(unit)), NAMES), str)


@pytest.fixture
def case(world):
    found = world.open_case(
        "rita",
        subject="Printer of Rita prints nothing",
        description="Hello, Mel and I cannot print on 10.0.0.5. Call +48 22 100 20 30.",
    )
    world.note(found, "Internal: the password is hunter2")
    return found


def test_kb_made_from_case_the_draft_has_marks_and_cannot_be_published(client, world, case):
    from portal.cases.actions import resolution

    world.reply(case, "I am Rita Costa and this is my answer")
    resolution.resolve(world.ctx("ana"), case, solution="Ana restarted the spooler for Rita, as in ACME-1.")
    ada, ana = world.ctx("ada"), client("ana")
    help_articles.add_category(ada)
    address = f"/desk/help/new?case={case.key}"
    assert address in ana.get(f"/desk/cases/{case.key}").page.links
    form = ana.get(address).page.form("/desk/help/new")
    body = form.values["body"][0]
    assert "cannot print on [[address]]" in body and "restarted the spooler" in body
    for secret in ("Rita", "Ana", "10.0.0.5", "+48", "hunter2", "my answer", "ACME-1"):
        assert secret not in body and secret not in form.values["title"][0]
    assert form.values["audience"] == ["staff"]
    assert ana.submit(form).status_code == 303
    slug = "printer-of-name-prints-nothing"
    refused = client("lee").post(f"/desk/help/articles/{slug}/publish/en", data={})
    assert refused.status_code == 409 and "[[name]]" in refused.text
    assert find_marks(body)


def test_kb_made_from_case_is_offered_only_where_there_is_a_solution_and_to_writers(client, world, case):
    help_articles.add_category(world.ctx("ada"))
    here = f"/desk/help/new?case={case.key}"
    assert here not in client("ana").get(f"/desk/cases/{case.key}").page.links
    solved = world.case_in("resolved")
    page = client("aud").get(f"/desk/cases/{solved.key}").page
    assert f"/desk/help/new?case={solved.key}" not in page.links


def test_kb_made_from_case_a_foreign_case_is_a_missing_one(client, world, case):
    help_articles.add_category(world.ctx("ada"))
    foreign, missing = (client("tom").get(f"/desk/help/new?case={key}") for key in (case.key, "ACME-9999"))
    assert foreign.status_code == missing.status_code == 404
    assert client("ana").get("/desk/help/new?case=nonsense").status_code == 404


def test_kb_made_from_case_marks_that_an_editor_left_are_refused(world):
    ada = world.ctx("ada")
    category = help_articles.add_category(ada)
    article = help_articles.add_article(ada, category, "Call them", body="Call [[phone]].", published=False)
    with pytest.raises(Conflict, match="phone"):
        actions.publish_article(ada, article, "en")
    actions.save_words(ada, article, "en", ArticleWords("Call them", "", "Call the hotline."))
    assert actions.publish_article(ada, article, "en").number == 2
