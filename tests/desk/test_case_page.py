"""The agent case page: what stands on it, its neighbors, what it costs, and the customer's view of it."""

import uuid

import pytest

from portal.cases.actions import links, people
from portal.cases.models import Message
from portal.cases.queries.conversation import CONVERSATION_LIMIT
from portal.kernel.ids import new_id
from tests.support.crawler import STATES
from tests.support.html_checks import find_acting_elements

HOSTILE = "<script>alert(1)</script><b onmouseover=alert(2)>\"'&{{7*7}}"


def test_conversation_notes_and_properties_stand_on_one_page(world, as_user):
    case = world.case_in("open", contact="jan", by="cora")
    world.answer(case, "We look into it.")
    world.note(case, "The disk is full.")
    page = as_user("ana").get(f"/desk/cases/{case.key}").page
    text = page.first("main").text
    for word in (
        "We look into it.",
        "The disk is full.",
        "Jan Nowak",
        "Cora Whitfield",
        "jan@acme.example",
        "+48 600 100 202",
    ):
        assert word in text
    note = next(m for m in page.all("li", class_="message") if "disk is full" in m.text)
    assert note.get("data-kind") == "internal" and "Internal note" in note.text


@pytest.mark.parametrize("state", ["new", "open", "in_progress", "waiting", "on_hold", "resolved", "closed"])
def test_only_verbs_that_are_possible_are_offered(world, as_user, state):
    case = world.case_in(state)
    links = " ".join(as_user("ana").get(f"/desk/cases/{case.key}").page.links)
    assert ("/close" in links) == (state not in ("resolved", "closed"))
    assert ("/reopen" in links) == (state in ("resolved", "closed"))
    assert ("set=on_hold" in links) == (state in ("new", "open", "in_progress", "waiting"))
    assert ("/severity" in links) == (state not in ("resolved", "closed"))


def test_the_auditor_sees_everything_and_no_button(world, as_user):
    case = world.case_in("open")
    world.note(case, "The disk is full.")
    page = as_user("aud").get(f"/desk/cases/{case.key}").page
    main = page.first("main")
    assert "The disk is full." in main.text and not main.all("form") and not main.all("select")


def test_another_spelling_leads_to_the_right_page(world, as_user):
    case = world.open_case("rita")
    answer = as_user("ana").get(f"/desk/cases/{case.key.lower()}?view=new")
    assert answer.status_code == 308 and answer.location.endswith(f"{case.key}?view=new")


@pytest.mark.parametrize("key", ["ACME-999", "NOPE-1", "ACME-999999999", "acme", "%00"])
def test_what_is_not_there_is_not_found(as_user, key):
    assert as_user("ana").get(f"/desk/cases/{key}").status_code == 404


def test_a_case_of_another_account_or_provider_does_not_exist(world, as_user):
    case = world.open_case("rita")
    assert as_user("tom").get(f"/desk/cases/{case.key}").status_code == 404
    assert as_user("sue").get(f"/desk/cases/{case.key}").status_code in (403, 404)


def test_the_queue_stands_beside_the_case_with_its_neighbors(world, as_user):
    first, second, third = (world.open_case("rita", severity=n, subject=f"Number {n}") for n in (1, 2, 3))
    page = as_user("ana").get(f"/desk/cases/{second.key}?view=new").page
    links = page.links
    assert f"/desk/cases/{first.key}?view=new" in links and f"/desk/cases/{third.key}?view=new" in links
    assert page.first("a", data_key="k").get("href").startswith(f"/desk/cases/{first.key}")
    assert page.first("a", data_key="j").get("href").startswith(f"/desk/cases/{third.key}")
    assert "/desk/queue/new" in links


@pytest.mark.parametrize(
    "query",
    [
        "view=nonsense",
        "view=%00",
        "view=new&account=GLOBEX",
        "view=new&account=%00",
        "before=x",
        "before=99999999999999",
        "view=all&page=999999",
    ],
)
def test_a_case_opens_whatever_the_address_says(world, as_user, query):
    case = world.open_case("rita")
    assert as_user("ana").get(f"/desk/cases/{case.key}?{query}").status_code == 200


