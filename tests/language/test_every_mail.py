"""Every mail in a language made on the fly: no English is left but what people wrote."""

import datetime as dt
import re

import pytest

from portal.approvals.actions.answers import HandAsking, answer, ask_by_hand
from portal.calls.actions.calls import CallFacts, log_call
from portal.cases.actions import conversation, desk, resolution, workarounds
from portal.channels.mail.actions.mailboxes import add_mailbox
from portal.chat.actions import chats
from portal.chat.queries.chats import lock_chat
from portal.community.actions.spaces import watch_space
from portal.identity import actions as identity
from portal.identity.models import User
from portal.kernel import ids
from portal.kernel.events import record
from portal.notifications.models import OutgoingMail
from portal.notifications.rules import RULES
from portal.surveys.actions.plan import change_plan
from portal.surveys.engine.invitations import SurveyTerms
from portal.tenants.actions import organizations
from portal.tenants.models import Organization
from tests.language import pseudo
from tests.language.conftest import written
from tests.support import acting, community
from tests.support.announcements import write_announcement
from tests.support.chats import chatting
from tests.support.received_mails import ask_account, join_organization, refuse_files, refuse_reply

# The mails to staff about promises and surveys are looked at with their features.
KINDS = {rule.mail for rule in RULES if rule.mail} - {"alarm", "low_score", "call_asked"}


@pytest.fixture
def mails(world, run_outbox, travel, pseudo_language):
    """One mail of each kind."""
    case = world.open_case("cora", contact="jan", severity=1, cc=["rita@acme.example"])
    world.reply(case, "Ω?", by="jan")
    run_outbox()  # staff are mailed about emergencies
    desk.redefine_severity(world.ctx("ana"), case, severity=2, reason="Ω.")
    desk.hold(world.ctx("ana"), case, reason="Ω.", until=world.system().now + dt.timedelta(days=1))
    conversation.answer(world.ctx("ana"), case, body="Ω?")
    said = conversation.answer(world.ctx("ana"), case, body="Ω.")
    workarounds.pin_workaround(world.ctx("ana"), case, said.id)
    desk.ask(world.ctx("ana"), case, question="Ω?")
    resolution.resolve(world.ctx("ana"), case, solution="Ω.", check="Ω.")
    run_outbox()
    waiting = world.open_case("rita", severity=4)
    desk.ask(world.ctx("ana"), waiting, question="Ω?")
    travel(hours=49)
    run_outbox()
    travel(hours=24)
    run_outbox()
    identity.invite(world.ctx("olga"), world.row(User, world.jan))
    identity.ask_reset(world.system(), world.rita.email)
    person = world.row(User, world.rita)
    identity.confirm_sign_in(world.system(), person)
    identity.send_sign_in_code(world.system(), person, ids.new_id())
    rita = world.ctx("rita", "contact")
    rita.ip = "203.0.113.7"
    identity.start_session(rita, person)
    identity.start_session(rita, person, user_agent="", in_new_browser=True)
    record(rita, "person.factor_added", person, factor="app", name="")
    record(rita, "person.factor_removed", person, factor="passkey", name="Ω")
    record(rita, "person.recovery_codes_made", person)
    record(rita, "person.recovery_code_used", person, left=9)
    record(rita, "person.codes_failed", person)
    record(world.ctx("ada"), "person.factors_reset", person)
    identity.correct_address(world.ctx("ada"), world.row(User, world.mel), "omega.mel@acme.example")
    write_announcement(world, "Ω", body="Ω.", rhythm=60)
    space = community.add_space(world, "Ω", aliased=True, due_hours=1)
    watch_space(world.ctx("lee"), space, watches=True)
    community.reply(world, community.ask(world, space, "Ω", body="Ω."), "Ω.")
    change_plan(world.ctx("ada"), SurveyTerms(after_calls=True))
    talked = world.open_case("mel", severity=4)
    log_call(world.ctx("ana"), CallFacts("in", 5, "talked"), talked, user_id=world.person("mel").id)
    chat = chatting(world, text="Ω")
    omega = world.ctx("rita", "contact")
    chats.end_as_contact(omega, *lock_chat(omega, chat.id))
    travel(hours=1.1)
    run_outbox()
    acme = world.row(Organization, world.acme.organization_id)
    organizations.change_organization(world.ctx("pat"), acme, default_visibility="shared")
    ctx = world.system()
    box = add_mailbox(ctx, "support@northwind.example")
    join_organization(world, "cora")
    ask_account(world, "cora")
    refuse_reply(world, "rita")
    refuse_files(world, world.reload(waiting), "rita", "Ω.")
    facts = {"late": [[kind, ctx.now.isoformat()] for kind in ("first_response", "next_update", "resolution")]}
    record(ctx, "sla.late", world.reload(waiting), case=world.reload(waiting), **facts)
    record(ctx, "mailbox.paused", box, address=box.address, failure="password")
    record(ctx, "sending.paused", ctx.provider, address="", failure="password")
    for place in (world.acme.organization_id, None):
        newcomer = acting.add_newcomer(ctx.provider_id, "Ω Ω")
        row = acting.register(ctx.provider_id, newcomer.id, place)
        record(ctx, "registration.asked", row, user=str(newcomer.id), name=newcomer.name)
    row.user_id, row.answer = world.rita.id, "Ω"
    record(world.ctx("ada"), "person.let_in", world.row(User, world.rita), organization="Ω")
    record(world.ctx("ada"), "person.not_let_in", world.row(User, world.rita))
    for said in (True, False, None):
        asked = world.open_case("rita", severity=4)
        wish = HandAsking("Ω?", [world.olga.id], due_hours=2, remind_hours=1)
        ask_by_hand(world.ctx("ana", "staff"), asked, wish)
        run_outbox()
        if said is None:
            travel(minutes=61)
            run_outbox()
            travel(minutes=60)
        else:
            answer(world.ctx("olga"), asked, approves=said, reason="" if said else "Ω.")
        run_outbox()
    ctx = world.system()
    ctx.provider.registration = "anyone"
    identity.ask_sign_up(ctx, name="Ω Ω", email="omega@elsewhere.example")
    run_outbox()
    return world.rows(OutgoingMail)


@pytest.mark.check(50, "0 words in every mail")
def test_no_english_is_left_in_a_mail(world, mails):
    data = pseudo.Data(set(written(world.northwind.id)) - {m.subject for m in mails} - {m.text for m in mails})
    seen = {mail.kind for mail in mails}
    assert seen >= KINDS - {"password_set"}, KINDS - seen
    left = {}
    for mail in mails:
        lines = [mail.subject, *mail.text.splitlines(), *re.sub(r"<[^>]*>", "\n", mail.html).splitlines()]
        for line in lines:
            if english := data.english_in(line):
                left[english] = mail.kind
    assert not left, left
