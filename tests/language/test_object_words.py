"""A provider calls a case "ticket" or "request": pages, counts, mails and refusals say so, and name its fields."""

import pytest
from flask_babel import force_locale, ngettext
from flask_babel import gettext as _

from portal.notifications.models import OutgoingMail
from portal.tenants.models import Provider
from portal.web import provider_texts

COUNT = ("%(num)d case waits for your reply", "%(num)d cases wait for your reply")


@pytest.fixture
def called(world):
    """Sets what the provider calls a case, and its own words."""

    def call(word, **phrases):
        row = world.row(Provider, world.northwind.id)
        row.object_word, row.phrases = word, phrases
        world.session.commit()
        return row

    return call


@pytest.mark.parametrize(("word", "many"), [("case", "cases"), ("ticket", "tickets"), ("request", "requests")])
def test_pages_counts_and_titles(called, as_user, word, many):
    called(word)
    page = as_user("rita").get("/cases").page
    assert f"No {many} yet." in page.text or f"You have no open {many}." in page.text
    assert ("case" in page.first("main").text.lower()) == (word == "case")


def test_a_count_follows_the_word_and_polish_does_not(called):
    row = called("ticket")
    with provider_texts.use_texts_of(row):
        with force_locale("en"):
            assert ngettext(*COUNT, 1) == "1 ticket waits for your reply"
            assert ngettext(*COUNT, 2) == "2 tickets wait for your reply"
            assert _("Close this case?") == "Close this ticket?" and _("Save") == "Save"
        with force_locale("pl"):
            assert "2 zgłoszenia" in ngettext(*COUNT, 2)


def test_own_words_come_before_the_object_word(called, as_user):
    called("ticket", en={"My cases": "My things"})
    text = as_user("rita").get("/").page.text
    assert "My things" in text and "My tickets" not in text


def test_a_refusal_names_a_field_as_the_provider_does(called, as_user):
    called("ticket", en={"Subject": "Title"})
    page = as_user("rita").post("/new/question", data={"account": "ACME"}).page
    assert "Fill in “Title”" in page.text and "Write a subject" not in page.text
    long = as_user("rita").post("/new/question", data={"account": "ACME", "subject": "x" * 300}).page
    assert "Shorten “Title” to" in long.text


def test_a_mail_says_the_word(called, world, run_outbox):
    called("request")
    world.open_case("rita", subject="Scanner")
    run_outbox()
    mail = world.rows(OutgoingMail, OutgoingMail.recipient == world.rita.email)[0]
    assert mail.subject.startswith("We have your request: Scanner")
    assert "case" not in mail.text.replace("/cases/", "").lower()
