"""The page of what is not there: its sentence fits what was asked for, whether it is missing or somebody else's."""

import pytest

from portal.web.errors import missing_sentence

CASE = "or the case is not shared with you"
OBJECT = "or what it leads to was deleted"
PAGE = "or this page is not open to you"
LINK = "or only a part of a link was copied"
NOBODYS = "01890000-0000-7000-8000-00000000dead"


def test_only_addresses_of_cases_speak_of_cases(app):
    """Over the URL map: an address speaks of a case exactly where it names one."""
    wrong = []
    for rule in app.url_map.iter_rules():
        names_case = "<key:key>" in rule.rule
        with app.test_request_context():
            said = missing_sentence(rule.rule, known=True)
        if (CASE in said) != names_case or (OBJECT in said) != rule.rule.startswith("/admin/"):
            wrong.append(f"{rule.rule}: {said}")
    assert not wrong
    assert any("<key:key>" in rule.rule for rule in app.url_map.iter_rules())


@pytest.mark.parametrize(
    ("who", "path", "sentence"),
    (
        ("ada", "/admin/departments/nowhere", OBJECT),
        ("ada", f"/admin/import/{NOBODYS}", OBJECT),
        ("ada", "/admin/no-such-page", OBJECT),
        ("ana", "/desk/cases/ACME-999999", CASE),
        ("ana", f"/desk/contacts/{NOBODYS}", PAGE),
        ("ana", "/desk/accounts/NOSUCH", PAGE),
        ("rita", "/cases/ACME-999999", CASE),
        ("rita", "/org/nowhere", PAGE),
        ("rita", "/no-such-page", PAGE),
    ),
)
def test_a_missing_page_says_what_may_be_wrong_with_its_address(as_user, who, path, sentence):
    answer = as_user(who).get(path)
    assert answer.status_code == 404 and sentence in answer.page.text


def test_a_link_that_is_cut_off_speaks_of_links(client):
    answer = client().get("/invite/short")
    assert answer.status_code == 404 and LINK in answer.page.text
