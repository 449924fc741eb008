"""Long files of people: a worker plans, imports and invites, batch by batch, while a page shows how far it is.

IMPORT_ROWS=5000 in the environment imports as many in the last test (60 by default); `-s` prints how long it took.
"""

import io
import os
import threading
import time
from collections import Counter

import pytest
from sqlalchemy.exc import OperationalError

from portal.admin import jobs as admin_jobs
from portal.identity.models import Address, User
from portal.kernel import uow
from portal.kernel.database import db
from portal.kernel.errors import Refused
from portal.kernel.events import Event
from portal.kernel.system_context import create_system_context
from portal.notifications.models import OutgoingMail
from portal.tenants.actions import import_drafts, import_work, people_import
from portal.tenants.models import Contact, ImportDraft, Organization, StaffMember
from tests.support import acting
from tests.support.mail_worker import MailWorker

QUEUE = "/desk/queue/mine"
HEAD = "Organization,Account key,Name,Email,Role"
PEOPLE = [f"Quarry,QUA,Person {n},person{n}@quarry.example,member" for n in range(1, 7)]
# The last row contradicts the first one, which another batch holds; the fourth is bad by itself.
ROWS = [
    *PEOPLE[:3],
    "Quarry,QUA,Bad,no address,",
    *PEOPLE[4:],
    "Quarry,QUA,Person 1,person1@quarry.example,coordinator",
]
FILE = "\n".join([HEAD, *ROWS])


@pytest.fixture(autouse=True)
def short_batches(monkeypatch, request):
    """Files of a few rows are long."""
    if "live" in request.fixturenames:
        return
    monkeypatch.setattr(import_drafts, "PLANNED_AT_ONCE", 3)
    monkeypatch.setattr(import_drafts, "IMPORTED_AT_ONCE", 1)
    monkeypatch.setattr(import_work, "BATCH", 2)


@pytest.fixture
def step(world):
    """`step(path)`: the worker does the next part of the import at *path*."""

    def work(path):
        def once():
            with uow.unit_of_work(db.session):
                admin_jobs.continue_import(create_system_context(world.northwind.id), path.rpartition("/")[2])
            db.session.remove()

        with acting.pause_count():
            held = acting.store_held_rows(world.session)
        acting.run_in_new_context(world.app, once)
        with acting.pause_count():
            acting.reload_held_rows(world.session, held, world.home)

    return work


def upload(browser, content=FILE):
    answer = browser.post("/admin/import", data={"file": (io.BytesIO(content.encode()), "people.csv")})
    assert answer.status_code == 303, answer.page.text
    return answer.headers["Location"]


def press(browser, path, **fields):
    return browser.submit(browser.get(path).page.form(path), **fields)


def quarry(world):
    """The people of the imported company."""
    home = world.rows(Organization, Organization.name == "Quarry")
    return world.rows(Contact, Contact.organization_id == home[0].id) if home else []


def test_a_worker_plans_and_imports_a_long_file_while_a_page_shows_how_far_it_is(
    world,
    as_user,
    step,
):
    ada = as_user("ada")
    path = upload(ada)
    page = ada.get(path).page
    assert "7 rows are being checked" in page.text
    assert "Refresh" in [link.text.strip() for link in page.first("main").all("a")], "without scripts too"
    assert "is being checked" in ada.get("/admin/import").page.text
    step(path)
    page = ada.get(path).page
    assert "What would become of each row" in page.text and "2 rows cannot be imported" in page.text
    assert "Line 2 says something else: member" in page.text and not quarry(world), "a preview writes nothing"
    assert "Rows are imported a few at a time" in page.text
    assert press(ada, path).headers["Location"] == path
    assert "It will start in a moment" in ada.get(path).page.text
    assert ada.post(path, data={}).status_code == 409, "pressed twice"
    step(path)
    part = ada.hx(path)
    assert part.status_code == 200 and not part.is_page and "2 of 7 rows" in part.page.text
    assert "is being imported" in ada.get("/admin/import").page.text and len(quarry(world)) == 2
    for _batch in range(3):
        step(path)
    assert ada.hx(path).headers["HX-Redirect"] == path
    done = ada.get(path).page.text
    assert "What became of each row" in done and "2 rows were refused" in done and len(quarry(world)) == 5
    invited = world.rows(Event, Event.name == "person.invited")
    assert {event.actor_user_id for event in invited} == {world.ada.id} and len(invited) == 5
    counts = world.rows(Event, Event.name == "people.imported")[0].facts["counts"]
    assert counts == {"made": 5, "changed": 0, "unchanged": 0, "refused": 2, "left": 0}
    step(path)
    assert len(quarry(world)) == 5, "what is done is not done again"


