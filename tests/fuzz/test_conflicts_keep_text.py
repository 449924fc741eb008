"""Every form of the product under conflict: its object changes between GET and POST, and no text is lost.

The forms are found on the URL map (tests/support/crawler.py). What can become of a case stands in CHANGES, what can
become of everything else (archived, renamed, no longer one's own) in MEANWHILE. A new form with a text field is covered
without a line here; a new kind of object that can change needs a line.
"""

import html
from collections import Counter

import pytest
import sqlalchemy as sql

from portal.cases.actions import conversation, desk, links, people, reopening, resolution
from portal.cases.models import Case, RequestType, SeverityLevel
from portal.kernel import clock
from portal.kernel.actor import Side
from portal.kernel.database import Tenancy, bind, db
from portal.kernel.errors import PortalError
from portal.kernel.events import Event
from portal.sla.models import EscalationRule, SlaCalendar, SlaClock, SlaPolicy
from portal.surveys.models import Survey
from portal.tenants.models import (
    Account,
    Contact,
    ContactAccess,
    Department,
    Environment,
    Organization,
    Service,
    StaffMember,
)
from tests.support import crawler
from tests.support.crawler import find_form

pytestmark = pytest.mark.slow

TYPED = "Typed words of {name} ąß & <co>"
ONE_WORD = "打印机坏了{name}"


def case_of(sandbox, found_form):
    """The case that the address names; None for other objects."""
    parts = found_form.path.split("/")
    if "cases" not in parts or len(parts) < parts.index("cases") + 3:
        return None
    account_key, _dash, number = parts[parts.index("cases") + 1].rpartition("-")
    account = sandbox.world.accounts.get(account_key)
    of_account = [c for c in sandbox.world.rows(Case) if account is not None and c.account_id == account.id]
    found = next((c for c in of_account if c.number == int(number)), None)
    return found and sandbox.world.reload(found)


def merge_away(world, case):
    links.merge(world.ctx("ana"), case, world.case_in("open", by="rita", visibility="shared"))


# What somebody else does to a case while a form about it is open.
CHANGES = {
    "reopened": lambda world, case: reopening.reopen(world.ctx("ana"), case, reason="Not yet"),
    "resolved": lambda world, case: resolution.resolve(world.ctx("ana"), case, solution="Done", check="Look"),
    "closed": lambda world, case: resolution.close(world.ctx("ana"), case, reason="Twice"),
    "merged": merge_away,
    "taken": lambda world, case: desk.assign(world.ctx("ana"), case, owner_id=world.lee.staff_id, department_id=None),
    "answered": lambda world, case: conversation.answer(world.ctx("ana"), case, body="An answer meanwhile"),
    "hidden": lambda world, case: people.exclude(world.ctx("ada"), case, world.rita.id),
}


# Fields that belong to one choice of another field, which the form as it is found does not make.
OF_OTHER_CHOICES = {
    "/reply": ("reason", "check"),
    "/desk/help/new": ("organizations",),
    # A field of own forms that is asked by another answer only, and the answers of a kind that has some to choose from.
    "/answers": ("own_papers",),
    "/fields/plate": ("choices_en", "choices_pl"),
}


def texts_of(found_form):
    """The names of fields that a person writes into."""
    other = [name for end, names in OF_OTHER_CHOICES.items() if found_form.path.endswith(end) for name in names]
    unfit = ("cc", *other)
    return [n for n in found_form.texts() if "password" not in n and "email" not in n and n not in unfit]


def is_kept(sandbox, answer, text):
    """Whether *text* stands on the page, or was stored."""
    if text in html.unescape(answer.get_data(as_text=True)):
        return True
    return answer.status_code == 303 and any(text in str(row) for row in everything_written(sandbox))


def everything_written(sandbox):
    """Every text that the forms of cases can store: messages, events, cases."""
    world = sandbox.world
    yield from (m.body for case in world.rows(Case) for m in world.messages_of(case))
    yield from (f"{c.subject} {c.description}" for c in world.rows(Case))
    yield from (str(e.facts) for e in world.rows(Event))


