"""Questions that nobody answers: reminders and the proposal to resolve, of the provider and of an account."""

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from portal.cases.engine.question_days import QuestionDays
from portal.notifications.models import OutgoingMail
from portal.tenants.models import Account, Provider

ASKED = dt.datetime(2026, 11, 21, 9, tzinfo=dt.UTC)
DAYS = st.integers(0, 40)


@given(DAYS, DAYS, DAYS, st.integers(0, 45 * 24))
def test_every_moment_says_what_is_due_and_what_comes(first, second, proposal, hours):
    days, now = QuestionDays(first, second, proposal), ASKED + dt.timedelta(hours=hours)
    dates = {day: ASKED + dt.timedelta(days=day) for day in range(1, 41) if day in (first, second)}
    past, coming = [d for d, at in dates.items() if at <= now], [at for at in dates.values() if at > now]
    assert days.passed_reminder(ASKED, now) == (max(past) if past else None)
    assert days.next_reminder(ASKED, now) == (min(coming) if coming else None)
    assert days.proposed_at(ASKED) == (ASKED + dt.timedelta(days=proposal) if proposal else None)


def days_of(world, first, second, proposal, account=None):
    row = world.rows(Account, Account.id == account.id)[0] if account else world.row(Provider, world.northwind.id)
    row.first_reminder_days, row.second_reminder_days, row.proposal_days = first, second, proposal
    world.session.flush()


def read(browser, path):
    answer = browser.get(path)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def told(world, case):
    return [name for name in world.event_names(case) if name in ("case.reminded", "case.resolve_proposed")]


def test_support_is_told_after_fourteen_days_and_nothing_ends_by_itself(world, as_user, travel, run_outbox):
    case = world.case_in("waiting", by="rita")
    page = f"/desk/cases/{case.key}"
    run_outbox()
    travel(days=13, hours=23)
    run_outbox()
    assert "No answer to the question" not in read(as_user("ana"), page)
    travel(hours=2)
    run_outbox()
    ana = as_user("ana")
    assert told(world, case).count("case.resolve_proposed") == 1
    text = read(ana, page)
    assert "No answer to the question" in text and "unanswered=1" in text
    assert "No answer to the question" in read(ana, "/notifications")
    assert world.reload(case).state == "waiting"
    path = f"{page}/status"
    form = ana.get(f"{path}?set=resolved&unanswered=1").page.form(path)
    assert "have not heard from you" in form.filled()["body"]
    assert ana.submit(form, check="").status_code == 303 and world.reload(case).state == "resolved"
    travel(days=30)
    run_outbox()
    assert told(world, case).count("case.resolve_proposed") == 1


def test_customers_hear_nothing_of_the_proposal(world, as_user, travel, run_outbox):
    case = world.case_in("waiting", by="rita")
    run_outbox()
    travel(days=15)
    run_outbox()
    for path in (f"/cases/{case.key}", "/notifications"):
        assert "can be resolved" not in read(as_user("rita"), path)
    assert not [mail for mail in world.rows(OutgoingMail) if "can be resolved" in mail.text]


def test_an_answer_ends_the_wait(world, as_user, travel, run_outbox):
    case = world.case_in("waiting", by="rita")
    run_outbox()
    travel(days=10)
    world.reply(case, "Firefox.", by="rita")
    travel(days=10)
    run_outbox()
    assert "case.resolve_proposed" not in told(world, case)
    assert "No answer to the question" not in read(as_user("ana"), f"/desk/cases/{case.key}")


def test_each_can_be_left_out_by_the_provider_and_by_an_account(world, travel, run_outbox):
    days_of(world, 0, 5, 0)
    days_of(world, None, 0, 2, world.accounts["GLOBEX"])
    acme, globex = world.case_in("waiting", by="rita"), world.case_in("waiting", by="gil")
    run_outbox()
    for _day in range(20):
        travel(days=1, minutes=1)
        run_outbox()
    assert told(world, acme) == ["case.reminded"]
    assert told(world, globex) == ["case.resolve_proposed"]


def test_administrators_set_the_days(world, as_user):
    ada = as_user("ada")
    form = ada.get("/admin/settings").page.form("/admin/settings")
    assert ada.submit(form, first_reminder_days="2", second_reminder_days="0", proposal_days="30").status_code == 303
    row = world.row(Provider, world.northwind.id)
    assert (row.first_reminder_days, row.second_reminder_days, row.proposal_days) == (2, 0, 30)
    assert ada.submit(form, first_reminder_days="366").status_code in (409, 422)
    path = "/admin/accounts/ACME"
    form = ada.get(path).page.form(path)
    assert ada.submit(form, first_reminder_days="", second_reminder_days="9", proposal_days="0").status_code == 303
    account = world.rows(Account, Account.key == "ACME")[0]
    assert (account.first_reminder_days, account.second_reminder_days, account.proposal_days) == (None, 9, 0)
    again = ada.submit(ada.get(path).page.form(path), proposal_days="soon")
    assert again.status_code == 422 and "whole number from 0 to 365" in again.get_data(as_text=True)
