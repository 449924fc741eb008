"""What the journeys do again and again, each as a person does it on a page."""

import inspect
import re

from playwright.sync_api import expect

from tests.browser.test_every_screen import look


def status(page) -> str:
    """The status word beside the case's title."""
    return page.locator("header.page-head .pill").first.inner_text()


def key_of(page) -> str:
    """The number in the address of a case."""
    return re.search(r"/cases/([A-Z]+-\d+)", page.url)[1]


def press(page, name, *, within="main"):
    """Press the button or link that is called *name*, and wait for what it leads to."""
    inside = page.locator(within)
    link = inside.get_by_role("link", name=name, exact=True)
    inside.get_by_role("button", name=name, exact=True).or_(link).first.click()
    page.wait_for_load_state()


def choose(page, name, value):
    """Choose a card by its label, as a person does. The cards may be on their way from the server (they follow the
    environment): a press on one that is replaced finds the next, and the page keeps the choice."""
    card = page.locator(f"div:has(> input[name={name}][value='{value}'])")
    card.locator("label").first.click()
    expect(page.locator(f"input[name={name}][value='{value}']")).to_be_checked()


def closes(page, key, name, *, solved=False):
    """The customer ends a case by the button *name*; one that is not *solved* asks once more on a page of its own."""
    page.goto(f"/cases/{key}")
    press(page, name)
    if solved:
        page.locator("form[action$='/close']").first.wait_for(state="detached")
        page.goto(f"/cases/{key}")
        return
    page.wait_for_url(f"**/cases/{key}/close*")
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url(lambda url: not url.partition("?")[0].endswith("/close"))
    page.goto(f"/cases/{key}")


def says(page, *words) -> None:
    """*words* stand on the page for everybody to read."""
    text = page.locator("body").inner_text()
    for word in words:
        assert word in text, f"{word!r} is not on {page.url}:\n{text[:1500]}"


def answer(agent, key, text) -> None:
    """Support replies on the desk."""
    agent.goto(f"/desk/cases/{key}/reply")
    agent.fill("textarea[name=body]", text)
    agent.locator("main form button[type=submit][data-kind=primary]").first.click()
    agent.wait_for_url(f"**/desk/cases/{key}*")


def sets(agent, key, to, **fields) -> None:
    """Support sets a status that asks for *fields*."""
    agent.goto(f"/desk/cases/{key}/status?status={to}")
    if agent.locator(f"input[name=status][value={to}][type=radio]").count():
        agent.check(f"input[name=status][value={to}]", force=True)
    for name, value in fields.items():
        agent.fill(f"main [name={name}]", value)
    agent.locator("main form button[type=submit]").last.click()
    agent.wait_for_url(f"**/desk/cases/{key}*")


def resolves(agent, key, solution="The service was restarted.", check="Try it once.") -> None:
    sets(agent, key, "resolved", body=solution, check=check)


def finds(page, key, *questions) -> None:
    """Each of *questions*, typed into the list's search and sent by Enter, finds the case."""
    for words in questions:
        page.goto("/cases?status=any")
        page.fill("main input[name=q]", words)
        page.press("main input[name=q]", "Enter")
        page.wait_for_url("**q=*")
        says(page, key)


def writes(page, key, text, **fields) -> None:
    """Somebody of the client writes in the conversation."""
    page.goto(f"/cases/{key}/replies")
    page.fill("main textarea[name=body]", text)
    for name, value in fields.items():
        page.fill(f"main [name={name}]", value)
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url(f"**/cases/{key}*")


def sane(page, *paths) -> None:
    """axe finds nothing in light and dark, and nothing moves sideways on a phone."""
    problems = [problem for path in paths for problem in look(page, path)]
    assert not problems, "\n".join(problems)


def tell(module, **given) -> None:
    """The chapters of *module* in their order, each with what it asks for: one story, told by one process."""
    for name, chapter in list(module.items()):
        if name.startswith("chapter_"):
            print(name)  # shown where a chapter fails
            chapter(**{wanted: given[wanted] for wanted in inspect.signature(chapter).parameters})
