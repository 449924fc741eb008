"""The owner's first day in a real browser (docs/howto/11-first-day.md): from the operator's command to the first
answered case, in at most 20 pages. On each page axe finds nothing and a phone scrolls nothing sideways.

`LOOKS=folder` keeps a picture of each page, wide and narrow, light and dark."""

import os
import re
import time
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

from portal.identity.models import Address
from portal.kernel import tokens
from portal.kernel.actor import Side
from portal.kernel.database import Tenancy, bind, db
from portal.tenants.models import Contact, Host
from portal.web import current
from tests.browser.conftest import visiting

pytestmark = pytest.mark.browser
HOST, OWNER, CUSTOMER = "owner.localhost", "boss@owner.example", "person1@company1.example"
PASSWORD = "a long enough password"
PAGES, ROWS, BAD = 20, 60, 3
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 320, "height": 740}
SUBMIT = "button[type=submit]:not([formnovalidate])"


class Walker:
    """A person with a browser: counts the pages that they see, and what is wrong with any of them."""

    def __init__(self, page):
        self.page, self.pages, self.problems = page, [], []

    def open(self, path):
        self.page.goto(path)
        self.look()

    def look(self):
        """Count the page that is shown, and look for what is wrong with it."""
        page, path = self.page, re.sub(r"^https?://[^/]+", "", self.page.url)
        self.pages.append(path)
        found = axe(page, {"type": "tag", "values": TAGS})
        self.keep("light")
        page.emulate_media(color_scheme="dark", reduced_motion="reduce")
        found += axe(page, {"type": "rule", "values": ["color-contrast"]})
        self.keep("dark")
        page.set_viewport_size(NARROW)
        wider = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        found += [f"{wider} px wider than a phone"] if wider > 0 else []
        self.keep("narrow")
        page.set_viewport_size(WIDE)
        page.emulate_media(color_scheme="light", reduced_motion="reduce")
        self.problems += [f"{path}: {problem}" for problem in found]

    def keep(self, how):
        if folder := os.environ.get("LOOKS"):
            name = re.sub(r"\W+", "-", re.sub(r"[0-9a-f-]{36}|\?.*", "", self.pages[-1])).strip("-")
            path = Path(folder) / f"{len(self.pages):02}-{HOST[:5]}-{name[:40]}-{how}.png"
            # (The browser would put a style of its own into the page to hide the caret; the policy forbids that.)
            self.page.screenshot(path=path, full_page=True, caret="initial")

    def send(self, form="main form", **fields):
        """Fill in *form*, send it by its button, and look at what comes."""
        for name, value in fields.items():
            field = self.page.locator(f"{form} [name={name}]")
            if field.first.get_attribute("type") == "radio":
                self.page.check(f"{form} [name={name}][value='{value}']", force=True)
            elif field.evaluate("one => one.tagName") == "SELECT":
                field.select_option(**value if isinstance(value, dict) else {"value": value})
            else:
                field.fill(value)
        with self.page.expect_event("load"):
            self.page.locator(f"{form} {SUBMIT} >> visible=true").last.click()
        self.look()

    def follow(self, link):
        with self.page.expect_event("load"):
            self.page.locator(link).first.click()
        self.look()

    def next_step(self):
        """Follow the link of "Next step"; returns its path."""
        self.follow("main p:has-text('Next step:') a")
        return self.pages[-1].partition("?")[0]


def axe(page, only):
    results = Axe().run(page, options={"runOnly": only, "resultTypes": ["violations"]})
    return [
        f"{violation['id']}: " + "; ".join(node["html"][:160] for node in violation["nodes"][:3])
        for violation in results.response["violations"]
    ]


def keeps_focus(page, button):
    """Whether *button* has the focus still, after what it stands in was refreshed by itself."""
    page.focus(button)
    page.locator("#import-progress").evaluate("one => one.dataset.old = 'y'")
    page.wait_for_selector("#import-progress:not([data-old])")
    return page.evaluate("button => document.activeElement.matches(button)", button)