def test_no_form_about_a_case_loses_text_when_the_case_changes(sandbox, found_forms):
    wrong, tried, conflicts = [], 0, 0
    for found_form in found_forms:
        names = texts_of(found_form)
        if not names or case_of(sandbox, found_form) is None:
            continue
        for change, act in CHANGES.items():
            with sandbox.undone():
                case = case_of(sandbox, found_form)
                try:
                    act(sandbox.world, case)
                    db.session.commit()
                except PortalError:
                    db.session.rollback()
                    continue  # the case is not in a state in which this can happen to it
                typed = {name: TYPED.format(name=name) for name in names}
                data = {k: v for k, v in found_form.form.filled().items() if k != "csrf_token"} | typed
                answer = sandbox.post(found_form, data)
                tried += 1
                conflicts += answer.status_code == 409
                lost = [name for name, text in typed.items() if not is_kept(sandbox, answer, text)]
                if lost:
                    wrong.append(f"{found_form} while it was {change}: {answer.status_code} loses {lost}")
    assert not wrong, "\n".join(wrong)
    assert tried > 60 and conflicts > 5


def archive(world):
    """Everything that can be put out of use is, every survey answered and every promise kept; only the senders of the
    forms stay."""
    for model in (Organization, Department, RequestType, Environment, EscalationRule):
        for row in world.rows(model):
            row.active = False
    for model in (SlaPolicy, SlaCalendar):
        for row in world.rows(model):
            row.archived = True
    for contact in world.rows(Contact, Contact.user_id != world.rita.id, Contact.user_id != world.olga.id):
        contact.active = False
    senders = [world.person(who).id for who in crawler.WHO["desk"]]
    for member in world.rows(StaffMember, StaffMember.user_id.not_in(senders)):
        member.active = False
    for account in world.rows(Account):
        account.suspended = "Closed for now"
    for survey in world.rows(Survey, Survey.answered_at.is_(None)):
        survey.answered_at = clock.now()
    for promise in world.rows(SlaClock, SlaClock.state == "running"):
        promise.state = "stopped"


def rename(world):
    """Everything that has a name has another one."""
    models = (Organization, Account, Department, RequestType, Service, Environment, EscalationRule, SlaPolicy)
    for model in (*models, SlaCalendar, SeverityLevel):
        for row in world.rows(model):
            row.name = f"{row.name} anew"
            if model in (Organization, Account, RequestType, EscalationRule):
                row.version += 1


def take_away(world):
    """What somebody may do is over: every contact loses their access rows, every member of staff but one their role."""
    for row in world.rows(ContactAccess):
        row.role = "requester"
    for member in world.rows(StaffMember, StaffMember.user_id != world.ada.id):
        member.role = "auditor"


def end_access(world):
    """The senders belong nowhere any more."""
    for model in (Contact, StaffMember):
        for row in world.rows(model):
            row.active = False


# Fields that belong to a choice which the form as it is found does not make: sent with it, they mean nothing.
UNCHOSEN = {
    "/accounts/ACME": ("suspended",),
    "/severity/question": tuple(f"name_{n}" for n in range(1, 6)),
    "/questions/q1": ("choices_en", "choices_pl"),
    "/questions/new": ("choices_en", "choices_pl"),
    "/escalate": ("keep_reason",),
}
# What somebody else does to everything but cases while a form is open.
MEANWHILE = {
    "archived": archive,
    "renamed": rename,
    "taken away": take_away,
    "over for its sender": end_access,
}


def find_stored(sandbox, texts):
    """Those of *texts* that stand in a row that was written."""
    tables = sandbox.changed() - {"search_documents", "search_notes"}
    bind(db.session, Tenancy(sandbox.world.northwind.id, side=Side.SYSTEM))
    rows = [row for table in sorted(tables) for row in db.session.scalars(sql.text(f"SELECT t::text FROM {table} t"))]
    return {text for text in texts if any(text in row for row in rows)}


