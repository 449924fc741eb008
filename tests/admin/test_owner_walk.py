"""The owner's first day on a real installation, by forms alone: from the operator's command to the first answered case
of a customer, with 200 people from a file, in at most 20 pages."""

import io
import re
import time

from portal.identity.models import Address
from portal.kernel import tokens
from portal.kernel.actor import Side
from portal.kernel.database import Tenancy, bind, db
from portal.tenants.models import Account, Contact, Host
from portal.web import current
from tests.support.client import Browser

HOST = "owner.localhost"
ROWS, BAD, COMPANIES = 200, 10, 10
PASSWORD = "a long enough password"
PAGES = 20


class Walker:
    """A person with a browser without scripts. Counts the pages that they see and follows what the pages say."""

    def __init__(self, app):
        self.browser, self.pages, self.page = Browser(app, HOST), [], None

    def open(self, path):
        """Look at a page, as a link or a redirect leads there."""
        answer = self.browser.get(path)
        assert answer.status_code == 200, f"{path}: {answer.status_code}"
        self.pages.append(path)
        self.page = answer.page
        return self.page

    def send(self, path, files=None, **fields):
        """Fill in and send the form of this page; look at what comes."""
        form = self.page.form(path)
        data = form.filled(**fields) | (files or {})
        answer = self.browser.post(form.action, data=data)
        assert answer.status_code == 303, answer.page.first("main").text
        return self.open(answer.headers["Location"])

    def next_step(self):
        """Follow the link of "Next step"; returns its address."""
        line = next(p for p in self.page.first("main").all("p") if p.text.strip().startswith("Next step:"))
        path = line.all("a")[0].get("href")
        self.open(path)
        return path

    def option(self, label):
        """The value of the choice that reads *label*."""
        return next(one.get("value") for one in self.page.all("option") if one.text.strip() == label)


def people_file():
    """200 rows of ten companies; every twentieth is bad."""
    lines = ["Organization,Account key,Environment,Name,Email,Role"]
    for n in range(1, ROWS + 1):
        company = n % COMPANIES
        email = "not an address" if n % (ROWS // BAD) == 0 else f"person{n}@company{company}.example"
        lines.append(f"Company {company},COMP{company},Production,Person {n},{email},member")
    return "\n".join(lines).encode()


def link_of(live, email):
    """The path of the newest invitation to *email*, as the mail has it."""
    with live.inside():
        bind(db.session, Tenancy(db.session.query(Host).filter_by(host=HOST).one().provider_id, side=Side.SYSTEM))
        user = db.session.query(Address).filter_by(email=email).one().user_id
        row = db.session.query(tokens.TokenHash).filter_by(subject_id=user).order_by(tokens.TokenHash.id.desc()).first()
        return f"/invite/{tokens.derive_token(row.id)}"


def count_of(live, model):
    with live.inside():
        bind(db.session, Tenancy(db.session.query(Host).filter_by(host=HOST).one().provider_id, side=Side.SYSTEM))
        return db.session.query(model).count()


def test_an_owner_gets_to_the_first_answered_case(live):
    made = live.app.test_cli_runner().invoke(args=["provider", "create", "Owner MSP", HOST, "boss@owner.example"])
    assert made.exit_code == 0, made.output
    current.clear_host_cache()
    owner = Walker(live.app)
    # The invitation, and where it leads.
    path = re.search(r"/invite/\S+", made.output)[0]
    owner.open(path)
    owner.send(path, name="Bo Ss", password=PASSWORD)
    assert owner.pages[-1] == "/admin/get-started" and "Choose the time zone" in owner.page.text
    first = next(a for a in owner.page.first("main").all("a") if a.text.strip() == "Start")
    # Zone.
    owner.open(first.get("href"))
    owner.send("/admin/settings", zone="Europe/Warsaw")
    # Hours with holidays, and promises for everybody.
    assert owner.next_step() == "/admin/calendars/new"
    owner.send("/admin/calendars/new", name="Weekdays", country="PL")
    assert owner.next_step() == "/admin/sla-policies/new"
    assert owner.page.form("/admin/sla-policies/new")["everybody"], "a new owner agrees the policy with everybody"
    targets = {f"t_{rank}_first_response": "4" for rank in (1, 2, 3, 4)}
    owner.send("/admin/sla-policies/new", name="Standard", calendar=owner.option("Weekdays"), **targets)
    assert "holds for all clients; there is no account yet that uses it" in owner.page.text
    # Departments and routing.
    assert owner.next_step() == "/admin/departments/new"
    owner.send("/admin/departments/new", name="Service desk")
    routing = owner.next_step()
    owner.send(routing, department=owner.option("Service desk"))
    # Staff.
    assert owner.next_step() == "/admin/staff/new"
    owner.send("/admin/staff/new", name="Ann Agent", email="ann@owner.example", role="agent")
    # Clients and their people, from a file: each row's fate, then the good ones together.
    assert owner.next_step() == "/admin/accounts/new"
    assert "/admin/import" in [a.get("href") for a in owner.page.first("main").all("a")]
    owner.open("/admin/import")
    owner.send("/admin/import", files={"file": (io.BytesIO(people_file()), "people.csv")})
    assert f"{BAD} rows cannot be imported" in owner.page.text
    assert count_of(live, Contact) == 0, "a dry run writes nothing"
    owner.send(owner.pages[-1])
    preview, goes_on = owner.pages[-1], time.monotonic() + 300
    while "It will start in a moment" in owner.page.text or f"of {ROWS} rows" in owner.page.text:
        assert time.monotonic() < goes_on
        live.work_due()
        owner.page = owner.browser.get(preview).page
    assert f"{BAD} rows were refused" in owner.page.text
    assert (count_of(live, Contact), count_of(live, Account)) == (ROWS - BAD, COMPANIES)
    # A customer comes by the invitation and opens a case.
    customer = Walker(live.app)
    path = link_of(live, "person1@company1.example")
    customer.open(path)
    customer.send(path, name="Person One", password=PASSWORD)
    tile = next(a.get("href") for a in customer.page.all("a") if a.get("href", "").startswith("/new/"))
    customer.open(tile)
    customer.send(tile.partition("?")[0], severity="3", subject="The printer smokes", description="Since this morning.")
    key = customer.pages[-1].rpartition("/")[2].partition("?")[0]
    # The owner answers it.
    owner.open(f"/desk/cases/{key}")
    assert "The printer smokes" in owner.page.text
    owner.send(f"/desk/cases/{key}/reply", body="Somebody is on the way.")
    customer.open(f"/cases/{key}")
    assert "Somebody is on the way." in customer.page.text
    print(f"the owner saw {len(owner.pages)} pages: {' '.join(owner.pages)}")
    assert len(owner.pages) <= PAGES
    steps = owner.browser.get("/admin/get-started").page.first("main")
    left = [a.get("aria-label") for a in steps.all("a") if a.text.strip() == "Start"]
    assert left == ["Say how customers reach you", "Read a mailbox"], "what is left is optional"