def test_a_stopped_import_keeps_what_is_in_and_says_what_is_not(world, as_user, step):
    ada = as_user("ada")
    path = upload(ada)
    step(path)
    press(ada, path)
    step(path)
    assert ada.get(f"{path}/stop").headers["Location"] == path
    answer = ada.submit(ada.get(path).page.form(f"{path}/stop"))
    assert answer.status_code == 303 and len(quarry(world)) == 2
    page = ada.get(path).page.text
    assert "3 rows were not imported" in page and "2 rows were refused" in page and "Not imported" in page
    step(path)
    assert len(quarry(world)) == 2, "a stopped import does not go on"
    again = upload(ada)
    step(again)
    assert "Import 3 rows" in ada.get(again).page.text
    press(ada, again)
    for _batch in range(4):
        step(again)
    assert len(quarry(world)) == 5
    assert ada.post(f"{path}/stop").headers["Location"] == path and "already finished" in ada.get(path).page.text


def test_an_import_that_was_stopped_before_it_began_can_be_started_again(world, as_user, step):
    ada = as_user("ada")
    path = upload(ada)
    step(path)
    press(ada, path)
    ada.post(f"{path}/stop")
    page = ada.get(path).page.text
    assert "Nothing was imported yet" in page and "Import 5 rows" in page
    assert press(ada, path).status_code == 303
    for _batch in range(4):
        step(path)
    assert len(quarry(world)) == 5


def test_what_changed_after_the_answer_is_asked_again(world, as_user, step):
    ada = as_user("ada")
    path = upload(ada)
    step(path)
    press(ada, path)
    as_user("pat").post(
        "/admin/accounts/new", data={"organization_name": "Other", "key": "QUA", "environment_kind": "production"}
    )
    step(path)
    page = ada.get(path).page.text
    assert (
        "nothing was imported. Look at the list again" in page and "QUA is an account of another organization" in page
    )
    assert not quarry(world)


def test_a_row_that_an_action_refuses_is_refused_alone(world, as_user, step, monkeypatch):
    add = people_import.add_contact_by_email

    def refuse_one(ctx, organization, **facts):
        contact = add(ctx, organization, **facts)
        if facts["email"].startswith("person2@"):
            raise Refused("Not this one", "email")
        return contact

    ada = as_user("ada")
    path = upload(ada)
    step(path)
    press(ada, path)
    monkeypatch.setattr(people_import, "add_contact_by_email", refuse_one)
    for _batch in range(4):
        step(path)
    page = ada.get(path).page.text
    assert "person2@quarry.example: Not this one" in page and len(quarry(world)) == 4
    assert not world.rows(User, User.name == "Person 2")


def test_a_worker_that_dies_in_a_batch_leaves_it_to_the_next_one(world, as_user, step, monkeypatch):
    ada = as_user("ada")
    path = upload(ada)
    step(path)
    press(ada, path)
    step(path)
    wrote = import_work.import_batch

    def die(ctx, rows, **facts):
        wrote(ctx, rows, **facts)
        raise OperationalError("the connection is gone", None, Exception())

    monkeypatch.setattr(import_work, "import_batch", die)
    with pytest.raises(OperationalError):
        step(path)
    assert len(quarry(world)) == 2 and "2 of 7 rows" in ada.get(path).page.text
    monkeypatch.setattr(import_work, "import_batch", wrote)
    for _batch in range(3):
        step(path)
    assert len(quarry(world)) == 5 and len(world.rows(Address, Address.email.like("person%@quarry.example"))) == 5


def test_somebody_who_may_not_import_any_more_imports_no_more(world, as_user, step):
    ada = as_user("ada")
    path = upload(ada)
    step(path)
    press(ada, path)
    step(path)
    world.rows(StaffMember, StaffMember.user_id == world.ada.id)[0].role = "agent"
    world.session.flush()
    step(path)
    draft = world.rows(ImportDraft)[0]
    assert (draft.state, len(quarry(world))) == ("done", 2)
    assert [facts["fate"] for facts in draft.fates].count("left") == 3


def test_invitations_of_many_are_sent_by_a_worker(world, as_user, step):
    ada = as_user("ada")
    path = upload(ada)
    step(path)
    form = ada.get(path).page.form(path)
    ada.post(path, data={"version": form["version"]})
    for _batch in range(4):
        step(path)
    assert "Send 5 invitations" in ada.get(path).page.text
    ada.post(f"{path}/invite")
    assert "The invitations are being sent" in ada.get(path).page.text
    assert ada.post(f"{path}/invite").status_code == 409
    step(path)
    assert "2 of 5 people" in ada.get(path).page.text
    for _batch in range(2):
        step(path)
    assert len(world.rows(Event, Event.name == "person.invited")) == 5
    assert "Send 5 invitations" not in ada.get(path).page.text