def test_markup_in_every_field_stays_text(world, as_user):
    case = world.open_case("rita", subject=f"S {HOSTILE}", description=f"D {HOSTILE}", phone="12345 <i>")
    world.answer(case, f"A {HOSTILE}")
    world.note(case, f"N {HOSTILE}")
    ana = as_user("ana")
    ana.post(f"/desk/cases/{case.key}/severity", data={"severity": "2", "reason": f"R {HOSTILE}"})
    ana.post(f"/desk/cases/{case.key}/close", data={"reason": f"C {HOSTILE}"})
    ana.post(f"/desk/cases/{case.key}/as-customer", data={"reason": f"V {HOSTILE}"})
    paths = (
        "",
        "/history",
        "/as-customer",
        "/reply",
        "/note",
        "/merge",
        "/split",
        "/snooze",
        "/time",
        "/move",
        "/sharing",
        "/exclusions",
        "/people",
        "/mute",
        "/status",
        "/reopen",
    )
    for path in paths:
        html = ana.get(f"/desk/cases/{case.key}{path}").get_data(as_text=True)
        assert (
            "<script>alert" not in html and "<b onmouseover" not in html and "49" not in html.split("alert(2)")[-1][:9]
        )
    for path in ("/desk/queue/recently-closed", "/desk/search?q=script", f"/desk/contacts/{world.rita.contact_id}"):
        html = ana.get(path).get_data(as_text=True)
        assert "<script>alert" not in html and "<b onmouseover" not in html


def look_as_customer(browser, case, reason="To see the last answer"):
    """The page of *case* as its contact sees it, for one of the staff who gave the *reason*."""
    browser.post(f"/desk/cases/{case.key}/as-customer", data={"reason": reason})
    return browser.get(f"/desk/cases/{case.key}/as-customer")


def test_who_looks_as_the_customer_gives_a_reason_that_the_customer_hears(world, as_user, run_outbox, travel):
    case = world.case_in("open", by="rita")
    people.subscribe(world.ctx("rita"), case, "mute")
    ana, address = as_user("ana"), f"/desk/cases/{case.key}/as-customer"
    asked = ana.get(address)
    assert asked.page.heading == "View as customer" and "You are viewing what" not in asked.text
    refused = ana.post(address, data={"reason": "  "})
    assert refused.status_code == 422 and "Write why; the customer reads it" in refused.text
    seen = look_as_customer(ana, case, "Is the <b>answer</b> readable?")
    assert "Reason: Is the <b>answer</b> readable?" in seen.page.text and "<b>answer" not in seen.get_data(as_text=True)
    run_outbox()
    told = as_user("rita").get("/notifications").page.text
    assert f"{world.ana.name} viewed this case as you see it: Is the <b>answer</b> readable?" in told
    assert world.event_names(case)[-1] == "case.viewed_as_customer"
    assert "Viewed as the customer" in ana.get(f"/desk/cases/{case.key}/history").page.text
    # It holds for nobody else, and not for ever.
    assert as_user("lee").get(address).page.heading == "View as customer"
    travel(minutes=31)
    assert ana.get(address).page.heading == "View as customer"


def test_the_customer_s_view_is_theirs_and_acts_on_nothing(world, as_user):
    case = world.case_in("waiting", by="cora", contact="rita")
    world.note(case, "Only among us")
    answer = look_as_customer(as_user("ana"), case)
    page, html = answer.page, answer.get_data(as_text=True)
    assert answer.status_code == 200 and "You are viewing what Rita Costa sees" in page.text
    assert "Which browser do you use?" in html and "Only among us" not in html
    assert find_acting_elements(page, keep="/desk") == []


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("contact", ["rita", "cora", "olga"])
def test_the_customer_s_view_acts_in_no_state_of_a_case(world, as_user, run_outbox, state, contact):
    """Whatever the contact could do there; the page shows that they could."""
    opened_by = {} if contact == "rita" else {"by": contact, "contact": contact}
    case = world.case_in(state, staged=[world.stage(by=contact).id], visibility="shared", **opened_by)
    other = world.open_case(**opened_by)
    links.link_cases(world.ctx("ana"), case, other, "follow_up")
    world.put_in_copy(case, "mel@acme.example")
    run_outbox()
    seen_by_contact = as_user(contact).get(f"/cases/{case.key}").page
    seen_by_staff = look_as_customer(as_user("ana"), case).page
    assert find_acting_elements(seen_by_staff, keep="/desk") == []
    for tag in ("h2", "textarea", "summary"):
        assert [e.text for e in seen_by_staff.all(tag)] == [e.text for e in seen_by_contact.all(tag)]
    shown = {e.text for e in seen_by_staff.all("button")}
    # The buttons of the viewer of pictures do nothing to a case; where nothing acts, a picture is a link.
    viewing = {e.text for e in seen_by_contact.first("template", id="picture-viewer").all("button")}
    assert {e.text for e in seen_by_contact.all("button")} - viewing <= shown and "Send" in shown
    assert find_acting_elements(seen_by_contact, keep="/desk")


