"""Seed S1, "Logowanie do systemu Exea Support", chapter by chapter in its own words: everything a customer reads is
Polish.

Left to the road that comes with its own issue: cases and comments that arrive by email ("Obsługa E-mail").
"""

import datetime as dt
import re

import pytest

from portal.kernel import clock
from tests.browser.journeys.steps import answer, closes, key_of, press, resolves, sane, says, sets, status, writes

pytestmark = pytest.mark.browser
PRESET = "exea"


def test_after_signing_in_the_portal_is_there(visit):
    """ "Po podaniu loginu oraz hasła domyślnym widokiem jest portal dla klientów."."""
    page = visit("user")
    assert page.locator("html").get_attribute("lang") == "pl"
    # "Sekcja główna obejmuje wyszukiwarkę oraz umożliwia założenie zgłoszenia."
    assert page.locator("main").get_by_role("searchbox").or_(page.locator("main input[name=q]")).first.is_visible()
    says(page, "Załóż zgłoszenie")
    # "Obecnie przewidziane typy zgłoszeń to: …"
    says(page, "Zgłoś awarię", "Zadaj pytanie techniczne", "Wsparcie", "Zadaj pytanie biznesowe")
    says(page, "Zgłoś wizytę kolokacyjną")


def test_a_case_is_opened_and_shared_in_the_company(visit, told, mails):
    """ "Dostępne pola formularza zgłoszenia"."""
    page = visit("user")
    page.get_by_role("link", name=re.compile("Zgłoś awarię")).first.click()
    page.wait_for_url("**/new/outage")
    # Nobody is asked how severe it is; the form says all the same when support answers.
    page.wait_for_function("() => document.querySelector('#promise').innerText.includes('Pierwsza odpowiedź')")
    page.get_by_label("Temat zgłoszenia").fill("Nie działa drukarka etykiet")
    page.get_by_label("Opis zgłoszenia").fill("Od rana nie drukuje żadnej etykiety.")
    page.get_by_label("Telefon kontaktowy").fill("+48 600 200 300")
    # "Udostępnianie zgłoszenia - Prywatne lub wspólne w ramach swojej firmy/organizacji"
    says(page, "Udostępnianie zgłoszenia", "Prywatne", "Załączniki")
    page.locator("label", has_text="Wspólne w ramach firmy").first.click()
    # "Po zatwierdzeniu przyciskiem zgłoszenie zostaje założone."
    press(page, "Wyślij zgłoszenie")
    page.wait_for_url("**/cases/KUZNIA-*")
    told["key"] = key_of(page)
    says(page, f"Zgłoszenie {told['key']} zostało założone.")
    # "W określonych sytuacjach np. nowe zgłoszenie … otrzymasz powiadomienie mailowe."
    assert told["key"] in mails("user")[-1].subject


def test_the_menu_leads_to_cases_shared_ones_profile_and_out(visit, told):
    """ "Z poziomu menu w prawym górnym rogu …"."""
    page = visit("user")
    page.locator("header").get_by_role("link", name=re.compile("^Zgłoszenia")).first.click()
    page.wait_for_load_state()
    # "Kolumny oprócz pól zgłoszenia dodatkowo zawierają status i nazwę zgłaszającego użytkownika."
    says(page, "Moje zgłoszenia", "Status", "Osoba zgłaszająca", told["key"], "Joanna Kowal")
    colleague = visit("colleague", width=390, height=844)
    colleague.goto("/cases?tab=shared")
    says(colleague, told["key"], "Nie działa drukarka etykiet")
    page.goto("/me")
    says(page, "Joanna Kowal")
    page.goto("/sign-out")
    says(page, "Wyloguj")


