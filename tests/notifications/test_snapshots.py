"""Every mail as a file to read, text and HTML, English and Polish, in `snapshots/`.

After a change of words or form run it with WRITE_SNAPSHOTS=1, look at the difference, and keep it. Times, ids and links
stand as words of ours, because they differ each time.
"""

import datetime as dt
import os
import re
from pathlib import Path

import pytest

from portal.announcements import actions as announcements
from portal.approvals.actions import answers as approvals
from portal.calls.actions.calls import CallFacts, log_call
from portal.cases.actions import conversation, desk, resolution, workarounds
from portal.channels.mail.actions.mailboxes import add_mailbox
from portal.chat.actions import chats
from portal.chat.queries.chats import lock_chat
from portal.community.actions.moderation import approve_post
from portal.community.actions.private_cases import propose_case
from portal.community.actions.spaces import watch_space
from portal.community.actions.writing import report_post
from portal.community.models import CommunityMember
from portal.community.queries import topics as queries
from portal.identity import actions as identity
from portal.identity.models import User
from portal.kernel import ids
from portal.kernel.events import Event, record
from portal.notifications import actions
from portal.notifications.models import OutgoingMail
from portal.notifications.rules import DIGEST_KINDS, RULES, Topic
from portal.sla.actions import escalation
from portal.sla.actions.escalation import StepDesign
from portal.sla.models import EscalationRule
from portal.surveys import actions as surveys
from portal.surveys.actions.plan import change_plan
from portal.surveys.engine.invitations import SurveyTerms
from portal.surveys.queries import open_survey
from portal.tenants.actions import organizations
from portal.tenants.models import Organization
from tests.sla import cached_clocks
from tests.support import acting, community
from tests.support.announcements import write_announcement
from tests.support.chats import chatting, say
from tests.support.mail_titles import headings_of, is_title
from tests.support.received_mails import ask_account, join_organization, refuse_files, refuse_reply

FOLDER = Path(__file__).parent / "snapshots"
KINDS = {rule.mail for rule in RULES if rule.mail} | DIGEST_KINDS
REFUSED_FILES = (
    "<set>up.exe cannot be accepted. Put it in a password-free ZIP or send a link",
    "dump.zip is larger than 25 MB. Share a link in the description instead",
)
_TIMES = re.compile(r"\d{1,2} \w+ \d{4}, \d\d:\d\d \([A-Z]+\)")
_IDS = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_MARKS = re.compile(r"(act|link|code)-[0-9a-f]{32}(-[a-z])?")
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
    said = conversation.answer(ana(), world.reload(case), body="Print on the **first** floor <2b>.")
    run_outbox()
    workarounds.pin_workaround(ana(), world.reload(case), said.id)
    slow = world.open_case("rita", severity=4, subject="A second screen")
    run_outbox()
    desk.hold(ana(), slow, reason="A part is on its way.", until=world.system().now + dt.timedelta(days=1))
    run_outbox()
    asked = world.open_case("rita", severity=4, subject="A longer cable")
    desk.ask(ana(), asked, question="How long is\nthe <old> one?")
    run_outbox()
    desk.ask(ana(), world.reload(case), question="Which colour is the lamp?")
    run_outbox()
    resolution.resolve(ana(), world.reload(case), solution="We restarted it.", check="Open the list again.")
    run_outbox()
    resolution.reject(world.ctx("jan", "contact"), world.reload(case), reason="Still dark.")
    run_outbox()
    refuse_files(world, world.reload(case), "jan", *REFUSED_FILES)
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
    announce(world, travel, run_outbox)
    be_in_community(world, travel, run_outbox)
    be_late(world, travel, run_outbox)
    be_person(world)
    run_outbox()
    be_daily(world, travel, run_outbox)
    chat(world, travel, run_outbox)
    talk(world, run_outbox)
    ask_for_yes(world, travel, run_outbox)


