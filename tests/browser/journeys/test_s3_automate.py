"""Seed S3, support cases that an MSP shares with its accounts, chapter by chapter in its own words."""

import re

import pytest

from tests.browser.journeys.steps import answer, closes, key_of, press, resolves, sane, says, status, tell

pytestmark = pytest.mark.browser
PRESET = "automate"


def chapter_only_who_was_registered_gets_in(visit):
    """ "they must have been previously registered through the portal with the necessary permissions"."""
    page = visit()
    page.goto("/sign-in")
    assert "Create an account" not in page.locator("body").inner_text()
    page.goto("/sign-up")
    assert page.locator("input[name=email]").count() == 0 or "Create an account" not in page.locator("h1").inner_text()


def chapter_a_case_is_opened_on_behalf_in_one_of_several_accounts(visit, told, tmp_path):
    page = visit("user")
    # "the option to open a case will appear in the central part of the page"
    press(page, "Open a case")
    page.wait_for_url("**/new/case")
    # "reported by: It will always be the user who opens the case."
    says(page, "Reported by", "Oscar Reed (you)")
    assert page.locator("main [name=reported_by]").count() == 0
    # "Account: … selectable if the user belongs to an MSP and has more than one client/account"
    page.get_by_label("Account").select_option(label="Meadow Schools (MEADOW)")
    # "contact: It serves to open the case “on behalf of”"
    page.wait_for_selector("select[name=contact]")
    contact = page.get_by_label("Contact")
    options = [text for text in contact.locator("option").all_inner_texts() if text != "Me"]
    contact.select_option(label=options[0])
    told["contact"] = options[0].strip()
    # "Environment: It is related to the tenant or reporting group where the user's team … is located."
    page.get_by_label("Environment").select_option(label="Meadow – classrooms")
    # "Impact: … it can have three values: “High”, “Medium”, and “Low”."
    # The levels are drawn anew for the environment: while they are replaced they have no text.
    page.wait_for_function("(document.querySelector('#levels label')?.innerText || '').startsWith('High')")
    cards = page.locator("#levels label").all_inner_texts()
    assert [card.split("\n")[0].strip() for card in cards] == ["High", "Medium", "Low"]
    page.locator("#levels label", has_text="High").first.click()
    # "Subject", "Description", "There is also the option to add attachments"
    page.get_by_label("Subject").fill("No sound in three classrooms")
    page.get_by_label("Description").fill("Since the update of last night, in rooms 1, 2 and 5.")
    file = tmp_path / "rooms.txt"
    file.write_text("1, 2, 5")
    page.set_input_files("input[name=attachments]", file)
    page.wait_for_selector("[data-files] input[name=staged]", state="attached")
    press(page, "Open case")
    page.wait_for_url("**/cases/MEADOW-*")
    told["key"] = key_of(page)
    says(page, f"opened this for {told['contact']}", "rooms.txt", "Meadow – classrooms", "High")
    # "A case is in the New status when it has been created."
    assert status(page) == "New"


def chapter_whoever_has_one_account_does_not_choose(visit):
    page = visit("colleague", javascript=False)
    page.goto("/new/case")
    assert page.locator("select[name=account]").count() == 0 and page.locator("select[name=contact]").count() == 0


def chapter_cases_are_tracked_on_the_main_screen_and_from_the_top_menu(visit, told):
    """ "… information about the cases will appear under the section My tickets, both those being managed and those
    already resolved. This information is also accessible from the top menu …, in the section My Cases"."""
    page = visit("user")
    page.goto("/")
    says(page, "My tickets", told["key"], "No sound in three classrooms")
    page.locator("header").get_by_role("link", name="My Cases").first.click()
    page.wait_for_load_state()
    page.goto("/cases?status=any")
    says(page, told["key"], "New")


