"""Seed S2, the ticket module of a back office, chapter by chapter in its own words.

Menus of the back office around it ("Back Office > Ticket", "Ticket & Notice > Ticket") are the two ways to the list
that a portal has: its header and its home page.
"""

import re

import pytest

from tests.browser.journeys.steps import answer, closes, finds, key_of, press, sane, says, sets, status, tell, writes

pytestmark = pytest.mark.browser
PRESET = "backoffice"


def chapter_1_a_ticket_is_created_for_another_user(visit, told, tmp_path, mails):
    page = visit("user")
    # "Click on Back Office > Ticket", "Step 1: Click Create Ticket."
    page.locator("header").get_by_role("link", name="Ticket", exact=True).first.click()
    page.wait_for_load_state()
    press(page, "Create Ticket")
    page.wait_for_url("**/new/ticket")
    # "Department: Select the department that needs support."
    page.get_by_label("Department").select_option(label="Devices")
    # "Title: Briefly enter the problem", "Content: Describe the problem in detail. Error on which device / screen …"
    assert "Error on which device / screen?" in page.get_by_label("Content").input_value()
    page.get_by_label("Title").fill("The till does not print")
    page.get_by_label("Content").fill("Till 2, the printer, since 8 o'clock.")
    # "Phone number", "Email"
    page.get_by_label("Phone number").fill("+84 90 123 4567")
    page.get_by_role("textbox", name="Email").first.fill("lan@hoasen.example")
    # "Create for user: Click on the box to tick another account", "Send to user: Enable to actively send to users."
    page.get_by_label("Create for user").select_option(label="Duc Pham")
    page.get_by_label("Send to user").check(force=True)
    # "Attachments: Upload relevant data (If available)."
    file = tmp_path / "till.txt"
    file.write_text("paper out")
    page.set_input_files("input[name=attachments]", file)
    page.wait_for_selector("[data-files] input[name=staged]", state="attached")
    # "Step 3: Click Add to create a ticket."
    press(page, "Add")
    page.wait_for_url("**/cases/HOASEN-*")
    told["key"] = key_of(page)
    says(page, f"Ticket {told['key']} was created.", "opened this for Duc Pham", "till.txt", "Devices")
    assert any(told["key"] in mail.subject for mail in mails("colleague")), "on: it was sent to the user"


def chapter_1_left_blank_it_is_for_the_account_logged_in(visit, told, mails):
    """ "If left blank, the default is created for the currently logged in account." """
    page = visit("user", javascript=False)
    page.goto("/new/ticket")
    page.get_by_label("Department").select_option(label="Software")
    page.get_by_label("Title").fill("A report is empty")
    page.get_by_label("Content").fill("The report of stocks.")
    press(page, "Add")
    page.wait_for_url("**/cases/HOASEN-*")
    told["own"] = key_of(page)
    assert "opened this for" not in page.locator("main").inner_text()


def chapter_1_off_it_is_only_created(visit, mails):
    """ "Send to user: … Off is to create a user" : the ticket is theirs, and nobody mails them."""
    before = len(mails("colleague"))
    page = visit("user")
    page.goto("/new/ticket")
    page.get_by_label("Department").select_option(label="Software")
    page.get_by_label("Create for user").select_option(label="Duc Pham")
    page.get_by_label("Send to user").uncheck(force=True)
    page.get_by_label("Title").fill("A quiet ticket")
    page.get_by_label("Content").fill("For later.")
    press(page, "Add")
    page.wait_for_url("**/cases/HOASEN-*")
    assert len(mails("colleague")) == before
    owner = visit("colleague")
    owner.goto("/cases")
    says(owner, "A quiet ticket")


def chapter_2_tickets_are_searched_refreshed_and_filtered(visit, told):
    page = visit("user")
    # "Key | Title: Enter 1 / several words you want to search. … press Enter to search."
    for words in ("till print", told["key"]):
        finds(page, told["key"], words)
        assert told["own"] not in page.locator("main table").inner_text()
    # "Click on to refresh data"
    page.goto("/cases")
    says(page, "Key", "Title", "Status", "Creator")
    press(page, "Refresh")
    says(page, told["key"])
    # "Click on to filter by: Status. Department. Account … Creator"
    page.get_by_text("More filters").first.click()
    for label in ("Department", "Account", "Creator"):
        assert page.get_by_label(label, exact=True).first.is_visible(), label
    page.get_by_label("Department", exact=True).first.select_option(label="Devices")
    page.locator("main form.filters button[type=submit], main .filters button[type=submit]").last.click()
    page.wait_for_url("**department=*")
    says(page, told["key"])
    assert told["own"] not in page.locator("main table").inner_text()


def chapter_3_the_status_says_who_spoke_last(visit, told):
    page, agent, key = visit("user"), visit("agent"), told["key"]
    page.goto(f"/cases/{key}")
    # "3.1 Successful ticket creation will display the default status of Open."
    assert status(page) == "Open"
    # "3.2 When the Support team responds … the status will change from Open -> Answered."
    answer(agent, key, "Is there paper in it?")
    page.reload()
    assert status(page) == "Answered"
    says(page, "Is there paper in it?")
    # "then enter the content, attachments … and click resend feedback to support"
    says(page, "Send feedback to support")
    writes(page, key, "There is; the light is red.")
    assert status(page) == "KH Responded"
    # "3.3 … has not yet resolved the issue, the Support Department will leave the status as Processing."
    sets(agent, key, "in_progress")
    answer(agent, key, "A technician comes at noon.")
    page.reload()
    assert status(page) == "Processing"


def chapter_3_4_the_user_closes_rates_once_and_asks_again(visit, told):
    page, agent, key = visit("user", width=390, height=844), visit("agent"), told["key"]
    # "1: If Support has solved the problem … can click Close ticket."
    closes(page, key, "Close ticket")
    assert status(page) == "Closed"
    # "2: … you can evaluate the quality of customer service … 5 stars is the highest. You can only rate 1 time in 1
    # ticket." The person who has the problem is asked.
    owner = visit("colleague")
    owner.goto(f"/cases/{key}/survey")
    says(owner, "How do you rate the quality of our customer service?")
    owner.check("input[name=q1][value='5']", force=True)
    owner.locator("main form button[type=submit]").first.click()
    owner.wait_for_load_state()
    says(owner, "Thank you")
    # "3: When the ticket has been closed … they can continue to ask by replying … it will change status as KH
    # Responded"
    writes(page, key, "It stopped again.")
    assert status(page) == "KH Responded"
    # "and continue 1 round of such status"
    answer(agent, key, "We send another printer.")
    page.reload()
    assert status(page) == "Answered"
    closes(page, key, "Close ticket")
    owner.goto(f"/cases/{key}/survey")
    assert owner.locator("input[name=q1]:enabled").count() == 0, "one rating for one ticket"


def chapter_4_fast_access(visit, told):
    """ "Also can be quickly accessed in the following way"."""
    page = visit("user")
    page.goto("/")
    press(page, "See all my tickets")
    says(page, told["own"])
    assert re.search(r"/cases\b", page.url)


def chapter_its_pages_are_sane(visit, told):
    sane(visit("user"), "/", "/new/ticket", "/cases?status=any", f"/cases/{told['key']}")
    sane(visit("agent"), "/desk/queue/all", f"/desk/cases/{told['own']}")


@pytest.mark.check(45, "seed S2, chapter by chapter")
def test_the_story(visit, portal, told, mails, tmp_path):
    tell(globals(), visit=visit, portal=portal, told=told, mails=mails, tmp_path=tmp_path)