def ask_for_yes(world, travel, run_outbox):
    """A question for a yes, asked again of the next step, reminded of, approved; others refused and expired."""
    first, second = (
        approvals.HandAsking("May we <move> it?\n\nOn **Friday**.", [world.olga.id], due_hours=hours, remind_hours=1)
        for hours in (48, 2)
    )
    for number, (wish, said) in enumerate(((first, True), (first, False), (second, None))):
        case = world.open_case("rita", severity=4, subject=f"Move <printer> {number}")
        approvals.ask_by_hand(world.ctx("ana", "staff"), case, wish)
        run_outbox()
        if said is None:
            travel(minutes=61)
            run_outbox()
            travel(minutes=60)
        else:
            reason = "" if said else "Not <before> the budget.\n\nAsk in January."
            approvals.answer(world.ctx("olga"), case, approves=said, reason=reason)
        run_outbox()


def talk(world, run_outbox):
    """A call after which the person is asked how it was."""
    change_plan(world.ctx("ada"), SurveyTerms(after_calls=True))
    case = world.open_case("mel", subject="The fax is silent", severity=4)
    log_call(world.ctx("ana"), CallFacts("in", 5, "talked"), world.reload(case), user_id=world.person("mel").id)
    run_outbox()


def chat(world, travel, run_outbox):
    """A chat in which both sides wrote, which the agent ended."""
    talk = chatting(world, text="The <b>list</b> is empty\nSince Monday.")
    say(world, talk, "Which **list**?", by="ana", side="staff")
    travel(minutes=1)
    say(world, talk, "That of invoices, all of it is gone", by="rita")
    ctx = world.ctx("ana", "staff")
    chats.end_as_agent(ctx, *lock_chat(ctx, talk.id))
    run_outbox()


def announce(world, travel, run_outbox):
    """An outage with an update and its end, planned work, and an update that is late."""
    row = write_announcement(world, "VPN <Warsaw> is down", body="Nobody can\nconnect. **Wait**.", rhythm=60)
    run_outbox()
    announcements.write_update(world.ctx("lee"), row, body="A part is <on> its way.", rhythm=60)
    run_outbox()
    travel(hours=1.1)
    run_outbox()
    announcements.end(world.ctx("lee"), row, body="It works again.")
    write_announcement(world, "A new switch", kind="maintenance")
    run_outbox()


def be_in_community(world, travel, run_outbox):
    """An answer of a customer and one of support, a text that waits, a report, a proposal, and a late topic."""
    space = community.add_space(world, "Quiet <corner>", aliased=True, due_hours=1)
    watch_space(world.ctx("lee"), space, watches=True)
    topic = community.ask(world, space, "Export <loses> commas")
    answer = community.reply(world, topic, "Choose <semicolons>.\n**Then** save.")
    for number, member in enumerate(world.rows(CommunityMember), start=123_456):
        member.number = number
    run_outbox()
    travel(hours=2)
    run_outbox()
    rita = world.ctx("rita", "contact")
    report_post(rita, queries.post(rita, answer.id, lock=True), "Advertising")
    ana = world.ctx("ana")
    propose_case(ana, queries.post(ana, queries.question_of(ana, topic).id, lock=True))
    careful = community.add_space(world, "Careful", holds_first=True)
    held = community.ask(world, careful, "My files are gone", by="rita")
    run_outbox()
    lee = world.ctx("lee")
    approve_post(lee, queries.post(lee, queries.question_of(lee, held).id, lock=True))
    run_outbox()


def be_late(world, travel, run_outbox):
    """One case that is late, then several."""
    for rule in world.rows(EscalationRule):
        rule.active = False
    world.session.flush()
    cached_clocks.travel_to(cached_clocks.TUESDAY + dt.timedelta(days=28))
    step = StepDesign(100, "notify", ["lead", "customers"])
    escalation.add_rule(world.ctx("ada"), name="Late", kinds=("first_response",), severities=(), steps=[step])
    for subjects in (["No sign-in"], ["Mails bounce", "The list is empty"]):
        for subject in subjects:
            world.open_case("rita", severity=1, subject=subject)
        travel(days=3)
        run_outbox()


