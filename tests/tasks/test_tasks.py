"""Tasks: what staff still do on a case. Mandatory ones come before its solution; customers see none of them."""

import datetime as dt

import pytest
from sqlalchemy import select

from portal.cases.actions import links, resolution
from portal.cases.models import Case
from portal.kernel.errors import Conflict, Forbidden, Refused
from portal.kernel.events import Event
from portal.tasks import actions
from portal.tasks.actions import TaskFacts
from portal.tasks.models import CaseTask
from portal.tasks.queries import own_tasks, tasks_of

WORDS = "Order the zebrafish part"


@pytest.fixture
def case(world):
    return world.open_case("rita", subject="Orders stand still", visibility="shared")


def add(world, case, text=WORDS, *, by="ana", **facts):
    return actions.add_task(world.ctx(by, "staff"), world.reload(case), TaskFacts(text, **facts))


def texts_of(world, case):
    return [task.text for task in tasks_of(world.ctx("ana", "staff"), case.id)]


def events_of(world, case):
    rows = select(Event.name).where(Event.case_id == case.id, Event.name.startswith("task.")).order_by(Event.id)
    return list(world.session.scalars(rows))


def test_whoever_gets_a_task_is_told_and_customers_are_not(world, as_user, case, run_outbox):
    add(world, case, assignee_id=world.lee.staff_id)
    add(world, case, "Mine", assignee_id=world.ana.staff_id)
    run_outbox()
    told = as_user("lee").get("/notifications").page.text
    assert f"{world.ana.name} gave you a task: {WORDS}" in told and "because the task is yours" in told
    assert "gave you a task" not in as_user("ana").get("/notifications").page.text, "one's own doing is no news"
    ctx = world.ctx("lee", "staff")
    for task, text in zip(world.rows(CaseTask), ("Look", "Now"), strict=True):
        facts = TaskFacts(text, assignee_id=world.ana.staff_id)
        actions.change_task(ctx, world.reload(case), task, facts)
    run_outbox()
    told = as_user("ana").get("/notifications").page.text
    assert "gave you a task: Look" in told and "gave you a task: Now" not in told
    assert "task" not in as_user("rita").get("/notifications").get_data(as_text=True).lower()


def test_tasks_are_added_done_and_removed_on_the_page_without_a_script(world, as_user, case):
    ana, path = as_user("ana"), f"/desk/cases/{case.key}"
    form = next(form for form in ana.get(f"{path}/tasks").page.forms if "text" in form.values)
    sent = {"text": WORDS, "assignee": str(world.ana.staff_id), "due": "2026-12-24", "mandatory": "y"}
    assert ana.submit(form, **sent).status_code == 303
    (task,) = world.rows(CaseTask)
    assert (task.text, task.assignee_id, task.due_on, task.mandatory) == (
        WORDS,
        world.ana.staff_id,
        dt.date(2026, 12, 24),
        True,
    )
    assert WORDS in ana.get(path).page.text and f"Task added: {WORDS}" in ana.get(f"{path}/history").page.text
    assert WORDS in ana.get("/desk/tasks").page.text
    press, chosen = f"{path}/tasks", {"task": str(task.id)}
    assert ana.post(press, data={"verb": "done", **chosen}).status_code == 303
    page = ana.get(f"{path}/tasks").page.text
    assert "done · Ana" in page and WORDS not in ana.get("/desk/tasks").page.text
    assert ana.post(press, data={"verb": "open", **chosen}).status_code == 303
    edit = next(form for form in ana.get(f"{path}/tasks?task={task.id}").page.forms if "text" in form.values)
    assert ana.submit(edit, text="Order it", mandatory=None).status_code == 303
    assert texts_of(world, case) == ["Order it"]
    assert ana.post(press, data={"verb": "remove", **chosen}).status_code == 303
    assert texts_of(world, case) == []
    assert events_of(world, case) == [
        *("task.added", "task.assigned", "task.done", "task.reopened", "task.changed", "task.removed"),
    ]


def test_a_case_with_open_mandatory_tasks_cannot_be_resolved_by_any_door(world, as_user, case):
    task = add(world, case, mandatory=True)
    add(world, case, "Nice to have")
    ana, path = as_user("ana"), f"/desk/cases/{case.key}"
    with pytest.raises(Refused, match="zebrafish"):
        resolution.resolve(world.ctx("ana"), world.reload(case), solution="Done")
    page = ana.get(f"{path}/status?set=resolved").page
    assert WORDS in page.text and f"{path}/tasks" in page.links
    for door in ("status", "reply"):
        data = {"status": "resolved", "set": "resolved", "body": "It works again.", "check": "Try it"}
        answer = ana.post(f"{path}/{door}", data=data, checked=False)
        assert answer.status_code == 422 and "zebrafish" in answer.text and "It works again." in answer.text, door
    assert world.reload(case).state == "new"
    actions.set_done(world.ctx("ana"), world.reload(case), world.row(CaseTask, task), done=True)
    resolution.resolve(world.ctx("ana"), world.reload(case), solution="Done")
    assert world.reload(case).state == "resolved"


