"""Seed S1, "Logowanie do systemu Exea Support", chapter by chapter in its own words: everything a customer reads is
Polish."""

import datetime as dt
import re

import pytest

from portal.kernel import clock
from tests.browser.journeys.steps import answer, closes, key_of, press, resolves, sane, says, sets, status, tell, writes

pytestmark = pytest.mark.browser
PRESET = "exea"


def chapter_after_signing_in_the_portal_is_there(visit):
    """ "Po podaniu loginu oraz hasła domyślnym widokiem jest portal dla klientów."."""
    page = visit("user")
    assert page.locator("html").get_attribute("lang") == "pl"
    # "Sekcja główna obejmuje wyszukiwarkę oraz umożliwia założenie zgłoszenia."
    assert page.locator("main").get_by_role("searchbox").or_(page.locator("main input[name=q]")).first.is_visible()
    says(page, "Załóż zgłoszenie")
    # "Obecnie przewidziane typy zgłoszeń to: …"
    says(page, "Zgłoś awarię", "Zadaj pytanie techniczne", "Wsparcie", "Zadaj pytanie biznesowe")
    says(page, "Zgłoś wizytę kolokacyjną")


def chapter_a_case_is_opened_and_shared_in_the_company(visit, told, mails):
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


def chapter_the_menu_leads_to_cases_shared_ones_profile_and_out(visit, told):
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
    press(page, "Wyloguj")
    page.wait_for_url(lambda url: "/sign-out" not in url)
    page.goto("/cases")
    page.wait_for_url(lambda url: "/sign-in" in url)


def chapter_the_case_shows_number_title_status_and_its_menu(visit, told):
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
    press(page, "Włącz powiadomienia")


def chapter_a_file_comes_with_a_comment_where_the_form_has_none(visit, told, tmp_path):
    """ "jeśli w danym typie zgłoszenia nie ma możliwości dodania załącznika, w widoku zgłoszenia możesz dodać
    załącznik"."""
    page = visit("user")
    page.goto("/new/visit")
    assert page.locator("input[name=attachments]").count() == 0
    page.get_by_label("Temat zgłoszenia").fill("Wizyta w serwerowni")
    page.get_by_label("Opis zgłoszenia").fill("W środę o dziesiątej, dwie osoby.")
    page.get_by_label("Telefon kontaktowy").fill("+48 600 200 300")
    # Who comes, when, what they bring, and the number plate of whoever comes by car.
    page.get_by_label("Kto przyjedzie").fill("Jan Nowak\nEwa Lis")
    page.get_by_label("Początek wizyty").fill("2027-01-13T10:00")
    page.locator("label", has_text="Narzędzia i laptop").click()
    plate = page.get_by_label("Numer rejestracyjny")
    assert not plate.is_visible() and not page.get_by_label("Modele i numery seryjne").is_visible()
    page.locator("label", has_text="Samochodem osobowym").click()
    plate.fill("CT 12345")
    page.locator("label", has_text="Goście znają regulamin").click()
    press(page, "Wyślij zgłoszenie")
    page.wait_for_url("**/cases/KUZNIA-*")
    says(page, "Jan Nowak", "Narzędzia i laptop", "CT 12345")
    file = tmp_path / "lista.txt"
    file.write_text("Jan Nowak, Ewa Lis")
    page.fill("main textarea[name=body]", "W załączniku lista osób.")
    page.set_input_files("input[name=attachments]", file)
    page.wait_for_selector("[data-files] input[name=staged]", state="attached")
    press(page, "Wyślij")
    page.wait_for_function("() => document.querySelector('main').innerText.includes('lista.txt')")


def chapter_a_private_case_is_shared_with_a_colleague(visit, told):
    """ "pozwala na udostępnienie zgłoszenia w ramach osób w swojej organizacji"."""
    page, colleague = visit("user"), visit("colleague")
    page.goto("/cases?q=serwerowni&status=any")
    page.get_by_role("link", name="Wizyta w serwerowni").first.click()
    page.wait_for_url("**/cases/KUZNIA-*")
    key = key_of(page)
    assert colleague.goto(f"/cases/{key}").status == 404
    press(page, "Udostępnij")
    page.wait_for_url("**/sharing*")
    # The page names who sees it now and who will see it then, before it is done.
    says(page, "Te osoby widzą je teraz", "Marek Lis")
    press(page, "Udostępnij: Kuźnia Druku")
    page.wait_for_url(lambda url: "/sharing" not in url or "?" in url)
    assert colleague.goto(f"/cases/{key}").status == 200
    says(colleague, "Wizyta w serwerowni")


def chapter_the_six_statuses(visit, told, mails):
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
    page.goto(f"/cases/{key}/survey")
    says(page, "Jak oceniasz nasze działania w tym zgłoszeniu?")
    page.check("input[name=q1][value='4']", force=True)
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_load_state()
    says(page, "Dziękujemy")


def chapter_it_is_reopened_or_closed_and_stays_readable(visit, told):
    page, agent, key = visit("user"), visit("agent"), told["key"]
    page.goto(f"/cases/{key}")
    press(page, "Otwórz ponownie")
    page.wait_for_url("**/reopen*")
    page.fill("main textarea", "Znowu nie drukuje.")
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url(lambda url: "/reopen" not in url)
    says(page, "Znowu nie drukuje.")
    page.goto(f"/cases/{key}")
    assert status(page) == "Sprawdzone i skierowane do działu"
    resolves(agent, key, "Wymieniliśmy też kabel.", "Wydrukuj jedną etykietę.")
    closes(page, key, "Zamknij zgłoszenie", solved=True)
    assert status(page) == "Zgłoszenie zamknięte"
    # "Nadal będziesz mógł przeglądać zgłoszenie w twojej historii po wybraniu odpowiedniego filtru"
    page.goto("/cases")
    assert key not in page.locator("main table").inner_text()
    page.get_by_role("link", name=re.compile("^Zgłoszenie zamknięte")).first.click()
    page.wait_for_load_state()
    says(page, key)


def chapter_obsluga_e_mail(visit, mails, writes_mail):
    """ "Jeśli z adresu mailowego dodanego jako kontakt … wyślesz mail z pytaniem lub prośbą o pomoc założone zostanie
    nowe zgłoszenie. Jeśli zgłoszenie jest już założone i odpiszesz na wiadomość otrzymaną z systemu dodany zostanie
    komentarz."."""
    page, agent = visit("user"), visit("agent")
    key = writes_mail("user", "Wolny dysk", "Od rana dysk serwera jest wolny.", to="support@exea.example")
    page.goto(f"/cases/{key}")
    says(page, "Wolny dysk", "Od rana dysk serwera jest wolny.")
    answer(agent, key, "Który serwer?")
    answered = mails("user")[-1]
    assert key in answered.subject and "Który serwer?" in answered.text
    again = writes_mail(
        "user", f"Odp: {answered.subject}", "Ten w Toruniu.", to="support@exea.example", answers=answered
    )
    assert again == key
    page.goto(f"/cases/{key}")
    says(page, "Ten w Toruniu.", "Który serwer?")


def chapter_its_pages_are_sane_and_polish(visit, told):
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


@pytest.mark.check(45, "seed S1, chapter by chapter")
def test_the_story(visit, told, mails, writes_mail, tmp_path):
    tell(globals(), visit=visit, told=told, mails=mails, writes_mail=writes_mail, tmp_path=tmp_path)
