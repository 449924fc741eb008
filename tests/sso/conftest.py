"""A real identity provider beside the tests, and the steps of a browser that goes there and back."""

from collections.abc import Iterator

import pytest

from portal.sso.actions.ways import WayFacts, add_domain, add_way, first_account
from portal.sso.models import LinkedSignIn, SignInWay
from portal.sso.rules import Issuers
from portal.sso.servers import openid
from portal.tenants.models import Organization
from tests.support.identity_provider import CLIENT, SECRET, RunningProvider

DIRECTORY = "72f988bf-86f1-41af-91ab-2d7cd011db47"
OTHER_DIRECTORY = "0cf988bf-86f1-41af-91ab-2d7cd011db99"


@pytest.fixture(scope="module")
def running() -> Iterator[RunningProvider]:
    made = RunningProvider()
    yield made
    made.close()


class Desk:
    """Ways to sign in at Northwind, at the identity provider *there*."""

    def __init__(self, world, there, client) -> None:
        self.world, self.there, self.client = world, there, client

    @property
    def issuers(self) -> Issuers:
        return Issuers.of(self.world.app.config["PARLEY"])

    def organization(self, slug: str) -> Organization | None:
        """The organization *slug*; None for ''."""
        return self.rows(Organization, Organization.slug == slug)[0] if slug else None

    def domain(self, value: str, slug: str, kind: str = "email") -> None:
        """Let a domain or directory belong to an organization, with its first account for newcomers."""
        ctx, row = self.world.system(), self.organization(slug)
        account = first_account(ctx, row) if row is not None else None
        add_domain(ctx, row, kind, value, account_id=account, role="requester")

    def way(self, name: str, organization: str = "", domain: str = "", *, issuer: str = "", **more) -> SignInWay:
        """A way to sign in that is on; a domain and an account for newcomers with it."""
        ctx = self.world.system()
        row = self.organization(organization)
        if domain:
            self.domain(domain, organization)
        kind = name if name in ("google", "microsoft") else "openid"
        facts = {
            "kind": kind,
            "client_id": CLIENT,
            "client_secret": SECRET,
            "enabled": True,
            "organization_id": row.id if row is not None else None,
            "issuer": issuer or ("" if kind != "openid" else self.there.tenant(name)),
            **more,
        }
        made = add_way(ctx, WayFacts(name=name, label=name.capitalize(), **facts), self.issuers, untested=True)
        ctx.session.flush()
        self.there.redirect(f"http://northwind.localhost/sign-in/with/{name}/callback")
        return made

    def start(self, browser, name: str, **data):
        return browser.post(f"/sign-in/with/{name}", data=data)

    def consent(self, answer) -> str:
        """Where the identity provider leads back to, after it was asked at the address of *answer*."""
        assert answer.status_code == 303, answer.page.text
        return self.there.consent(answer.headers["Location"])

    def go(self, browser, name: str, subject: str = "", **data):
        """There and back as *subject*; the answer to the browser that came back."""
        if subject:
            self.there.sign_in_as(subject)
        return browser.get(self.consent(self.start(browser, name, **data)))

    def rows(self, model, *where):
        """Rows as they are stored: requests share the connection, and leave it bound to somebody else."""
        self.world.session.info.pop("tenancy", None)
        self.world.system()
        self.world.session.expire_all()
        return self.world.rows(model, *where)

    def links(self, **where) -> list[LinkedSignIn]:
        return self.rows(LinkedSignIn, *(getattr(LinkedSignIn, key) == value for key, value in where.items()))


@pytest.fixture
def desk(world, running, client, monkeypatch) -> Iterator[Desk]:
    running.reset()
    openid.forget_descriptions()
    config = world.app.config["PARLEY"]
    monkeypatch.setattr(config, "google_issuer", f"{running.url}/google")
    monkeypatch.setattr(config, "microsoft_issuer", f"{running.url}/{{tenant}}/v2.0")
    yield Desk(world, running, client)
    running.end_faults()


__all__ = ["DIRECTORY", "OTHER_DIRECTORY"]
