"""The five portals with their people and no cases, committed: what the rows and journeys of the seeds walk through."""

import io
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import select

from portal.cases.models import Case, Message
from portal.cases.queries.detail import page_load_options
from portal.demo import cli, preset_worlds
from portal.kernel import uow
from portal.kernel.actor import Side
from portal.kernel.database import Tenancy, bind, db
from portal.presets import queries
from portal.tenants.models import Host
from tests.support import databases
from tests.support.client import Browser
from tests.support.live_world import Live

DESCRIPTION = "It happens on every start, since this morning."


@dataclass
class Portal:
    """One provider: browsers by person (a key of its demo.toml), its cases as the system sees them."""

    live: Live
    name: str
    provider_id: Any
    emails: dict[str, str]
    browsers: dict[str, Browser] = field(default_factory=dict)
    opened: int = 0

    @property
    def host(self) -> str:
        return f"{self.name}.localhost"

    def as_(self, who: str = "") -> Browser:
        """The browser of somebody, signed in on the sign-in page; without a name one in which nobody is."""
        if not who:
            return Browser(self.live.app, self.host)
        if who not in self.browsers:
            browser = Browser(self.live.app, self.host)
            sent = browser.post("/sign-in", data={"email": self.emails[who], "password": "parley-demo"})
            assert sent.status_code == 303, sent.text
            self.browsers[who] = browser
        return self.browsers[who]

    def open(self, who: str = "user", kind: str = "", **fields: Any) -> Case:
        """Open a case through the form, with its defaults and *fields*; returns it as the system sees it."""
        browser, kind = self.as_(who), kind or queries.preset(self.name).types[0].key
        form = browser.get(f"/new/{kind}", query_string={"account": fields.get("account", "")}).page.form(
            f"/new/{kind}"
        )
        self.opened += 1  # the same words again would lead to the case that they opened before
        values = {"subject": "Something is wrong", "description": f"{DESCRIPTION} Report {self.opened}.", **fields}
        sent = browser.submit(form, **values)
        assert sent.status_code == 303, sent.page.first("main").text
        return self.case(sent.headers["Location"].rpartition("/")[2].partition("?")[0])

    def case(self, key: str) -> Case:
        """The case as it stands now."""
        account, _, number = key.partition("-")
        with self.inside():
            cases = db.session.scalars(
                select(Case).where(Case.number == int(number)).options(*page_load_options())
            ).unique()
            found = next(case for case in cases if case.account.key == account)
            _ = found.grants
            db.session.expunge_all()
        return found

    def messages(self, case: Case) -> list[Message]:
        with self.inside():
            found = list(
                db.session.scalars(select(Message).where(Message.case_id == case.id).order_by(Message.position))
            )
            db.session.expunge_all()
        return found

    def rows(self, model: Any, *where: Any) -> list[Any]:
        with self.inside():
            found = list(db.session.scalars(select(model).where(*where)).unique())
            db.session.expunge_all()
        return found

    def inside(self) -> Any:
        """Read as the system."""
        return _inside(self.live, self.provider_id)

    def page(self, case: Case, who: str = "user") -> Any:
        """The case page of one side."""
        side = "/desk/cases" if who in ("agent", "admin") else "/cases"
        return self.as_(who).get(f"{side}/{case.key}").page

    def status(self, case: Case, who: str = "user") -> str:
        """The status word on the case page."""
        return self.page(case, who).first("header", class_="page-head").first("span", class_="pill").text

    def answers(self, case: Case, body: str = "We are looking into it.", **then: str) -> None:
        """Support replies, perhaps with a next status."""
        form = self.page(case, "agent").form(f"/desk/cases/{case.key}/reply")
        sent = self.as_("agent").submit(form, body=body, **then)
        assert sent.status_code == 303, sent.page.first("main").text

    def sets(self, case: Case, status: str, **facts: str) -> None:
        """Support changes the status."""
        sent = self.as_("agent").post(f"/desk/cases/{case.key}/status", data={"status": status, **facts})
        assert sent.status_code == 303, sent.text

    def resolves(self, case: Case) -> None:
        self.sets(case, "resolved", body="The service was restarted.", check="Start it once.")

    def replies(self, case: Case, body: str = "It is still there.", who: str = "user", **fields: Any) -> Any:
        """The customer writes in the conversation."""
        sent = self.as_(who).post(f"/cases/{case.key}/replies", data={"body": body, **fields})
        assert sent.status_code == 303, sent.text
        return sent

    def closes(self, case: Case, who: str = "user") -> None:
        assert self.as_(who).post(f"/cases/{case.key}/close", data={"reason": ""}).status_code == 303

    def list(self, who: str = "user", **query: str) -> Any:
        """The client's list."""
        return self.as_(who).get("/cases", query_string=query).page


class _inside:
    def __init__(self, live: Live, provider_id: Any) -> None:
        self.live, self.provider_id = live, provider_id

    def __enter__(self) -> None:
        databases.configure_globals(self.live.app)
        self.context = self.live.app.app_context()
        self.context.push()
        bind(db.session, Tenancy(self.provider_id, side=Side.SYSTEM))

    def __exit__(self, *_problem: object) -> None:
        db.session.rollback()
        db.session.remove()
        self.context.pop()


def file(name: str = "screen.txt", content: bytes = b"What the screen said\n") -> tuple[io.BytesIO, str]:
    """A file as a form sends it."""
    return io.BytesIO(content), name


@pytest.fixture(scope="module")
def portals(live: Live) -> dict[str, Portal]:
    """Every preset's portal by name."""
    return {name: opened(live, name) for name in queries.preset_names()}


def opened(live: Live, name: str, told: bool = False) -> Portal:
    """The portal of one preset, with its people and, if *told*, the cases of its histories, committed."""
    databases.configure_globals(live.app)
    plan, histories = preset_worlds.preset_world(name)
    with live.app.app_context():
        assert cli.load_provider(plan, histories if told else ())
        db.session.remove()
    with live.app.app_context(), uow.unit_of_work(db.session):
        provider_id = db.session.scalar(select(Host.provider_id).where(Host.host == plan.hosts[0]))
    emails = {person.key: person.email for person in (*plan.staff, *plan.contacts)}
    return Portal(live, name, provider_id, emails)


@pytest.fixture
def hexasync(portals: dict[str, Portal]) -> Portal:
    return portals["hexasync"]


@pytest.fixture
def exea(portals: dict[str, Portal]) -> Portal:
    return portals["exea"]


@pytest.fixture
def backoffice(portals: dict[str, Portal]) -> Portal:
    return portals["backoffice"]


@pytest.fixture
def automate(portals: dict[str, Portal]) -> Portal:
    return portals["automate"]


@pytest.fixture
def platform(portals: dict[str, Portal]) -> Portal:
    return portals["platform"]