def test_nobody_else_sees_or_stops_an_import(as_user, step):
    path = upload(as_user("ada"))
    step(path)
    press(as_user("ada"), path)
    assert as_user("pat").get(path).status_code == 404
    assert as_user("pat").post(f"{path}/stop").status_code == 404
    assert as_user("lee").post(f"{path}/stop").status_code == 403
    assert "people.csv" not in as_user("pat").get("/admin/import").page.text


def test_the_command_sees_what_contradicts_a_row_of_another_batch(live, tmp_path):
    file = tmp_path / "people.csv"
    people = [f"Quarry,QUA,Person {n},person{n}@quarry.example,member" for n in range(1, import_work.BATCH + 3)]
    file.write_text("\n".join([HEAD, *people, "Quarry,QUA,Person 1,person1@quarry.example,coordinator"]))
    done = live.app.test_cli_runner().invoke(args=["import", "people", live.world.northwind.host, str(file)])
    assert done.exit_code == 3 and "Line 2 says something else: member" in done.output, done.output
    assert f"{len(people)} made, 0 changed, 0 unchanged, 1 refused." in done.output
    with live.inside() as world:
        assert len(quarry(world)) == len(people)


@pytest.mark.crash
def test_workers_killed_in_the_middle_of_a_batch_lose_and_double_no_row(live, tmp_path, monkeypatch):
    """Processes ended by SIGKILL with rows written and not committed; the next one goes on after the last batch."""
    monkeypatch.setattr(import_drafts, "IMPORTED_AT_ONCE", 1)
    ada = live.client("ada")
    rows = [f"Killed,KILL,Person {n},person{n}@killed.example,member" for n in range(8)]
    path = upload(ada, "\n".join([HEAD, *rows, rows[0].replace("member", "coordinator")]))
    assert press(ada, path).status_code == 303

    def imported():
        with live.inside() as world:
            return sorted(row.email for row in world.rows(Address, Address.email.like("person%@killed.example")))

    for batch, before in ((2, 3), (1, 3), (2, 6)):
        MailWorker(live.environment(), tmp_path, "import", stops="imported", number=batch).kill_at_its_point()
        assert len(imported()) == before
        with live.inside() as world:
            assert world.rows(ImportDraft)[0].cursor == before
    MailWorker(live.environment(), tmp_path, "import").finish()
    assert imported() == [f"person{n}@killed.example" for n in range(8)]
    with live.inside() as world:
        [home] = world.rows(Organization, Organization.name == "Killed")
        people = {row.user_id for row in world.rows(Contact, Contact.organization_id == home.id)}
        invited = [row.facts for row in world.rows(Event, Event.name == "person.invited")]
        counts = [row.facts["counts"] for row in world.rows(Event, Event.name == "people.imported")]
        invitations = Counter(row.recipient for row in world.rows(OutgoingMail) if "@killed.example" in row.recipient)
    assert len(people) == len(invited) == 8
    assert counts == [{"made": 8, "changed": 0, "unchanged": 0, "refused": 1, "left": 0}]
    assert invitations == Counter(imported())
    assert "1 row was refused" in ada.get(path).page.text


def test_a_long_file_goes_in_once_while_the_desk_answers(live):
    """A worker imports, and a queue is asked for again and again meanwhile."""
    count = int(os.environ.get("IMPORT_ROWS", "60"))
    rows = [f"Mine {n % 10},MINE{n % 10},Person {n},person{n}@mine.example,member" for n in range(count)]
    ada, ana = live.client("ada"), live.client("ana")
    begun = time.perf_counter()
    path = upload(ada, "\n".join([HEAD, *rows]))
    live.work_due()
    assert f"Import {count} rows" in ada.get(path).page.text
    planned = time.perf_counter()
    assert press(ada, path).status_code == 303

    def drain():
        while live.work_due():
            pass

    worker = threading.Thread(target=drain)
    worker.start()
    waits = []
    while worker.is_alive():
        asked = time.perf_counter()
        assert ana.get(QUEUE).status_code == 200
        waits.append(time.perf_counter() - asked)
        time.sleep(0.5)
    imported = time.perf_counter()
    assert "What became of each row" in ada.get(path).page.text
    with live.inside() as world:
        assert len(world.rows(Address, Address.email.like("person%@mine.example"))) == count
    waits.sort()
    print(
        f"{count} rows: preview {planned - begun:.1f} s, import with its mails {imported - planned:.1f} s; "
        f"a queue meanwhile: median {waits[len(waits) // 2]:.2f} s, slowest {waits[-1]:.2f} s of {len(waits)}"
    )
