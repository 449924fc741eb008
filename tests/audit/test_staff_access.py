"""N12: the administrators of a client see who at the provider looked into their private cases, when and why."""

import csv
import datetime as dt
import io
from email.message import EmailMessage

import pytest
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from portal.audit import actions
from portal.audit.models import StaffAccess
from portal.audit.routes.blueprint import NOT_NOTED
from portal.cases.models import Case
from portal.channels.mail.actions.mailboxes import add_mailbox
from portal.identity.models import User
from portal.kernel import retention
from portal.tenants.actions.organizations import change_organization
from portal.tenants.models import Organization
from tests.channels.mail.test_intake import SUPPORT, Post

JOURNAL = "/org/acme/audit"


@pytest.fixture
def open_to_admins(world):
    """Acme's administrators may read private cases."""
    row = world.row(Organization, world.organizations["Acme"])
    change_organization(world.ctx("ada"), row, admins_see_private=True)


def look(browser, path):
    answer = browser.get(path, checked=False)
    answer.close()  # what was noted is stored after the answer
    return answer


def noted(world):
    """The rows of the journal, by case key, name of the person and kind."""
    rows = world.session.execute(
        select(StaffAccess, Case, User)
        .join(Case, Case.id == StaffAccess.case_id)
        .join(User, User.id == StaffAccess.user_id)
        .options(joinedload(Case.account))
        .execution_options(populate_existing=True)
    )
    return {(case.key, user.name, row.kind): row for row, case, user in rows}