def chapter_a_resolution_is_rejected_with_reasons_or_accepted(visit, told):
    page, agent, key = visit("user"), visit("agent"), told["key"]
    answer(agent, key, "The driver of the sound card is the cause.")
    page.goto(f"/cases/{key}")
    assert status(page) == "Open"
    # "When a case is resolved, it changes to the Resolved status."
    resolves(agent, key, "The old driver is back.", "Play a film in room 1.")
    page.goto(f"/cases/{key}")
    assert status(page) == "Resolved"
    says(page, "The old driver is back.", "Play a film in room 1.", "Actions")
    # "a new screen will appear requesting the reasons for the rejection"
    press(page, "Reject Solution")
    page.wait_for_url("**/resolution*")
    says(page, "Reasons for the rejection")
    # "Once information has been added in the text field of the form, the Reject Solution button will be enabled"
    button = page.locator("main").get_by_role("button", name="Reject Solution", exact=True).first
    assert button.get_attribute("aria-disabled") == "true"
    page.fill("textarea[name=reason]", "Room 5 is still silent.")
    assert button.get_attribute("aria-disabled") != "true"
    button.click()
    page.wait_for_url(f"**/cases/{key}*")
    # "or reject the resolution so the case returns to the Open status"
    assert status(page) == "Open"
    says(page, "Room 5 is still silent.")
    resolves(agent, key, "Room 5 has its driver too.", "Play a film in room 5.")
    page.goto(f"/cases/{key}")
    # "The user can accept the resolution, in which case the ticket will transition to the Closed status"
    press(page, "Accept Solution")
    page.goto(f"/cases/{key}")
    assert status(page) == "Closed"


def chapter_accepting_asks_two_questions(visit, told):
    """ "If you choose to accept the resolution, the system may ask you to complete a two-question survey." Who opens a
    case for somebody else is not asked: this one is the end user's own."""
    page, agent = visit("colleague", width=390, height=844), visit("agent")
    page.goto("/new/case")
    page.locator("#levels label", has_text="Low").first.click()
    page.get_by_label("Subject").fill("A new headset")
    page.get_by_label("Description").fill("The old one crackles.")
    press(page, "Open case")
    page.wait_for_url("**/cases/HARBOR-*")
    key = key_of(page)
    resolves(agent, key, "A new one is on its way.", "Unpack it on Monday.")
    page.goto(f"/cases/{key}")
    press(page, "Accept Solution")
    page.goto(f"/cases/{key}/survey")
    says(page, "How satisfied are you with how we handled this case?", "Was it solved the first time?")
    page.check("input[name=q1][value='5']", force=True)
    page.locator("input[name=q2]").first.check(force=True)
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_load_state()
    says(page, "Thank you")


def chapter_the_user_closes_a_case_while_the_team_works_on_it(visit):
    """ "While the Flexxible team is working on a case, the user can close it if the issue has been resolved or for any
    other reason. … within the Actions section, click Close case"."""
    page, agent = visit("colleague"), visit("agent")
    page.goto("/new/case")
    page.locator("#levels label", has_text="Medium").first.click()
    page.get_by_label("Subject").fill("The screen flickers")
    page.get_by_label("Description").fill("Since I moved the desk.")
    press(page, "Open case")
    page.wait_for_url("**/cases/HARBOR-*")
    key = key_of(page)
    answer(agent, key, "Please try another cable.")
    closes(page, key, "Close case")
    assert status(page) == "Closed"
    assert re.search(r"Closed", page.locator("main").inner_text())


def chapter_its_pages_are_sane(visit, told):
    sane(visit("user"), "/", "/new/case?account=MEADOW", "/cases?status=any", f"/cases/{told['key']}")
    sane(visit("agent"), "/desk/queue/all", f"/desk/cases/{told['key']}")


@pytest.mark.check(45, "seed S3, chapter by chapter")
def test_the_story(visit, portal, told, mails, tmp_path):
    tell(globals(), visit=visit, portal=portal, told=told, mails=mails, tmp_path=tmp_path)
