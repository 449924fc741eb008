"""A provider's own words for states and for things of the interface, changed by hand, one language at a time."""

import pytest

from portal.tenants import renamable_texts
from portal.tenants.actions.phrases import change_phrases
from portal.tenants.models import Provider


def page_of(as_user, path, language="en", who="ada"):
    return as_user(who).get(f"{path}?language={language}").page.form(path)


def test_states_are_named_for_both_sides(world, as_user):
    form = page_of(as_user, "/admin/statuses")
    words = {"contact-new": "We have it", "staff-new": "Unread", "sentences-new": "Somebody reads it soon."}
    assert as_user("ada").submit(form, **words).status_code == 303
    case = world.open_case()
    mine = as_user("rita").get(f"/cases/{case.key}").page.first("header", class_="page-head").text
    assert "We have it" in mine and "Somebody reads it soon." in mine
    assert "Unread" in as_user("ana").get("/desk/queue/all").text


def test_a_word_may_depend_on_who_spoke_last(world, as_user):
    form = page_of(as_user, "/admin/statuses")
    as_user("ada").submit(form, **{"contact-open-answered": "Answered"})
    case = world.open_case()
    world.answer(case)
    assert "Answered" in as_user("rita").get(f"/cases/{case.key}").page.first("span", class_="pill").text


def test_each_language_has_its_own(world, as_user):
    form = page_of(as_user, "/admin/statuses", "pl")
    assert form["language"] == "pl"
    assert as_user("ada").submit(form, **{"contact-new": "Zgłoszenie przyjęte"}).status_code == 303
    assert world.row(Provider, world.northwind.id).status_words == {"pl": {"contact": {"new": "Zgłoszenie przyjęte"}}}
    assert page_of(as_user, "/admin/statuses")["contact-new"] == ""


def test_a_word_that_is_too_long_keeps_the_others(as_user):
    form = page_of(as_user, "/admin/statuses")
    answer = as_user("ada").submit(form, **{"contact-new": "x" * 61, "staff-new": "Kept"})
    assert answer.status_code == 422 and answer.page.form("/admin/statuses")["staff-new"] == "Kept"


def test_two_at_once_do_not_overwrite_each_other(as_user):
    first, second = page_of(as_user, "/admin/statuses"), page_of(as_user, "/admin/statuses")
    as_user("ada").submit(first, **{"contact-new": "First"})
    assert as_user("ada").submit(second, **{"contact-new": "Second"}).status_code == 409


# -- the interface ----------------------------------------------------------------------------------------------------


def field_of(as_user, text):
    page = as_user("ada").get("/admin/languages?language=en").page
    label = next(e for e in page.all("label") if e.text.startswith(text))
    return label.get("for")


def test_things_get_the_names_that_customers_know(as_user):
    form = page_of(as_user, "/admin/languages")
    answer = as_user("ada").submit(form, **{field_of(as_user, "Open a case"): "Submit a request"})
    assert answer.status_code == 303
    assert "Submit a request" in as_user("rita").get("/").page.text
    assert "Submit a request" not in as_user("piotr").get("/").page.text  # who reads Polish


def test_a_name_keeps_what_is_filled_in(as_user):
    form = page_of(as_user, "/admin/languages")
    field = field_of(as_user, "Case %(key)s is open.")
    for wrong in ("Your ticket is open", "%(key)s %(name)s", "100 % %(key)s"):
        answer = as_user("ada").submit(form, **{field: wrong})
        assert answer.status_code == 422 and "must contain" in answer.page.text, wrong
    assert as_user("ada").submit(form, **{field: "Your ticket is %(key)s."}).status_code == 303


def test_names_stand_in_mails(world, run_outbox):
    from portal.notifications.models import OutgoingMail

    ctx = world.ctx("ada")
    change_phrases(ctx, ctx.provider, "en", {"We have your case": "We have your ticket"})
    world.open_case()
    run_outbox()
    assert world.rows(OutgoingMail)[-1].subject.startswith("We have your ticket:")


@pytest.mark.parametrize("text", sorted(renamable_texts.RENAMABLE))
def test_what_can_be_renamed_is_said_somewhere(text):
    """A text of the list that no page says would be a field without effect."""
    from portal.messages import collect_messages

    assert collected_ids(collect_messages) and text in collected_ids(collect_messages)


_ids: set = set()


def collected_ids(collect):
    if not _ids:
        _ids.update(message.id for message in collect() if isinstance(message.id, str))
    return _ids


# -- own words are text -----------------------------------------------------------------------------------------------

MARKUP = "\"><b hx-post=/me hx-trigger=load>x</b> '&amp;"


def test_own_words_are_text_wherever_they_stand(world, as_user, run_outbox):
    """On pages, in attributes, filled in, in what scripts say and in mails: escaped once, never markup."""
    form = page_of(as_user, "/admin/languages")
    fields = {field_of(as_user, text): f"{text} {MARKUP}" for text in ("Open a case", "Shared with %(name)s", "Cases")}
    assert as_user("ada").submit(form, **fields).status_code == 303
    world.open_case()
    run_outbox()
    for who, path in (("rita", "/"), ("rita", "/cases"), ("rita", "/new"), ("ada", "/admin/languages")):
        page = as_user(who).get(path).page
        assert not [e for e in page.walk() if e.attributes.get("hx-post") == "/me"], path
    page = as_user("rita").get("/").page
    assert f"Open a case {MARKUP}" in page.text
    assert f"Shared with Acme {MARKUP}" in as_user("mel").get("/cases").page.text
