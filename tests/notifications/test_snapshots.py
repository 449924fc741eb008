"""Every mail as a file to read, text and HTML, English and Polish, in `snapshots/`.

After a change of words or form run it with WRITE_SNAPSHOTS=1, look at the difference, and keep it. Times, ids and links
stand as words of ours, because they differ each time.
"""

import datetime as dt
import os
import re
from pathlib import Path

import pytest

from portal.cases.actions import conversation, desk, resolution
from portal.channels.mail.actions.mailboxes import add_mailbox
from portal.identity import actions as identity
from portal.identity.models import User
from portal.kernel.events import Event, record
from portal.notifications.models import OutgoingMail
from portal.notifications.rules import DIGEST_KIND, RULES
from portal.sla.actions import escalation
from portal.sla.actions.escalation import StepDesign
from portal.sla.models import EscalationRule
from portal.surveys import actions as surveys
from portal.surveys.queries import open_survey
from portal.tenants.actions import organizations
from portal.tenants.models import Organization
from tests.sla import cached_clocks

FOLDER = Path(__file__).parent / "snapshots"
KINDS = {rule.mail for rule in RULES if rule.mail} | {DIGEST_KIND}
_TIMES = re.compile(r"\d{1,2} \w+ \d{4}, \d\d:\d\d \([A-Z]+\)")
_IDS = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_MARKS = re.compile(r"(act|link)-[0-9a-f]{32}(-[a-z])?")
_BOUNDS = re.compile(r"\n\s*\n+")


def live(world, travel, run_outbox):
    """Make everything happen of which somebody is mailed."""

    def ana():
        return world.ctx("ana")

    case = world.open_case("cora", contact="jan", severity=1, subject="Scanner <offline>", cc=["rita@acme.example"])
    run_outbox()
    world.reply(case, "It is the one\n\non the **second** floor.", by="jan")
    desk.start(ana(), case)
    run_outbox()
    desk.redefine_severity(ana(), case, severity=2, reason="One of three works.")
    conversation.answer(ana(), case, body="Please restart it.\n\n- once\n- twice")
    slow = world.open_case("rita", severity=4, subject="A second screen")
    run_outbox()
    desk.hold(ana(), slow, reason="A part is on its way.", until=world.system().now + dt.timedelta(days=1))
    run_outbox()
    desk.ask(ana(), world.reload(case), question="Which colour is the lamp?")
    run_outbox()
    resolution.resolve(ana(), world.reload(case), solution="We restarted it.", check="Open the list again.")
    run_outbox()
    resolution.reject(world.ctx("jan", "contact"), world.reload(case), reason="Still dark.")
    run_outbox()
    resolution.resolve(ana(), world.reload(case), solution="We replaced it.")
    run_outbox()
    travel(hours=49)
    run_outbox()
    travel(hours=24)
    run_outbox()
    jan = world.ctx("jan", "contact")
    survey = open_survey(jan, world.reload(case))
    surveys.answer(jan, survey, case, answers={"q1": 1, "q2": "Three days, no word."})
    surveys.say_about_call(jan, survey, case, wanted=True, phone="+48 600 100 200")
    run_outbox()
    be_late(world, travel, run_outbox)
    be_person(world)
    run_outbox()


def be_late(world, travel, run_outbox):
    """One case that is late, then several."""
    for rule in world.rows(EscalationRule):
        rule.active = False
    world.session.flush()
    cached_clocks.travel_to(cached_clocks.TUESDAY + dt.timedelta(days=28))
    step = StepDesign(100, "notify", ["lead"])
    escalation.add_rule(world.ctx("ada"), name="Late", kinds=("first_response",), severities=(), steps=[step])
    for subjects in (["No sign-in"], ["Mails bounce", "The list is empty"]):
        for subject in subjects:
            world.open_case("rita", severity=1, subject=subject)
        travel(days=3)
        run_outbox()


def be_person(world):
    """Invitations, passwords and links."""
    identity.invite(world.ctx("olga"), world.row(User, world.jan))
    identity.ask_reset(world.system(), world.rita.email)
    identity.confirm_sign_in(world.system(), world.row(User, world.rita))
    identity.set_password(world.system(), world.row(User, world.rita), "a fresh pass phrase")
    identity.correct_address(world.ctx("ada"), world.row(User, world.rita), "rita.new@acme.example")
    acme = world.row(Organization, world.acme.organization_id)
    organizations.change_organization(world.ctx("pat"), acme, default_visibility="shared")
    ctx = world.system()
    box = add_mailbox(ctx, "paused@northwind.example")
    record(ctx, "mailbox.paused", box, address=box.address)
    ctx.provider.registration = "anyone"
    identity.ask_sign_up(ctx, name="Olek New", email="olek@elsewhere.example")


def same(text):
    """*text* without what differs from run to run."""
    return _MARKS.sub(r"\1\2", _IDS.sub("ID", _TIMES.sub("TIME", text)))


@pytest.fixture
def mails(world, travel, run_outbox, locale):
    """The first mail of each kind, event and side: name → mail."""
    ctx = world.system()
    ctx.provider.locale = locale
    for user in world.rows(User):
        user.locale = locale
    world.session.flush()
    add_mailbox(ctx, "support@northwind.example")
    live(world, travel, run_outbox)
    events = {event.id: event.name for event in world.rows(Event)}
    found = {}
    for mail in sorted(world.rows(OutgoingMail), key=lambda one: (one.recipient, one.id)):
        about = events.get(mail.event_id, "").partition(".")[2]
        name = mail.kind if mail.kind == about else f"{mail.kind}.{about}"
        found.setdefault(f"{name}.survey" if mail.token_id and mail.case_id else name, mail)
    return found


@pytest.mark.parametrize("locale", ["en", "pl"])
def test_every_mail_reads_as_it_was_looked_at(mails, locale):
    assert {mail.kind for mail in mails.values()} >= KINDS, KINDS - {mail.kind for mail in mails.values()}
    pages = {}
    for name, mail in mails.items():
        pages[f"{name}.txt"] = same(f"Subject: {mail.subject}\n\n{mail.text}")
        pages[f"{name}.html"] = _BOUNDS.sub("\n", same(mail.html)).strip() + "\n"
    folder = FOLDER / locale
    if os.environ.get("WRITE_SNAPSHOTS"):
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.iterdir():
            old.unlink()
        for name, page in pages.items():
            (folder / name).write_text(page)
    kept = {path.name: path.read_text() for path in folder.iterdir()}
    assert kept.keys() == pages.keys()
    for name, page in pages.items():
        assert page == kept[name], f"{name} differs: look at it, then WRITE_SNAPSHOTS=1"
