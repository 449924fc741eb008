"""Polish where it is hard: plurals, dates, decimal commas; and mails in the language of whoever gets them."""

import datetime as dt

import pytest
from flask_babel import force_locale, ngettext

from portal.notifications.models import OutgoingMail
from portal.sla.engine.calendar import public_holidays
from portal.web.template_globals import file_size

NBSP = "\N{NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("n", "words"),
    [
        (0, "0 zgłoszeń"),
        (1, "1 zgłoszenie"),
        (2, "2 zgłoszenia"),
        (5, "5 zgłoszeń"),
        (12, "12 zgłoszeń"),
        (22, "22 zgłoszenia"),
        (112, "112 zgłoszeń"),
        (1004, "1004 zgłoszenia"),
    ],
)
@pytest.mark.check(50, "Polish plurals")
def test_plurals(app, n, words):
    with app.test_request_context(), force_locale("pl"):
        assert ngettext("%(num)d case", "%(num)d cases", n) == words


@pytest.mark.parametrize(
    ("size", "words"), [(88_000, f"88{NBSP}kB"), (1_240_000, f"1,2{NBSP}MB"), (25_000_000, f"25,0{NBSP}MB")]
)
def test_sizes(app, size, words):
    with app.test_request_context(), force_locale("pl"):
        assert file_size(size) == words


def test_times_are_said_in_polish(world, as_user):
    case = world.open_case("piotr", account="ACMEPL", ago=dt.timedelta(hours=2))
    row = as_user("piotr").get("/cases").page.first("tr", class_="list__row")
    assert "2 godziny temu" in row.text
    title = as_user("piotr").get(f"/cases/{case.key}").page.first("time").get("title")
    assert title.split(",")[0] in ("poniedziałek", "wtorek", "środa", "czwartek", "piątek", "sobota", "niedziela")


def test_a_mail_speaks_the_language_of_its_reader(world, run_outbox):
    """Cora reads English and opens a case for Piotr, who reads Polish."""
    case = world.open_case("cora", account="ACMEPL", contact="piotr", subject="Skaner")
    run_outbox()
    mails = {m.recipient: m for m in world.rows(OutgoingMail, OutgoingMail.case_id == case.id)}
    assert mails[world.cora.email].subject == f"We have your case: Skaner [{case.key}]"
    polish = mails[world.piotr.email]
    assert polish.subject == f"Zgłoszenie utworzone w Twoim imieniu – {world.cora.name}: Skaner [{case.key}]"
    assert f"Przejdź do zgłoszenia: http://{world.northwind.host}:8000/cases/{case.key}" in polish.text
    assert '<html lang="pl">' in polish.html and f"{case.key} · Skaner · Nowe" in polish.text


def test_a_refusal_is_polish_too(as_user):
    page = as_user("piotr").post("/new/question", data={"account": "ACMEPL"}).page
    assert page.title.startswith("Błąd: ") and "Wpisz temat zgłoszenia" in page.text


def test_public_holidays_are_named_in_polish_and_never_as_the_machine_speaks(monkeypatch):
    monkeypatch.setenv("LANGUAGE", "de")
    public_holidays.cache_clear()
    new_year = dt.date(2026, 1, 1)
    assert public_holidays("PL", "", 2026, "pl")[new_year] == "Nowy Rok"
    assert public_holidays("PL", "", 2026, "vi")[new_year] == "New Year's Day"
    assert public_holidays("PL", "", 2026)[new_year] == "New Year's Day"