def people_file():
    """Rows of ten companies; every twentieth is bad."""
    lines = ["Organization,Account key,Environment,Name,Email,Role"]
    for n in range(1, ROWS + 1):
        email = "not an address" if n % (ROWS // BAD) == 0 else f"person{n}@company{n % 10}.example"
        lines.append(f"Company {n % 10},COMP{n % 10},Production,Person {n},{email},member")
    return "\n".join(lines).encode()


def bind_owner():
    bind(db.session, Tenancy(db.session.query(Host).filter_by(host=HOST).one().provider_id, side=Side.SYSTEM))


def link_of(live, email):
    """The path of the newest invitation to *email*, as the mail has it."""
    with live.inside():
        bind_owner()
        user = db.session.query(Address).filter_by(email=email).one().user_id
        row = db.session.query(tokens.TokenHash).filter_by(subject_id=user).order_by(tokens.TokenHash.id.desc()).first()
        return f"/invite/{tokens.derive_token(row.id)}"


def count_contacts(live):
    with live.inside():
        bind_owner()
        return db.session.query(Contact).count()


@pytest.fixture
def visit(chromium, server, live):
    with visiting(chromium, server.replace("northwind.localhost", HOST), lambda who: who) as open_as:
        yield lambda: Walker(open_as())


def test_an_owner_gets_to_the_first_answered_case(visit, live):
    made = live.app.test_cli_runner().invoke(args=["provider", "create", "Owner MSP", HOST, OWNER])
    assert made.exit_code == 0, made.output
    current.clear_host_cache()
    owner = visit()
    owner.open(re.search(r"/invite/\S+", made.output)[0])
    owner.send(name="Bo Ss", password=PASSWORD)
    assert owner.pages[-1] == "/admin/get-started"
    owner.follow("main .todo a")
    owner.send(zone={"value": "Europe/Warsaw"})
    assert owner.next_step() == "/admin/calendars/new"
    owner.send(name="Weekdays", country={"value": "PL"})
    assert owner.next_step() == "/admin/sla-policies/new"
    targets = {f"t_{rank}_first_response": "4" for rank in (1, 2, 3, 4)}
    owner.send(name="Standard", calendar={"label": "Weekdays"}, **targets)
    assert owner.next_step() == "/admin/departments/new"
    owner.send(name="Service desk")
    owner.next_step()
    owner.send(department={"label": "Service desk"})
    assert owner.next_step() == "/admin/staff/new"
    owner.send(name="Ann Agent", email="ann@owner.example", role="agent")
    assert owner.next_step() == "/admin/accounts/new"
    owner.follow("main a[href='/admin/import']")
    owner.page.set_input_files(
        "main [name=file]", [{"name": "people.csv", "mimeType": "text/csv", "buffer": people_file()}]
    )
    owner.send()
    assert f"{BAD} rows cannot be imported" in owner.page.inner_text("main")
    assert count_contacts(live) == 0, "a dry run writes nothing"
    owner.send()
    assert "It will start in a moment" in owner.page.inner_text("main")
    assert keeps_focus(owner.page, "#refresh") and keeps_focus(owner.page, "#stop")
    goes_on = time.monotonic() + 300
    while f"{BAD} rows were refused" not in owner.page.inner_text("main"):
        assert time.monotonic() < goes_on
        live.work_due()
        owner.page.wait_for_timeout(500)
    owner.keep("done")
    assert count_contacts(live) == ROWS - BAD
    customer = visit()
    customer.open(link_of(live, CUSTOMER))
    customer.send(name="Person One", password=PASSWORD)
    customer.follow("main a[href^='/new/']")
    customer.send("#opening", severity="3", subject="The printer smokes", description="Since this morning.")
    key = customer.pages[-1].rpartition("/")[2].partition("?")[0]
    owner.open(f"/desk/cases/{key}")
    assert "The printer smokes" in owner.page.inner_text("main")
    owner.send("form[action$='/reply']", body="Somebody is on the way.")
    customer.open(f"/cases/{key}")
    assert "Somebody is on the way." in customer.page.inner_text("main")
    assert len(owner.pages) <= PAGES, owner.pages
    assert not owner.problems + customer.problems, "\n".join(owner.problems + customer.problems)
