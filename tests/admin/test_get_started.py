"""The steps of the first day: done by facts, skipped by choice, and in the way of nobody afterwards."""

import pytest

from portal.admin import get_started
from portal.admin.actions.get_started import skip_steps
from portal.admin.actions.providers import open_provider
from portal.kernel import clock
from portal.kernel.actor import nobody
from portal.kernel.context import Context
from portal.kernel.database import db
from portal.kernel.events import Event
from portal.tenants.models import Provider
from tests.identity.steps import sign_in

HERE = "/admin/get-started"


@pytest.fixture
def owner(world, client):
    """The owner of a provider that was made a moment ago: their browser, and where accepting the invitation led."""
    ctx = Context(actor=nobody(), now=clock.now(), session=db.session, channel="cli")
    token = open_provider(ctx, name="Fresh MSP", host="fresh.localhost", email="boss@fresh.example")
    browser = client("", "fresh.localhost")
    form = browser.get(f"/invite/{token}").page.form(f"/invite/{token}")
    browser.landing = browser.submit(form, name="Bo", password="a long enough password").headers["Location"]
    return browser


def open_steps(browser):
    """The titles of the steps with a button that begins them."""
    main = browser.get(HERE).page.first("main")
    return [a.get("aria-label") for a in main.all("a") if a.text.strip() == "Start"]


def test_the_owner_lands_on_the_first_step(owner):
    assert owner.landing == HERE
    assert open_steps(owner)[0] == "Choose the time zone and the language"
    assert "Next: Choose the time zone and the language" in owner.get("/admin").page.first("main").text


def test_a_saved_form_leads_to_the_next_step_and_the_fact_ends_the_last(owner):
    form = owner.get("/admin/settings").page.form("/admin/settings")
    saved = owner.submit(form, zone="Europe/Warsaw")
    page = owner.get(saved.headers["Location"]).page
    assert "Next step: Set the support hours" in page.first("main").text
    assert "Choose the time zone and the language" not in open_steps(owner)
    assert "Next step" not in owner.get("/admin/settings").page.first("main").text, "only after something was saved"


def test_a_step_is_skipped_and_taken_up_again(owner):
    page = owner.get(HERE).page
    skip = next(f for f in page.forms if f.action == HERE and f.filled().get("step") == "mailbox")
    assert owner.submit(skip).status_code == 303
    assert "Read a mailbox" not in open_steps(owner)
    again = next(f for f in owner.get(HERE).page.forms if f.filled().get("step") == "mailbox")
    owner.submit(again)
    assert "Read a mailbox" in open_steps(owner)


@pytest.mark.parametrize("step", ["account", "answer", "nonsense", ""])
def test_what_the_portal_cannot_do_without_is_not_skipped(owner, step):
    answer = owner.post(HERE, data={"step": step})
    assert answer.status_code == 422 and "Choose a step that can be skipped" in answer.page.text


def test_with_the_first_answer_everything_is_set_up(world, as_user, client):
    assert sign_in(client(), world.ada.email).headers["Location"] == HERE
    assert open_steps(as_user("ada")) == ["Have the first case opened", "Answer it"]
    case = world.open_case("rita")
    assert open_steps(as_user("ada")) == ["Answer it"]
    world.answer(case)
    assert "Everything is set up" in as_user("ada").get(HERE).page.text
    assert "Get started" not in as_user("ada").get("/admin").page.first("main").text
    assert sign_in(client(), world.ada.email).headers["Location"] == "/desk"
    link = next(a for a in as_user("ada").get("/admin").page.all("a") if a.get("href") == HERE)
    assert link.text.strip() == "The steps of setting up the portal"


def test_agents_and_customers_land_where_they_work(world, client):
    assert sign_in(client(), world.ana.email).headers["Location"] == "/desk"
    assert sign_in(client(), world.rita.email).headers["Location"] == "/"


def test_skipping_records_what_changed_once(world, ctx_of):
    ctx = ctx_of("ada")
    provider = ctx.session.get(Provider, world.northwind.id)
    skip_steps(ctx, provider, get_started.OPTIONAL)
    assert not world.rows(Event, Event.name == "provider.steps_skipped", Event.actor_user_id == world.ada.id)
    skip_steps(ctx, provider, ["zone"], skipped=False)
    event = world.rows(Event, Event.name == "provider.steps_skipped", Event.actor_user_id == world.ada.id)[-1]
    assert (event.facts["steps"], event.facts["skipped"]) == (["zone"], False)