def be_daily(world, travel, run_outbox):
    """What comes once a day, to a customer and to staff."""
    actions.choose_mails(world.ctx("rita", "contact"), {Topic.DAILY: True})
    actions.choose_mails(world.ctx("ana", "staff"), {Topic.OWN_CASES: True, Topic.DAILY: True})
    for subject in ("Noisy <fan>", "New keyboard"):
        case = world.open_case("rita", severity=4, subject=subject)
        desk.take(world.ctx("ana"), case)
        desk.start(world.ctx("ana"), world.reload(case))
        run_outbox()
        desk.redefine_severity(world.ctx("lee"), world.reload(case), severity=3, reason="More people")
        world.answer(world.reload(case))
        world.reply(world.reload(case))
        run_outbox()
    travel(days=1)
    run_outbox()


def be_person(world):
    """Invitations, passwords and links."""
    identity.invite(world.ctx("olga"), world.row(User, world.jan))
    identity.ask_reset(world.system(), world.rita.email)
    person = world.row(User, world.rita)
    identity.confirm_sign_in(world.system(), person)
    identity.send_sign_in_code(world.system(), person, ids.new_id())
    rita = world.ctx("rita", "contact")
    rita.ip = "203.0.113.7"
    identity.start_session(rita, person)
    identity.start_session(rita, person, user_agent="Mozilla/5.0 (X11; Linux) Firefox/140.0", in_new_browser=True)
    record(rita, "person.factor_added", person, factor="app", name="")
    record(rita, "person.factor_removed", person, factor="passkey", name="Laptop <work>")
    record(rita, "person.recovery_codes_made", person)
    record(rita, "person.recovery_code_used", person, left=9)
    record(rita, "person.codes_failed", person)
    record(world.ctx("ada"), "person.factors_reset", person)
    identity.set_password(world.system(), world.row(User, world.rita), "a fresh pass phrase")
    identity.correct_address(world.ctx("ada"), world.row(User, world.rita), "rita.new@acme.example")
    acme = world.row(Organization, world.acme.organization_id)
    organizations.change_organization(world.ctx("pat"), acme, default_visibility="shared")
    ctx = world.system()
    box = add_mailbox(ctx, "paused@northwind.example")
    record(ctx, "mailbox.paused", box, address=box.address, failure="unreachable")
    record(ctx, "sending.paused", ctx.provider, address=box.address, failure="password", words="535 5.7.8 No")
    join_organization(world, "cora")
    ask_account(world, "cora")
    refuse_reply(world, "rita")
    for place in (world.acme.organization_id, None):
        newcomer = acting.add_newcomer(ctx.provider_id, "Nina <Newcomer>")
        row = acting.register(ctx.provider_id, newcomer.id, place)
        record(ctx, "registration.asked", row, user=str(newcomer.id), name=newcomer.name)
    row.user_id, row.answer = world.rita.id, "Please ask <Ola>\nfirst."
    record(world.ctx("ada"), "person.let_in", world.row(User, world.rita), organization="Acme")
    record(world.ctx("ada"), "person.not_let_in", world.row(User, world.rita))
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


@pytest.mark.parametrize("locale", ["en", "pl"])
def test_titles_have_no_full_stop_and_stand_alone_in_the_text(locale):
    """A title is one sentence without a full stop; what else there is to say stands below it, in both forms."""
    pages = sorted((FOLDER / locale).glob("*.html"))
    assert {page.name.split(".")[0] for page in pages} == KINDS
    for page in pages:
        subject, *lines = (" ".join(line.split()) for line in page.with_suffix(".txt").read_text().splitlines())
        headings = headings_of(page.read_text())
        assert len(headings) == 1, page.name
        assert all(is_title(title) for title in (subject.removeprefix("Subject: "), *headings)), (page.name, headings)
        where = lines.index(headings[0])
        assert not lines[where - 1] and not lines[where + 1], f"{page.name}: the title has no lines of its own"