def test_the_customer_sees_tasks_nowhere(world, as_user, case):
    add(world, case, mandatory=True)
    rita = as_user("rita")
    for path in (f"/cases/{case.key}", f"/cases/{case.key}/print", "/cases", "/search?q=zebrafish"):
        assert "zebrafish part" not in rita.get(path).text, path
    assert tasks_of(world.ctx("rita", "contact"), case.id) == []
    with pytest.raises(Forbidden):
        actions.add_task(world.ctx("rita", "contact"), case, TaskFacts("Mine"))


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"text": " "}, "Write what is to be done"),
        ({"text": "x" * 301}, "300 characters"),
        ({"text": "Call", "due": "soon"}, "Write the day like 2027-01-31"),
        ({"text": "Call", "due": "0001-01-01"}, "Write the day like 2027-01-31"),
        ({"text": "Call", "assignee": "me"}, "Choose somebody who looks after this account"),
    ],
)
def test_what_cannot_be_is_refused_and_kept(world, as_user, case, sent, said):
    answer = as_user("ana").post(f"/desk/cases/{case.key}/tasks", data=sent, checked=False)
    assert answer.status_code == 422 and said in answer.text and not world.rows(CaseTask)


def test_only_who_looks_after_the_account_can_be_given_a_task(world, case):
    """Tom looks after Globex only."""
    with pytest.raises(Refused, match="looks after"):
        add(world, case, assignee_id=world.tom.staff_id)


def test_a_merge_takes_the_open_tasks_along(world, case):
    twin = world.open_case("rita", subject="Twin", visibility="shared")
    done = add(world, twin, "Done before")
    actions.set_done(world.ctx("ana"), world.reload(twin), world.row(CaseTask, done), done=True)
    add(world, twin, "From the twin", mandatory=True)
    add(world, case, "Own")
    links.merge(world.ctx("ana"), world.reload(twin), world.reload(case))
    assert texts_of(world, case) == ["Own", "From the twin"] and texts_of(world, twin) == ["Done before"]
    with pytest.raises(Conflict):
        add(world, twin, "Late")
    with pytest.raises(Refused, match="From the twin"):
        resolution.resolve(world.ctx("ana"), world.reload(case), solution="Done")


def test_the_order_can_be_changed(world, as_user, case):
    for text in ("one", "two", "three"):
        add(world, case, text)
    last = world.rows(CaseTask, CaseTask.text == "three")[0]
    as_user("ana").post(f"/desk/cases/{case.key}/tasks", data={"verb": "up", "task": str(last.id)})
    assert texts_of(world, case) == ["one", "three", "two"]


def test_my_tasks_are_those_on_cases_that_i_see(world, case):
    add(world, case, assignee_id=world.ana.staff_id, due_on=dt.date(2026, 12, 2))
    add(world, case, "Earlier", assignee_id=world.ana.staff_id, due_on=dt.date(2026, 12, 1))
    add(world, case, "Of nobody")
    assert [task.text for task in own_tasks(world.ctx("ana", "staff"))] == ["Earlier", WORDS]
    assert own_tasks(world.ctx("tom", "staff")) == []
    world.row(Case, case).closed_at = world.system().now
    world.session.flush()
    assert own_tasks(world.ctx("ana", "staff")) == []


def test_a_task_of_another_case_cannot_be_pressed(world, as_user, case):
    other = world.open_case("gil", subject="Of Globex")
    task = actions.add_task(world.ctx("tom", "staff"), world.reload(other), TaskFacts("Theirs"))
    sent = {"verb": "done", "task": str(task.id)}
    answer = as_user("ana").post(f"/desk/cases/{case.key}/tasks", data=sent, checked=False)
    assert answer.status_code == 422 and "not on the list any more" in answer.text
    assert world.row(CaseTask, task).done_at is None


def test_a_list_has_an_end(world, case):
    for number in range(actions.MOST_TASKS):
        add(world, case, f"Task {number}")
    with pytest.raises(Refused, match="at most 50 tasks"):
        add(world, case, "One more")