def test_the_case_shows_number_title_status_and_its_menu(visit, told):
    """ "W pojedynczym zgłoszeniu widoczny jest jego numer, tytuł oraz status."."""
    page = visit("user")
    page.goto(f"/cases/{told['key']}")
    says(page, told["key"], "Nie działa drukarka etykiet", "Konwersacja", "Szczegóły")
    # "Zgłoszenie przyjęte."
    assert status(page) == "Zgłoszenie przyjęte"
    # "pozwala na wyłączenie powiadomień", "pozwala na udostępnienie", "Pozwala zamknąć lub ponownie otworzyć"
    says(page, "Wyłącz powiadomienia", "Udostępnij", "Zamknij zgłoszenie")
    assert "Otwórz ponownie" not in page.locator("main").inner_text()
    # "W ramach sekcji Shared with zawarte są informacje dotyczące założyciela … oraz organizacji"
    shared = page.locator("#shared").inner_text()
    assert "Joanna Kowal" in shared and "Kuźnia Druku" in shared
    press(page, "Wyłącz powiadomienia")
    page.goto(f"/cases/{told['key']}")
    says(page, "Włącz powiadomienia")


def test_the_six_statuses(visit, told, mails):
    """ "W ramach obsługi zgłoszeń mogą pojawić się następujące statusy"."""
    page, agent, key = visit("user", javascript=False), visit("agent"), told["key"]
    answer(agent, key, "Sprawdziliśmy i przekazujemy do działu.")
    page.goto(f"/cases/{key}")
    assert status(page) == "Sprawdzone i skierowane do działu"
    says(page, "Zgłoszenie zostało sprawdzone przez nasz support i skierowane do odpowiedniego działu obsługi.")
    later = (clock.now() + dt.timedelta(days=3)).date().isoformat()
    sets(agent, key, "on_hold", reason="Kurier przywiezie głowicę.", until=later)
    page.reload()
    assert status(page) == "Zgłoszenie zawieszone"
    says(page, "zdarzenie niezależne od nas", "Kurier przywiezie głowicę.")
    sets(agent, key, "waiting", body="Jaki jest numer seryjny?")
    page.reload()
    assert status(page) == "Czekamy na Twoją odpowiedź"
    # "oraz możliwość dodania komentarza"
    writes(page, key, "Numer seryjny: 4711.")
    says(page, "Numer seryjny: 4711.")
    resolves(agent, key, "Głowica została wymieniona.", "Wydrukuj jedną etykietę.")
    page.goto(f"/cases/{key}")
    assert status(page) == "Zgłoszenie rozwiązane"
    # "oceń nasze działania za pomocą oceny, która przyjdzie na Twój email"
    says(page, "ocena przyjdzie na Twój e-mail", "Otwórz ponownie")
    assert any("/s/" in mail.text for mail in mails("user")), "the mail asks for a rating"


def test_it_is_reopened_or_closed_and_stays_readable(visit, told):
    page, agent, key = visit("user"), visit("agent"), told["key"]
    page.goto(f"/cases/{key}")
    press(page, "Otwórz ponownie")
    if page.locator("main textarea").count() and "/reopen" in page.url:
        page.fill("main textarea", "Znowu nie drukuje.")
        page.locator("main form button[type=submit]").first.click()
        page.wait_for_load_state()
    page.goto(f"/cases/{key}")
    assert status(page) == "Sprawdzone i skierowane do działu"
    resolves(agent, key, "Wymieniliśmy też kabel.", "Wydrukuj jedną etykietę.")
    closes(page, key, "Zamknij zgłoszenie")
    assert status(page) == "Zgłoszenie zamknięte"
    # "Nadal będziesz mógł przeglądać zgłoszenie w twojej historii po wybraniu odpowiedniego filtru"
    page.goto("/cases")
    assert key not in page.locator("main table").first.inner_text() if page.locator("main table").count() else True
    page.get_by_role("link", name=re.compile("^Zgłoszenie zamknięte")).first.click()
    page.wait_for_load_state()
    says(page, key)


def test_its_pages_are_sane_and_polish(visit, told):
    page = visit("user")
    sane(page, "/", "/new", "/new/outage", "/cases?status=any", f"/cases/{told['key']}", "/support")
    for path in ("/", "/new", "/new/visit", "/cases?status=any", f"/cases/{told['key']}", "/support", "/me"):
        page.goto(path)
        text = page.locator("body").inner_text()
        for english in (
            "Open a case",
            "Cases",
            "Subject",
            "Send",
            "Search",
            "First reply",
            "Details",
            "Close",
            "today",
        ):
            assert not re.search(rf"\b{english}\b", text), f"{english!r} on {path}"
