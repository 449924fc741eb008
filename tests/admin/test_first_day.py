"""From nothing to a client who can open a case: the command, the invitation, the forms."""

import pytest

from portal.admin.actions.providers import open_provider
from portal.kernel import clock
from portal.kernel.actor import nobody
from portal.kernel.context import Context
from portal.kernel.database import db
from portal.kernel.errors import Conflict, PortalError, Refused
from portal.tenants.actions import providers
from tests.support.client import Browser


@pytest.fixture
def fresh(world, client):
    """A new provider at fresh.localhost and the token of its administrator's invitation."""
    ctx = Context(actor=nobody(), now=clock.now(), session=db.session, channel="cli")
    token = open_provider(ctx, name="Fresh MSP", host="fresh.localhost", email="boss@fresh.example")
    return client("", "fresh.localhost"), token


def test_the_first_day(fresh):
    boss, token = fresh
    assert isinstance(boss, Browser)
    form = boss.get(f"/invite/{token}").page.form(f"/invite/{token}")
    assert boss.submit(form, name="Bo Ss", password="a long enough password").status_code == 303
    todo = boss.get("/admin").page.text
    assert "Set up Fresh MSP" in todo and "Next: Choose the time zone and the language" in todo
    made = boss.post(
        "/admin/accounts/new",
        data={
            "organization": "",
            "organization_name": "First Client",
            "key": "FIRST",
            "environment": "Production",
            "environment_kind": "production",
        },
    )
    assert made.status_code == 303
    path = "/admin/organizations/first-client/people/new"
    form = boss.get(path).page.form(path)
    assert boss.submit(form, name="Una", email="una@first.example").status_code == 303
    after = boss.get("/admin").page.text
    assert "Nobody can sign in for First Client" in after and "No request types yet" not in after


def test_a_new_provider_can_take_a_case_at_once(fresh, world):
    boss, token = fresh
    boss.submit(boss.get(f"/invite/{token}").page.form(f"/invite/{token}"), name="Bo", password="a long password 1")
    page = boss.get("/admin/severity").page
    assert [page.form("/admin/severity")[f"name_{n}"] for n in (1, 2, 3, 4)] == ["Emergency", "High", "Medium", "Low"]
    assert "Get support" in boss.get("/admin/request-types").page.text


@pytest.mark.parametrize(
    ("host", "problem"),
    (
        ("fresh.localhost", Conflict),
        ("http://fresh", Refused),
        ("a b", Refused),
        ("", Refused),
        ("x" * 300, Refused),
        ("-bad.example", Refused),
        ("fresh.example:80", Refused),
    ),
)
def test_a_bad_host_is_refused_with_a_sentence(fresh, host, problem):
    ctx = Context(actor=nobody(), now=clock.now(), session=db.session, channel="cli")
    with pytest.raises(problem) as refusal:
        open_provider(ctx, name="Second", host=host, email="boss@second.example")
    assert len(refusal.value.message) > 10


def test_two_hosts_with_one_first_part_are_two_providers(fresh):
    ctx = Context(actor=nobody(), now=clock.now(), session=db.session, channel="cli")
    open_provider(ctx, name="Other", host="fresh.other.example", email="boss@other.example")
    assert ctx.provider.slug == "fresh-other-example"


def test_a_provider_needs_a_name(world):
    ctx = Context(actor=nobody(), now=clock.now(), session=db.session, channel="cli")
    with pytest.raises(PortalError):
        providers.create_provider(ctx, name="  ", host="nameless.example")


def test_the_command_ends_with_one_and_a_sentence(app, world):
    runner = app.test_cli_runner()
    for arguments, words in (
        (["x y", "bad host", "a@b.example"], "A host is a name"),
        (["Third", "third.example", "nobody"], "is not a full email address"),
        (["Third", "third.example", "a@b.example", "--zone", "Mars/Base"], "is not a time zone"),
    ):
        result = runner.invoke(args=["provider", "create", *arguments])
        assert result.exit_code == 1 and words in result.output