def written_texts(found_form):
    """The fields that people write sentences and names into, with what they write: valid, wherever words are."""
    filled = found_form.form.filled()
    long = {e.get("name") for e in found_form.form.element.all("textarea")}
    words = ("name", "text", "title", "sentence", "subject", "reason", "body", "note", "suspended", "welcome")
    other = [name for end, names in UNCHOSEN.items() if found_form.path.endswith(end) for name in names]
    return {
        name: f"Typed {number} ąß & co"
        for number, name in enumerate(texts_of(found_form))
        if name not in other
        and (name in long or any(word in name for word in words) or " " in str(filled.get(name, "")))
    }


@pytest.mark.parametrize("change", MEANWHILE)
def test_no_form_loses_text_when_what_it_is_about_changes(sandbox, found_forms, change):
    """The administration, surveys, one's own organization, sharing, updates: the text is on the answer, or stored."""
    wrong, statuses = [], Counter()
    with sandbox.undone():
        sandbox.world.system()
        MEANWHILE[change](sandbox.world)
        db.session.commit()
        for found_form in found_forms:
            typed = written_texts(found_form)
            if not typed or found_form.who == "nobody":
                continue
            with sandbox.undone():
                data = {k: v for k, v in found_form.form.filled().items() if k != "csrf_token"} | typed
                answer = sandbox.post(found_form, data)
                statuses[answer.status_code] += 1
                shown = html.unescape(answer.get_data(as_text=True))
                absent = {name: text for name, text in typed.items() if text not in shown}
                stored = find_stored(sandbox, absent.values()) if absent else ()
                lost = [name for name, text in absent.items() if text not in stored]
                if lost:
                    wrong.append(f"{found_form} {change}: {answer.status_code} loses {lost}")
    assert not wrong, "\n".join(wrong)
    assert sum(statuses.values()) > 40 and len(statuses) > 1


def test_no_form_with_a_version_loses_text_when_somebody_else_was_faster(sandbox, found_forms):
    """The form was drawn from an older version: 409, the sentence, the text, and a second press keeps one's own."""
    wrong, conflicts = [], 0
    for found_form in found_forms:
        names = texts_of(found_form)
        if not names or not found_form.form["version"]:
            continue
        with sandbox.undone():
            typed = {name: TYPED.format(name=name)[:40].strip() for name in names}
            data = {k: v for k, v in found_form.form.filled().items() if k != "csrf_token"} | typed
            answer = sandbox.post(found_form, {**data, "version": "older"})
            conflicts += answer.status_code == 409
            shown = html.unescape(answer.get_data(as_text=True))
            lost = [name for name, text in typed.items() if text not in shown]
            if lost and answer.status_code != 303:
                wrong.append(f"{found_form}: {answer.status_code} loses {lost}")
            if answer.status_code == 409 and find_form(answer.page, found_form.path) is None:
                wrong.append(f"{found_form}: the form did not come back")
    assert not wrong, "\n".join(wrong)
    assert conflicts > 10


def test_no_form_loses_text_when_its_object_is_gone(sandbox, found_forms):
    """Somebody took the object away, or the person's right to it: the error page shows the text, also one without
    blanks."""
    wrong, tried = [], 0
    for found_form in found_forms:
        names = texts_of(found_form)
        gone = crawler.address_of_nothing(found_form.path)
        if not names or gone == found_form.path or found_form.who == "nobody":
            continue
        with sandbox.undone():
            typed = {name: ONE_WORD.format(name=name) for name in names}
            answer = sandbox.browsers[found_form.who].post(gone, data=typed, checked=False)
            tried += 1
            if answer.status_code not in (404, 410):
                continue
            lost = [t for t in typed.values() if t not in html.unescape(answer.get_data(as_text=True))]
            if lost:
                wrong.append(f"{found_form}: {answer.status_code} loses {lost}")
    assert not wrong, "\n".join(wrong)
    assert tried > 20