def mail_of(sender, subject, text):
    """A mail whose sender the provider's own server confirmed."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, SUPPORT, subject
    mail["Authentication-Results"] = f"northwind.example; dmarc=pass header.from={sender.partition('@')[2]}"
    mail.set_content(text)
    return mail.as_bytes()


def cells(page):
    return [[cell.text for cell in row.all("td")] for row in page.all("tr") if row.all("td")]


def test_what_staff_do_with_a_private_case_is_noted_once_a_day(world, as_user, open_to_admins):
    case = world.open_case("rita", subject="Pay slip", visibility="private", staged=[world.stage().id])
    ana = as_user("ana")
    for _ in range(3):
        look(ana, f"/desk/cases/{case.key}")
    look(ana, f"/desk/cases/{case.key}/reply")
    [row] = noted(world).values()
    assert (row.kind, row.count, row.relation) == ("read", 4, "department")
    page = as_user("olga").get(JOURNAL).page
    [line] = cells(page)
    assert line[0].startswith("Pay slip") and line[1:5] == [
        world.ana.name,
        "Opened the case",
        "Works in the department of the case",
        "4",
    ]
    # The owner of the case has another reason.
    ana.post(f"/desk/cases/{case.key}/take", data={})
    look(ana, f"/desk/cases/{case.key}")
    [row] = noted(world).values()
    assert (row.relation, row.count) == ("owner", 5)


def test_a_download_and_a_look_as_the_customer_are_told_apart(world, as_user, open_to_admins):
    case = world.open_case("rita", visibility="private", staged=[world.stage().id])
    ana = as_user("ana")
    page = look(ana, f"/desk/cases/{case.key}").page
    href = next(a.get("href") for a in page.all("a") if "/attachments/" in (a.get("href") or ""))
    assert look(ana, href).status_code == 200
    ana.post(f"/desk/cases/{case.key}/as-customer", data={"reason": "Rita cannot find the answer"})
    look(ana, f"/desk/cases/{case.key}/as-customer")
    assert {kind for _key, _who, kind in noted(world)} == {"read", "file", "as_customer"}
    said = {line[2]: line[3] for line in cells(as_user("olga").get(JOURNAL).page)}
    assert said["Viewed the case as its contact sees it"] == "Rita cannot find the answer"
    assert "Downloaded files" in said


def test_shared_cases_clients_and_counts_are_not_noted(world, as_user):
    shared = world.open_case("rita", visibility="shared")
    private = world.open_case("rita", visibility="private")
    look(as_user("ana"), f"/desk/cases/{shared.key}")
    look(as_user("rita"), f"/cases/{private.key}")
    look(as_user("tom"), f"/desk/cases/{private.key}")  # not one of Tom's accounts
    look(as_user("ana"), f"/desk/queue/all?q={private.key}")
    look(as_user("ana"), f"/desk/tick?case={private.key}")
    assert not noted(world)


def test_every_page_of_a_case_on_the_desk_is_an_access(world, as_user, app):
    """A law over the URL map: a page that comes later is noted too, or is named in NOT_NOTED."""
    case = world.open_case("rita", visibility="private")
    ana, missed, seen = as_user("ana"), [], 0
    for rule in app.url_map.iter_rules():
        if "GET" in rule.methods and rule.rule.startswith("/desk/cases/") and rule.arguments == {"key"}:
            before = sum(row.count for row in noted(world).values())
            status = look(ana, rule.rule.replace("<key:key>", case.key)).status_code
            if status == 200 and rule.endpoint not in NOT_NOTED:
                seen += 1
                if sum(row.count for row in noted(world).values()) != before + 1:
                    missed.append(rule.endpoint)
    assert not missed and seen > 15


def test_the_log_of_received_mail_is_an_access_to_the_case_of_a_mail(world, as_user):
    add_mailbox(world.system(), SUPPORT)
    post = Post(world)
    row = post.take(mail_of("rita@acme.example", "The printer is dark", "It smells."), SUPPORT)
    case = post.case_of(row)
    case.visibility = "private"
    world.session.flush()
    for end in ("", "/original"):
        assert look(as_user("ada"), f"/admin/mail-log/{row.id}{end}").status_code == 200
    [entry] = noted(world).values()
    assert (entry.case_id, entry.user_id, entry.count) == (case.id, world.ada.id, 2)


def test_a_case_that_the_administrator_does_not_see_leaves_no_trace(world, as_user):
    hidden = world.open_case("rita", subject="About Olga", visibility="private")
    before = as_user("olga").get(JOURNAL).get_data()
    look(as_user("ana"), f"/desk/cases/{hidden.key}")
    assert noted(world)
    answer = as_user("olga").get(JOURNAL)
    assert "About Olga" not in answer.text and "Nobody has looked into a private case yet." in answer.text
    assert len(answer.get_data()) == len(before)
    assert hidden.key not in as_user("olga").get(f"{JOURNAL}/export").text


def test_an_excluded_administrator_finds_no_row(world, as_user, open_to_admins):
    case = world.open_case("rita", visibility="private")
    look(as_user("ana"), f"/desk/cases/{case.key}")
    assert len(cells(as_user("olga").get(JOURNAL).page)) == 1
    world.exclude(case, "olga")
    assert not cells(as_user("olga").get(JOURNAL).page)
    assert case.key not in as_user("olga").get(f"{JOURNAL}/export").text


def test_one_finds_a_row_by_name_key_and_time(world, as_user, open_to_admins, travel):
    first, second = (world.open_case("rita", subject=s, visibility="private") for s in ("First", "Second"))
    look(as_user("ana"), f"/desk/cases/{first.key}")
    travel(days=3)
    look(as_user("lee"), f"/desk/cases/{second.key}")
    olga = as_user("olga")

    def found(query):
        return [line[0].split()[0] for line in cells(olga.get(f"{JOURNAL}?{query}").page)]

    assert found("") == ["Second", "First"]
    assert found(f"q={world.ana.name.split()[0]}") == ["First"]
    assert found(f"q={second.key.lower()}") == ["Second"]
    assert found("days=1") == ["Second"]
    assert found("q=nobody") == [] and "Nothing matches." in olga.get(f"{JOURNAL}?q=nobody").text
    for hostile in ("q=%00", "days=-1", "days=x", "page=99999999999", "q=ACME-99999999999999", "q=%25_%27"):
        assert olga.get(f"{JOURNAL}?{hostile}").status_code == 200


def test_the_file_has_what_the_page_shows_and_no_formula(world, as_user, open_to_admins):
    case = world.open_case("rita", visibility="private")
    as_user("ana").post(f"/desk/cases/{case.key}/as-customer", data={"reason": "=1+1"})
    answer = as_user("olga").get(f"{JOURNAL}/export")
    assert answer.mimetype == "text/csv" and "no-store" in answer.headers["Cache-Control"]
    head, line = list(csv.reader(io.StringIO(answer.text.lstrip("\ufeff"))))
    assert head[:4] == ["case", "who", "what", "why"] and line[0] == case.key and line[3] == "'=1+1"


@pytest.mark.parametrize("who, status", [("olga", 200), ("rita", 403), ("mel", 403), ("gina", 404), ("ana", 404)])
def test_only_who_looks_after_the_people_reads_it(world, as_user, who, status):
    for end in ("", "/export", "/sign-ins", "/sign-ins/export"):
        assert as_user(who).get(f"{JOURNAL}{end}", checked=False).status_code == status


def test_rows_are_deleted_after_their_time(world, as_user, open_to_admins):
    old, new = (world.open_case("rita", visibility="private") for _ in range(2))
    for case in (old, new):
        look(as_user("ana"), f"/desk/cases/{case.key}")
    then = world.system().now - dt.timedelta(days=731)
    row = next(row for (key, _who, _kind), row in noted(world).items() if key == old.key)
    row.last_at = row.first_at = then
    world.session.flush()
    assert retention.days_of("staff_access") == 730
    assert actions.delete_old(world.system(), then + dt.timedelta(days=1), 100) == 1
    assert [key for key, _who, _kind in noted(world)] == [new.key]
