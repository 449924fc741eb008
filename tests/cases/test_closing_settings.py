"""How a case ends is the provider's choice: who decides on a solution, and who may close."""

import pytest

from portal.cases.actions import resolution
from portal.kernel.errors import Forbidden
from portal.tenants.actions.providers import change_provider


@pytest.fixture
def rule(world):
    """`rule(customer_decides=False)` for Northwind."""

    def change(**values):
        ctx = world.ctx("ada")
        change_provider(ctx, ctx.provider, **values)

    return change


def test_without_deciding_a_solution_is_closed_or_reopened(world, as_user, rule):
    rule(customer_decides=False)
    case = world.case_in("resolved")
    page = as_user("rita").get(f"/cases/{case.key}").page
    assert "Accept solution" not in page.text and "Reject solution" not in page.text
    assert "Reopen case" in page.text
    assert as_user("rita").post(f"/cases/{case.key}/resolution/accept", data={}).status_code == 303
    assert world.reload(case).state == "closed"


def test_without_deciding_nothing_is_rejected(world, as_user, rule):
    rule(customer_decides=False)
    case = world.case_in("resolved")
    assert as_user("rita").get(f"/cases/{case.key}/resolution").status_code == 303
    answer = as_user("rita").post(f"/cases/{case.key}/resolution/reject", data={"reason": "Still down"})
    assert answer.status_code == 422 and "Still down" in answer.text
    assert world.reload(case).state == "resolved"


def test_without_deciding_mails_ask_for_no_decision(world, rule, run_outbox):
    from portal.notifications.models import OutgoingMail

    rule(customer_decides=False)
    world.case_in("resolved")
    run_outbox()
    mail = next(row for row in world.rows(OutgoingMail) if row.kind == "resolved")
    assert "/resolution" not in mail.text + mail.html and "Accept" not in mail.text + mail.html


@pytest.mark.parametrize(
    ("who_closes", "customer", "staff"), [("both", 303, 303), ("contact", 303, 403), ("staff", 403, 303)]
)
def test_who_may_close(world, as_user, rule, who_closes, customer, staff):
    rule(who_closes=who_closes)
    theirs, ours = world.open_case(), world.open_case()
    assert as_user("rita").post(f"/cases/{theirs.key}/close", data={}).status_code == customer
    assert as_user("ana").post(f"/desk/cases/{ours.key}/close", data={"reason": "Spam"}).status_code == staff


def test_who_may_not_close_is_not_offered_it(world, as_user, rule):
    rule(who_closes="staff")
    case = world.open_case()
    assert "Close case" not in as_user("rita").get(f"/cases/{case.key}").page.text
    assert "close the case" not in as_user("rita").get(f"/cases/{case.key}/replies").page.text
    with pytest.raises(Forbidden):
        resolution.close(world.ctx("rita"), case)
    rule(who_closes="contact")
    assert f"/desk/cases/{case.key}/close" not in as_user("ana").get(f"/desk/cases/{case.key}").page.links