def test_after_the_customer_s_view_the_desk_is_the_desk_again(world, as_user):
    case = world.case_in("open")
    world.note(case, "Only among us")
    look_as_customer(as_user("ana"), case)
    assert "Only among us" in as_user("ana").get(f"/desk/cases/{case.key}").get_data(as_text=True)


def test_a_contact_who_may_not_see_it_is_said_so(world, as_user):
    case = world.open_case("cora", contact="rita")
    world.exclude(case, "rita")
    answer = as_user("ana").get(f"/desk/cases/{case.key}/as-customer")
    assert answer.status_code == 200 and answer.page.heading == "Rita Costa cannot see this case"


def test_the_history_is_paged_and_takes_any_address(world, as_user):
    case = world.case_in("closed")
    ana = as_user("ana")
    assert "Case opened" in ana.get(f"/desk/cases/{case.key}/history").page.first("main").text
    assert ana.get(f"/desk/cases/{case.key}/history?before={uuid.uuid4()}").status_code == 200
    assert ana.get(f"/desk/cases/{case.key}/history?before=%00").status_code == 200


def test_a_long_conversation_costs_as_much_as_a_short_one(world, as_user, statements):
    case = world.case_in("open")
    world.answer(case, "First")
    world.note(case, "Second")
    ana = as_user("ana")

    def once(path):
        with statements() as seen:
            assert ana.get(path).status_code == 200
        return len(seen)

    def cost(path):
        return min(once(path), once(path))  # now and then a request also notes that somebody is there

    paths = [f"/desk/cases/{case.key}", f"/desk/cases/{case.key}?view=mine", f"/desk/cases/{case.key}/history"]
    few = [cost(path) for path in paths]
    for n in range(150):
        case.message_count += 1
        world.session.add(
            Message(
                id=new_id(),
                provider_id=case.provider_id,
                organization_id=case.organization_id,
                account_id=case.account_id,
                case_id=case.id,
                position=case.message_count,
                kind="note" if n % 3 else "reply",
                body=f"Number {n}",
                author_id=world.ana.id,
                author_side="staff",
                channel="desk",
                occurred_at=case.opened_at,
                recorded_at=case.opened_at,
            )
        )
    world.session.flush()
    for n in range(12):
        world.open_case("rita", subject=f"One more {n}")
    assert [cost(path) for path in paths] == few
    assert ana.get(paths[0]).get_data(as_text=True).count('class="message"') == 100


@pytest.mark.parametrize(("who", "base"), [("ana", "/desk/cases"), ("rita", "/cases")])
def test_earlier_messages_of_a_long_conversation_are_a_link_away(world, as_user, who, base):
    case = world.open_case("rita")
    world.answer(case, "The very first answer")
    for number in range(CONVERSATION_LIMIT + 1):
        world.reply(case, f"Word {number} of many")
    browser = as_user(who)
    page = browser.get(f"{base}/{case.key}").page
    assert "The very first answer" not in page.text and f"Word {CONVERSATION_LIMIT} of many" in page.text
    (earlier,) = (link.get("href") for link in page.all("a") if link.text.strip() == "Earlier messages")
    shown = browser.get(earlier).page.text
    assert "The very first answer" in shown and "Word 0 of many" in shown
    assert f"Word {CONVERSATION_LIMIT} of many" not in shown
