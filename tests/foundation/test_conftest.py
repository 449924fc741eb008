"""The foundation stands: the world is there, changes vanish, the database guards the test too."""

import pytest
from sqlalchemy import func, select, text

from portal.cases.models import Case
from portal.kernel.database import db
from portal.tenants.models import Account
from tests.support.page import parse


def test_everybody_is_there(world):
    assert world.rita.email == "rita@acme.example"
    assert world.rob.email == world.rita.email and world.rob.id != world.rita.id
    assert set(world.accounts) == {"ACME", "ACMEPL", "GLOBEX"}
    assert ("ACME", "Test") in world.environments


def test_the_application_role_neither_owns_nor_bypasses(world):
    assert world.session.scalar(text("SELECT current_user")) == "parley_app"
    assert world.ctx("sam").session.scalar(select(func.count()).select_from(Account)) == 1
    assert world.session.scalar(select(func.count()).select_from(Account)) == 3


@pytest.mark.parametrize("time", [1, 2])
def test_a_case_of_one_test_is_gone_in_the_next(world, time):
    case = world.open_case("rita")
    assert case.key == "ACME-1"
    assert world.session.scalar(select(func.count()).select_from(Case)) == 1


@pytest.mark.parametrize("state", ["new", "open", "in_progress", "waiting", "on_hold", "resolved", "closed"])
def test_cases_come_in_every_state(world, state):
    assert world.case_in(state, by="mel").state == state


def test_a_request_sees_what_the_test_made_and_the_test_what_the_request_did(world, client):
    case = world.open_case("rita")
    rita = client("rita")

    assert rita.get("/healthz").data == b"ok\n"
    assert case.key == "ACME-1" and case.state == "new"


def test_due_work_is_done_inside_the_test(world, run_outbox):
    world.open_case("rita")
    run_outbox()


def test_statements_are_counted(world, statements):
    with statements() as seen:
        db.session.execute(text("SELECT 1"))
    assert [s for s in seen if s == "SELECT 1"]


def test_forms_are_read_as_a_browser_fills_them():
    page = parse(
        '<form method="post" action="/x"><input type=hidden name=a value=1><select name=b><option>x'
        "<option selected value=y>Y</select><textarea name=c>\nhi</textarea><input type=checkbox name=d></form>"
    )
    assert page.form("/x").filled(d="on") == {"a": "1", "b": "y", "c": "hi", "d": "on"}
