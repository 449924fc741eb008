"""Each row of the table "who is told what" once: through the outbox to the bell and to a real mail server.

A history makes its event happen and says who stands for each audience. Emergencies, so that staff are mailed too.
"""

import datetime as dt
import socket

import pytest
from aiosmtpd.controller import Controller

from portal.announcements import actions as announcements
from portal.approvals.actions import answers as approvals
from portal.approvals.actions.answers import HandAsking
from portal.approvals.jobs import look_at_request
from portal.approvals.queries.requests import latest_request
from portal.calls.actions.call_backs import remind
from portal.calls.actions.calls import CallFacts, log_call
from portal.calls.queries.call_backs import call_back
from portal.cases.actions import (
    conversation,
    customer_views,
    desk,
    details,
    joins,
    links,
    people,
    resolution,
    workarounds,
)
from portal.cases.actions.delayed_replies import send_when_due
from portal.cases.actions.mentions import mark_public_mentions, read_mentions
from portal.cases.actions.reopening import reopen
from portal.cases.models import Case, RequestType
from portal.channels.mail.actions.mailboxes import add_mailbox
from portal.chat.actions import chats
from portal.chat.queries.chats import lock_chat
from portal.community.actions.spaces import watch_space
from portal.community.actions.writing import report_post, set_follow
from portal.community.queries import topics as queries
from portal.identity import actions as identity
from portal.identity.models import User
from portal.kernel.events import record
from portal.kernel.ids import new_id
from portal.notifications import mail_sink
from portal.notifications.models import MailChoice, Notification, OutgoingMail
from portal.notifications.rules import BY_EVENT, RULES, Mailing
from portal.snoozes import actions as snoozes
from portal.snoozes.models import CaseSnooze
from portal.surveys import actions as surveys
from portal.surveys.actions import follow_ups
from portal.surveys.actions.plan import change_plan
from portal.surveys.engine.invitations import SurveyTerms
from portal.surveys.queries import open_survey
from portal.tasks import actions as task_actions
from portal.tasks.actions import TaskFacts
from portal.tenants.actions import contacts, organizations
from portal.tenants.models import Contact, Organization
from tests.support import acting, community
from tests.support.announcements import write_announcement
from tests.support.chats import chatting, open_chat_hours, say, start_chat, take_chats_as
from tests.support.delayed_replies import leave_delayed_reply
from tests.support.hotlines import add_call_back, make_hotline
from tests.support.mail_titles import headings_of, is_title
from tests.support.received_mails import ask_account, join_organization, refuse_files, refuse_reply


@pytest.fixture
def sink(world, tmp_path, monkeypatch):
    """The installation's mail server is a running sink; this is its folder."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(mail_sink.SinkHandler(tmp_path), hostname="127.0.0.1", port=port, enable_SMTPUTF8=True)
    controller.start()
    monkeypatch.setattr(world.app.config["PARLEY"], "smtp_url", f"smtp://127.0.0.1:{port}")
    yield tmp_path
    controller.stop()


CUSTOMERS = {"contact": "jan", "reporter": "cora", "copied": "rita", "follower": "mel"}
OWNERS = {"owner": "ana", "staff_follower": "lee"}


def crowded(world, *, owned=True, severity=1):
    """A case of Cora for Jan, with Rita in copy and Mel following; Ana owns it and Lee follows it."""
    case = world.open_case("cora", contact="jan", severity=severity, visibility="shared", cc=["rita@acme.example"])
    people.subscribe(world.ctx("mel", "contact"), case, "follow")
    if owned:
        desk.take(world.ctx("ana"), case)
        people.subscribe(world.ctx("lee"), case, "follow")
    return world.reload(case)


def resolved(world, **how):
    case = crowded(world, **how)
    resolution.resolve(world.ctx("ada"), case, solution="Restarted", check="Look")
    return world.reload(case)


def submitted(world, travel):
    return world.open_case("cora", contact="jan", severity=1)


def routed(world, travel):
    case = crowded(world, owned=False)
    desk.assign(world.ctx("ada"), case, owner_id=None, department_id=world.departments["infrastructure"].id)
    return case


def assigned(world, travel):
    case = crowded(world, owned=False)
    desk.assign(world.ctx("ada"), case, owner_id=world.ana.staff_id, department_id=None)
    return case


def unassigned(world, travel):
    case = crowded(world)
    desk.assign(world.ctx("ada"), case, owner_id=None, department_id=case.department_id)
    return case


def handed_on(world, travel):
    case = crowded(world)
    desk.assign(world.ctx("ada"), case, owner_id=world.lee.staff_id, department_id=case.department_id)
    return case


def taken_over(world, travel):
    case = crowded(world)
    desk.take(world.ctx("lee"), case)
    return case


def answered(world, travel):
    case = crowded(world)
    world.answer(case, by="ada")
    return case


def asked(world, travel):
    case = crowded(world)
    desk.ask(world.ctx("ada"), case, question="Which one?")
    return case


def reminded(world, travel):
    case = asked(world, travel)
    travel(days=3, minutes=1)
    return case


def task_given(world, travel):
    case = crowded(world)
    task_actions.add_task(world.ctx("ada"), case, TaskFacts("Order it", assignee_id=world.lee.staff_id))
    return case


def reply_not_sent(world, travel):
    case = crowded(world)
    # A question without words is refused when its time has come.
    send_when_due(world.system(), leave_delayed_reply(world.system(), case, world.ana, "", status="waiting"))
    return case


def snooze_over(world, travel):
    case, ctx = crowded(world), world.ctx("lee")
    snoozes.snooze(ctx, case, ctx.now + dt.timedelta(hours=1))
    travel(hours=2)
    (row,) = world.rows(CaseSnooze, CaseSnooze.case_id == case.id)
    snoozes.wake_due(world.system(), row.id)
    return case


def proposed(world, travel):
    case = asked(world, travel)
    travel(days=14, minutes=1)
    return case


def proposed_unowned(world, travel):
    case = asked(world, travel)
    desk.assign(world.ctx("ada"), case, owner_id=None, department_id=case.department_id)
    travel(days=14, minutes=1)
    return case


def started(world, travel):
    case = crowded(world)
    desk.start(world.ctx("ada"), case)
    return case


def held(world, travel):
    case = crowded(world)
    desk.hold(world.ctx("ada"), case, reason="The vendor", until=world.system().now + dt.timedelta(days=1))
    return case


def woken(world, travel):
    case = held(world, travel)
    travel(days=1, minutes=1)
    return case


def woken_unowned(world, travel):
    case = crowded(world, owned=False)
    desk.hold(world.ctx("ada"), case, reason="The vendor", until=world.system().now + dt.timedelta(days=1))
    travel(days=1, minutes=1)
    return case


def raised(world, travel):
    case = crowded(world, severity=2)
    desk.redefine_severity(world.ctx("ada"), case, severity=1, reason="All are down")
    return case


def raised_unowned(world, travel):
    case = crowded(world, severity=2, owned=False)
    desk.redefine_severity(world.ctx("ada"), case, severity=1, reason="All are down")
    return case


def worked_around(world, travel):
    case = crowded(world)
    said = conversation.answer(world.ctx("ada"), case, body="Export by hand")
    workarounds.pin_workaround(world.ctx("ada"), world.reload(case), said.id)
    return case


def joined(world, travel):
    case = crowded(world)
    joins.join(world.ctx("olga", "contact"), case, environment_id=None, impact="Nobody can work")
    return case


def joined_unowned(world, travel):
    case = crowded(world, owned=False)
    joins.join(world.ctx("olga", "contact"), case, environment_id=None, impact="Nobody can work")
    return case


def confirmed(world, travel):
    case = joined(world, travel)
    resolution.resolve(world.ctx("ada"), world.reload(case), solution="Restarted")
    resolution.accept(world.ctx("jan", "contact"), world.reload(case))
    return case


def solved(world, travel):
    return resolved(world)


def closing_soon(world, travel):
    case = resolved(world)
    travel(hours=49)
    return case


def closing_soon_for_joined(world, travel):
    case = joined(world, travel)
    resolution.resolve(world.ctx("ada"), world.reload(case), solution="Restarted")
    travel(hours=49)
    return case


def auto_closed(world, travel):
    case = resolved(world)
    travel(hours=73)
    return case


def accepted(world, travel):
    case = resolved(world)
    resolution.accept(world.ctx("olga"), case)
    return case


def closed(world, travel):
    case = crowded(world)
    resolution.close(world.ctx("ada"), case)
    return case


def replied(world, travel):
    return world.reply(crowded(world), by="olga")


def replied_unowned(world, travel):
    return world.reply(crowded(world, owned=False), by="olga")


def rejected(world, travel):
    case = resolved(world)
    resolution.reject(world.ctx("olga"), case, reason="No")
    return case


def rejected_unowned(world, travel):
    case = resolved(world, owned=False)
    resolution.reject(world.ctx("olga"), case, reason="No")
    return case


def rejected_twice(world, travel):
    case = rejected(world, travel)
    people.subscribe(world.ctx("lee"), case, "")
    resolution.resolve(world.ctx("ada"), world.reload(case), solution="Again", check="Look")
    resolution.reject(world.ctx("olga"), world.reload(case), reason="Still no")
    return case


def reopened(world, travel):
    case = resolved(world)
    reopen(world.ctx("olga"), case, reason="It is back")
    return case


def reopened_unowned(world, travel):
    case = resolved(world, owned=False)
    reopen(world.ctx("olga"), case, reason="It is back")
    return case


def added(world, travel):
    case = world.open_case("rita")
    world.put_in_copy(case, "mel@acme.example")
    return case


def give_to(world, case, who):
    """*who* becomes the contact of *case*."""
    details.edit(
        world.ctx("ada"),
        case,
        subject=case.subject,
        request_type=world.row(RequestType, case.request_type_id),
        contact_id=world.person(who).contact_id,
        environment_id=None,
        department_id=None,
    )
    return case


def edited(world, travel):
    return give_to(world, world.open_case("cora", contact="jan", severity=1), "rita")


def edited_owned(world, travel):
    return give_to(world, crowded(world), "cora")


def looked_at_as_customer(world, travel):
    case = crowded(world)
    customer_views.start_customer_view(world.ctx("ana"), case, "To see the last answer")
    return case


def contact_left(world, travel):
    case = crowded(world)
    contacts.end_contact(world.ctx("ada"), world.row(Contact, world.jan.contact_id))
    return case


def contact_left_unowned(world, travel):
    case = crowded(world, owned=False)
    contacts.end_contact(world.ctx("olga"), world.row(Contact, world.jan.contact_id))
    return case


def cases_left(world, travel):
    crowded(world)
    contacts.end_contact(world.system(), world.row(Contact, world.jan.contact_id))


def merged(world, travel):
    case = crowded(world)
    links.merge(world.ctx("ada"), case, world.open_case("olga"))
    return case


def noted(world, travel):
    case = crowded(world)
    world.note(case, by="ada")
    return case


def noted_with_a_name(world, travel):
    case = crowded(world)
    body = f"@{world.person('lee').name}, look at this"
    called = read_mentions(world.ctx("ada"), case, body)
    conversation.note(world.ctx("ada"), case, body=body, mentions=called.found)
    return case


def answered_with_names(world, travel):
    case, ctx = crowded(world), world.ctx("ada")
    contact, owner = world.person("jan").name, world.person("ana").name
    conversation.answer(ctx, case, body=f"@{contact} and @{owner}, look at this")
    mark_public_mentions(ctx, case)
    return case


def asked_with_a_name(world, travel):
    case, ctx = crowded(world), world.ctx("ada")
    desk.ask(ctx, case, question=f"Which one? @{world.person('ana').name} knows more")
    mark_public_mentions(ctx, case)
    return case


def resolved_with_a_name(world, travel):
    case, ctx = crowded(world), world.ctx("ada")
    resolution.resolve(ctx, case, solution=f"@{world.person('ana').name} replaced it")
    mark_public_mentions(ctx, case)
    return case


def replied_with_names(world, travel):
    case, ctx = crowded(world), world.ctx("cora")
    contact, owner = world.person("jan").name, world.person("ana").name
    conversation.reply(ctx, case, body=f"@{contact} and @{owner}, look at this")
    mark_public_mentions(ctx, case)
    return case


def escalated(world, travel):
    case = crowded(world)
    desk.escalate(world.ctx("ada"), case, tier=2, note="Deep", keep_owner="Ana knows the client")
    return case


def escalated_to_a_tier(world, travel):
    case = crowded(world)
    people.subscribe(world.ctx("lee"), case, "")
    desk.escalate(world.ctx("ada"), case, tier=3, note="Deep")
    return case


def low_score(world, travel):
    case = world.case_in("closed")
    ctx = world.ctx("rita", "contact")
    surveys.answer(ctx, open_survey(ctx, case), case, answers={"q1": 1})
    return case


def call_asked(world, travel):
    case = world.case_in("closed")
    ctx = world.ctx("rita", "contact")
    survey = open_survey(ctx, case)
    surveys.answer(ctx, survey, case, answers={"q1": 1})
    record(ctx, "survey.call_asked", survey, case=case)
    return case


def call_asked_of_the_follower_up(world, travel):
    case = world.case_in("closed")
    ctx = world.ctx("rita", "contact")
    survey = open_survey(ctx, case)
    surveys.answer(ctx, survey, case, answers={"q1": 1})
    follow_ups.take(world.ctx("ada"), survey, case)
    record(ctx, "survey.call_asked", survey, case=case)
    return case


def alarm(world, travel):
    case = crowded(world)
    record(
        world.system(), "sla.alarm", case, case=case, clock="resolution", percent=75, tell=[str(world.ana.id)], fired=""
    )
    return case


def late(world, travel):
    case = crowded(world)
    late = [["first_response", world.system().now.isoformat()]]
    record(world.system(), "sla.late", case, case=case, late=late)
    return case


def objected(world, travel):
    case = crowded(world)
    record(world.ctx("cora", "contact"), "sla.objected", case, case=case, clock="resolution", segment=0)
    return case


def objected_unowned(world, travel):
    case = crowded(world, owned=False)
    record(world.ctx("cora", "contact"), "sla.objected", case, case=case, clock="resolution", segment=0)
    return case


def invited(world, travel):
    identity.invite(world.ctx("olga"), world.row(User, world.jan))
    return


def reset_asked(world, travel):
    identity.ask_reset(world.system(), "rita@acme.example")
    return


def sign_in_asked(world, travel):
    identity.confirm_sign_in(world.system(), world.row(User, world.rita))
    return


def password_set(world, travel):
    identity.set_password(world.system(), world.row(User, world.rita), "a fresh pass phrase")
    return


def sign_in_code_asked(world, travel):
    identity.send_sign_in_code(world.system(), world.row(User, world.rita), new_id())


def new_device(world, travel):
    person, rita = world.row(User, world.rita), world.ctx("rita", "contact")
    rita.ip = "203.0.113.7"
    identity.start_session(rita, person)
    identity.start_session(rita, person, user_agent="", in_new_browser=True)


def change_of_factors(event, who="rita", **facts):
    """A history of *event*, which is told from what it says."""

    def history(world, travel):
        ctx = world.ctx("ada") if who == "ada" else world.ctx(who, "contact")
        record(ctx, event, world.row(User, world.rita), **facts)

    history.__name__ = event.partition(".")[2]
    return history


def email_change_asked(world, travel):
    identity.correct_address(world.ctx("ada"), world.row(User, world.rita), "rita.new@acme.example")
    return


def account_asked(world, travel):
    join_organization(world, "rita")
    ask_account(world, "rita")
    return


def mail_stopped(world, travel):
    case = crowded(world)
    record(world.system(), "case.mail_stopped", case, case=case, user=str(world.lee.id), mail="")
    return case


def told_of_topic(world, travel):
    topic = community.ask(world, community.add_space(world), by="gil")
    community.reply(world, topic, by="rita")


def told_of_topic_on_the_desk(world, travel):
    topic = community.ask(world, community.add_space(world), by="gil")
    ana = world.ctx("ana")
    set_follow(ana, queries.topic(ana, topic.id), follows=True)
    community.reply(world, topic, by="rita")


def unanswered(world, travel):
    space = community.add_space(world, due_hours=1)
    watch_space(world.ctx("ana"), space, watches=True)
    community.ask(world, space)
    travel(hours=2)


def reported(world, travel):
    topic = community.ask(world, community.add_space(world))
    gil = world.ctx("gil", "contact")
    report_post(gil, queries.post(gil, queries.question_of(gil, topic).id, lock=True), "Advertising")


def held_text(world, travel):
    community.ask(world, community.add_space(world, holds_first=True))


def reply_stopped(world, travel):
    case = crowded(world)
    record(world.system(), "case.reply_stopped", case, case=case, user=str(world.mel.id), name="Mel", mail="")
    return case


def reply_stopped_unowned(world, travel):
    case = crowded(world, owned=False)
    record(world.system(), "case.reply_stopped", case, case=case, user=str(world.mel.id), name="Mel", mail="")
    return case


def files_refused(world, travel):
    case = crowded(world)
    refuse_files(world, case, "jan", "tool.exe: not allowed")
    return case


def files_of_support_refused(world, travel):
    case = crowded(world)
    refuse_files(world, case, "lee", "tool.exe: not allowed", side="staff")
    return case


def own_reply_stopped(world, travel):
    refuse_reply(world, "rita")


def missed_call(world, travel, case, who=""):
    make_hotline(world)
    row = add_call_back(world.system(), case)
    row.owner_id = world.person(who).staff_id if who else None
    travel(hours=3)
    ctx = world.system()
    remind(ctx, call_back(ctx, row.id))
    return case


def call_overdue(world, travel):
    return missed_call(world, travel, crowded(world), "lee")


def call_overdue_unowned(world, travel):
    return missed_call(world, travel, world.open_case("rita"))


def wait_for_yes(world, *, owned=True, internal=False):
    """A crowded case that waits for the yes of Olga, or of Ada, for three hours."""
    case = crowded(world, owned=owned)
    person = world.ada if internal else world.olga
    wish = HandAsking("May we?", [person.id], internal=internal, due_hours=3, remind_hours=1)
    approvals.ask_by_hand(world.ctx("ana", "staff"), case, wish)
    return case


def asking_of(verb, *, owned=True, internal=False):
    """A question for a yes comes to *verb*."""

    def history(world, travel):
        case = wait_for_yes(world, owned=owned, internal=internal)
        row = latest_request(world.system(), case)
        if verb == "continued":
            later = {"mode": "one", "needed": 1, "seats": row.steps[0]["seats"]}
            row.steps = [{**later, "seats": [{**later["seats"][0], "id": str(world.mel.id)}]}, later]
            row.waiting_ids, row.internal = [world.mel.id], internal
            if internal:
                row.steps = [{**later, "seats": [{**later["seats"][0], "id": str(world.lee.id)}]}, later]
            world.session.flush()
            answerer = world.ctx("lee", "staff") if internal else world.ctx("mel")
            approvals.answer(answerer, case, approves=True)
        elif verb in ("approved", "refused"):
            answerer = world.ctx("ada", "staff") if internal else world.ctx("olga")
            approvals.answer(answerer, case, approves=verb == "approved", reason="So")
        elif verb in ("reminded", "expired"):
            travel(hours=2 if verb == "reminded" else 4)
            look_at_request(world.system(), row.id)
        elif verb == "withdrawn":
            approvals.withdraw(world.ctx("ana", "staff"), case)
        elif verb == "approver_added":
            approvals.add_approver(world.ctx("ana", "staff"), case, world.lee.id if internal else world.mel.id)
        elif verb == "stuck":
            people.exclude(
                world.ctx("lee" if owned else "ana", "staff"), case, world.ada.id if internal else world.olga.id
            )
        return world.reload(case)

    history.__name__ = f"asking_{verb}_{owned}_{internal}"
    return history


def chat_waits(world, travel):
    take_chats_as(world, "ana")
    open_chat_hours(world)
    return world.row(Case, start_chat(world).case_id)


def chat_returned(world, travel):
    chat = chatting(world)
    travel(minutes=3)
    chat.contact_seen_at = world.system().now
    take_chats_as(world, "lee")
    ctx = world.system()
    chats.watch_chat(ctx, *lock_chat(ctx, chat.id))
    return world.row(Case, chat.case_id)


def chat_handed_over(world, travel):
    chat = chatting(world)
    take_chats_as(world, "lee")
    ctx = world.ctx("ana", "staff")
    locked = lock_chat(ctx, chat.id)
    chats.hand_over(ctx, *locked, staff_id=chats.possible_colleagues(ctx, locked[1])[0].staff_id, note="Yours")
    return world.row(Case, chat.case_id)


def chat_ended(world, travel):
    chat = chatting(world)
    ctx = world.ctx("rita", "contact")
    chats.end_as_contact(ctx, *lock_chat(ctx, chat.id))
    return world.row(Case, chat.case_id)


def ask_about_talks(world):
    change_plan(world.ctx("ada"), SurveyTerms(after_calls=True, after_chats=True))


def chat_ended_with_survey(world, travel):
    ask_about_talks(world)
    chat = chatting(world)
    say(world, chat, "Hello", by="ana", side="staff")
    ctx = world.ctx("rita", "contact")
    chats.end_as_contact(ctx, *lock_chat(ctx, chat.id))
    return world.row(Case, chat.case_id)


def call_logged(world, travel):
    ask_about_talks(world)
    case = world.open_case("rita")
    log_call(world.ctx("ana"), CallFacts("in", 5, "talked"), case)
    return case


def announced(world, travel):
    row = write_announcement(world, accounts=["GLOBEX"])
    announcements.follow(world.ctx("gil", "contact"), row, "follow")


def announcement_due(world, travel):
    write_announcement(world, rhythm=30)
    travel(minutes=31)


def sight_gained(world, travel):
    acme = world.row(Organization, world.acme.organization_id)
    organizations.change_organization(world.ctx("pat"), acme, default_visibility="shared")


def mailbox_paused(world, travel):
    ctx = world.system()
    record(ctx, "mailbox.paused", add_mailbox(ctx, "support@northwind.example"), address="support@northwind.example")


def sending_paused(world, travel):
    ctx = world.system()
    record(ctx, "sending.paused", ctx.provider, address="", failure="password", words="535")


def registered(world, travel):
    ctx = world.system()
    ctx.provider.registration = "anyone"
    identity.ask_sign_up(ctx, name="Olga", email="olga@elsewhere.example")
    return


def register(organization=""):
    """Somebody registered with an address of *organization*, or of nobody's domain."""

    def history(world, travel):
        ctx = world.system()
        place = getattr(world, organization).organization_id if organization else None
        row = acting.register(ctx.provider_id, acting.add_newcomer(ctx.provider_id).id, place)
        record(ctx, "registration.asked", row, user=str(row.user_id), name="Nina Newcomer")

    return history


def decided(let_in):
    """The registration of Rita, who has no place for a moment, is decided."""

    def history(world, travel):
        if let_in:
            record(world.ctx("ada"), "person.let_in", world.row(User, world.rita), organization="Acme")
        else:
            record(world.ctx("ada"), "person.not_let_in", world.row(User, world.rita))

    return history


# The event, how it happens, and who stands for which audience.
HISTORIES = [
    (
        "case.submitted",
        submitted,
        {
            "receipt": "cora",
            "opened_for": "jan",
            "unowned": "lee",
        },
    ),
    ("case.routed", routed, {"department": "lee"}),
    ("case.assigned", assigned, {"owner": "ana"}),
    ("case.assigned", unassigned, {"unowned": "lee"}),
    ("case.assigned", handed_on, {"former_owner": "ana"}),
    ("case.taken", taken_over, {"former_owner": "ana"}),
    ("case.viewed_as_customer", looked_at_as_customer, {"contact": "jan"}),
    ("case.answered", answered, {**CUSTOMERS, "staff_follower": "lee"}),
    ("case.asked", asked, {**CUSTOMERS, "staff_follower": "lee"}),
    ("case.reminded", reminded, {"contact": "jan", "reporter": "cora"}),
    ("snooze.ended", snooze_over, {"snoozer": "lee"}),
    ("task.assigned", task_given, {"task_assignee": "lee"}),
    ("case.reply_not_sent", reply_not_sent, {"reply_writer": "ana"}),
    ("case.resolve_proposed", proposed, OWNERS),
    ("case.resolve_proposed", proposed_unowned, {"unowned": "lee"}),
    ("case.started", started, {**CUSTOMERS, "owner": "ana"}),
    ("case.held", held, CUSTOMERS),
    ("case.woken", woken, {**CUSTOMERS, **OWNERS}),
    ("case.woken", woken_unowned, {"unowned": "lee"}),
    ("case.severity_changed", raised, {**CUSTOMERS, "owner": "ana"}),
    ("case.severity_changed", raised_unowned, {"unowned": "lee"}),
    ("case.workaround_pinned", worked_around, {**CUSTOMERS, **OWNERS}),
    ("case.joined", joined, {"contact": "jan", "reporter": "cora", **OWNERS}),
    ("case.joined", joined_unowned, {"unowned": "lee"}),
    ("case.confirmed", confirmed, OWNERS),
    ("case.resolved", solved, {**CUSTOMERS, "staff_follower": "lee"}),
    ("case.closing_soon", closing_soon, {"contact": "jan", "reporter": "cora"}),
    ("case.closing_soon", closing_soon_for_joined, {"undecided": "olga"}),
    ("case.auto_closed", auto_closed, {**CUSTOMERS, **OWNERS, "surveyed": "jan"}),
    ("case.accepted", accepted, {**CUSTOMERS, **OWNERS, "surveyed": "jan"}),
    ("case.closed", closed, {**CUSTOMERS, **OWNERS, "surveyed": "jan"}),
    ("case.replied", replied, {**CUSTOMERS, **OWNERS}),
    ("case.replied", replied_unowned, {"unowned": "lee"}),
    ("case.rejected", rejected, {**CUSTOMERS, **OWNERS}),
    ("case.rejected", rejected_unowned, {"unowned": "lee"}),
    ("case.rejected", rejected_twice, {"tier": "lee"}),
    ("case.reopened", reopened, {**CUSTOMERS, **OWNERS}),
    ("case.reopened", reopened_unowned, {"unowned": "lee"}),
    ("case.person_added", added, {"added": "mel"}),
    ("case.edited", edited, {"new_contact": "rita"}),
    ("case.edited", edited_owned, {"owner_of_new_contact": "ana"}),
    ("case.contact_left", contact_left, {"owner": "ana"}),
    ("case.contact_left", contact_left_unowned, {"unowned": "lee"}),
    ("contact.cases_left", cases_left, {"leaver_administrators": "olga"}),
    ("case.merged", merged, CUSTOMERS),
    ("case.noted", noted, OWNERS),
    ("case.answered", answered_with_names, {"mentioned_client": "jan", "mentioned": "ana"}),
    ("case.asked", asked_with_a_name, {"mentioned": "ana"}),
    ("case.resolved", resolved_with_a_name, {"mentioned": "ana"}),
    ("case.replied", replied_with_names, {"mentioned_client": "jan", "mentioned": "ana"}),
    ("case.noted", noted_with_a_name, {"mentioned": "lee"}),
    ("case.files_refused", files_refused, {"file_sender": "jan"}),
    ("case.files_refused", files_of_support_refused, {"mail_sender": "lee"}),
    ("case.mail_stopped", mail_stopped, {"mail_sender": "lee"}),
    ("case.reply_stopped", reply_stopped, {"owner": "ana"}),
    ("case.reply_stopped", reply_stopped_unowned, {"unowned": "lee"}),
    ("case.escalated", escalated, OWNERS),
    ("case.escalated", escalated_to_a_tier, {"tier": "lee"}),
    ("survey.low_score", low_score, {"low_answers": "lee"}),
    ("survey.call_asked", call_asked, {"low_answers": "lee"}),
    ("survey.call_asked", call_asked_of_the_follower_up, {"follow_up_owner": "ada"}),
    ("sla.alarm", alarm, {"alarmed": "ana"}),
    ("sla.late", late, {"contact": "jan", "reporter": "cora"}),
    ("sla.objected", objected, {"owner": "ana"}),
    ("sla.objected", objected_unowned, {"unowned": "lee"}),
    ("call.overdue", call_overdue, {"call_owner": "lee", "owner": "ana"}),
    ("call.overdue", call_overdue_unowned, {"unowned": "lee"}),
    ("announcement.told", announced, {"announcement_follower": "gil", "affected": "gina"}),
    *((f"approval.{verb}", asking_of(verb), {"approvers": "olga"}) for verb in ("asked", "continued", "reminded")),
    ("approval.approver_added", asking_of("approver_added"), {"added_approver": "mel"}),
    ("approval.withdrawn", asking_of("withdrawn"), {"asked_approvers": "olga"}),
    *(
        row
        for verb in ("approved", "refused", "expired")
        for row in (
            (f"approval.{verb}", asking_of(verb), {"contact": "jan", "reporter": "cora", **OWNERS}),
            (f"approval.{verb}", asking_of(verb, owned=False), {"unowned": "lee"}),
        )
    ),
    ("approval.stuck", asking_of("stuck"), {"owner": "ana"}),
    ("approval.stuck", asking_of("stuck", owned=False), {"unowned": "lee"}),
    ("approval.stuck_inside", asking_of("stuck", internal=True), {"owner": "ana"}),
    ("approval.stuck_inside", asking_of("stuck", owned=False, internal=True), {"unowned": "lee"}),
    *(
        (f"approval.{verb}_inside", asking_of(verb, internal=True), {"approvers": "ada"})
        for verb in ("asked", "continued", "reminded")
    ),
    ("approval.approver_added_inside", asking_of("approver_added", internal=True), {"added_approver": "lee"}),
    *(
        (f"approval.{verb}_inside", asking_of(verb, internal=True), {"approval_asker": "ana"})
        for verb in ("approved", "refused", "expired")
    ),
    ("chat.started", chat_waits, {"chat_agents": "ana"}),
    ("chat.returned", chat_returned, {"chat_agents": "lee"}),
    ("chat.handed_over", chat_handed_over, {"chat_successor": "lee"}),
    ("chat.ended", chat_ended, {"chatter": "rita"}),
    ("chat.ended", chat_ended_with_survey, {"surveyed": "rita", "chatter": "rita"}),
    ("call.logged", call_logged, {"surveyed": "rita"}),
    ("announcement.told", announced, {"affected": "gil"}),
    ("announcement.update_due", announcement_due, {"announcers": "lee"}),
    ("community.told", told_of_topic, {"topic_readers": "gil"}),
    ("community.told_staff", told_of_topic_on_the_desk, {"topic_staff": "ana"}),
    ("community.unanswered", unanswered, {"space_watchers": "ana"}),
    ("community.reported", reported, {"moderators": "lee"}),
    ("community.held", held_text, {"moderators": "lee"}),
    ("sight.gained", sight_gained, {"administrators": "ada"}),
    ("mailbox.paused", mailbox_paused, {"administrators": "ada"}),
    ("sending.paused", sending_paused, {"administrators": "ada"}),
    ("person.invited", invited, {"person": "jan"}),
    ("person.reset_asked", reset_asked, {"person": "rita"}),
    ("person.sign_in_asked", sign_in_asked, {"person": "rita"}),
    ("person.password_set", password_set, {"person": "rita"}),
    ("person.sign_in_code_asked", sign_in_code_asked, {"person": "rita"}),
    ("person.new_device", new_device, {"person": "rita"}),
    *(
        (event, change_of_factors(event, who, **facts), {"person": "rita"})
        for event, who, facts in [
            ("person.factor_added", "rita", {"factor": "app", "name": ""}),
            ("person.factor_removed", "rita", {"factor": "passkey", "name": "Phone"}),
            ("person.recovery_codes_made", "rita", {}),
            ("person.recovery_code_used", "rita", {"left": 9}),
            ("person.codes_failed", "rita", {}),
            ("person.factors_reset", "ada", {}),
        ]
    ),
    ("person.email_change_asked", email_change_asked, {"person": "rita", "new_address": "rita"}),
    ("person.account_asked", account_asked, {"person": "rita"}),
    ("person.reply_stopped", own_reply_stopped, {"person": "rita"}),
    ("registration.asked", register("acme"), {"client_administrators": "olga"}),
    ("registration.asked", register(), {"administrators": "ada"}),
    ("person.let_in", decided(True), {"person": "rita"}),
    ("person.not_let_in", decided(False), {"person": "rita"}),
    ("person.registered", registered, {"person": "olga"}),
]


@pytest.mark.parametrize(("event", "history", "stands_for"), HISTORIES, ids=[row[1].__name__ for row in HISTORIES])
def test_everybody_in_the_table_is_told_as_it_says(world, run_outbox, travel, sink, event, history, stands_for):
    case = history(world, travel)
    run_outbox()
    ids = {one.id for one in (world.events_of(case) if case is not None else []) if one.name == event}
    bells = {
        row.user_id for row in world.rows(Notification) if row.event_id in ids or (case is None and not row.case_id)
    }
    for rule in BY_EVENT[event]:
        if rule.audience not in stands_for:
            continue
        who = stands_for[rule.audience]
        user_id = world.person(who).id
        if rule.bell:
            assert user_id in bells, f"no bell for {who}: {rule}"
        if rule.mailing is not Mailing.NEVER:
            mails = [m for m in world.rows(OutgoingMail, OutgoingMail.kind == rule.mail) if m.recipient.startswith(who)]
            mails = [m for m in mails if case is None or m.event_id in ids]
            assert mails, f"no mail for {who}: {rule}"
            assert all(is_title(title) for title in headings_of(mails[-1].html)), headings_of(mails[-1].html)
            assert mail_sink.file_path(sink, "northwind", mails[-1].message_id).is_file()


def test_every_row_of_the_table_has_a_history():
    """A new row names who stands for its audience in one of the histories above."""
    shown = {(event, audience) for event, _history, stands_for in HISTORIES for audience in stands_for}
    assert shown == {(rule.event, rule.audience) for rule in RULES}


@pytest.mark.parametrize(("severity", "mailed"), [(1, True), (2, False)])
def test_staff_are_mailed_about_emergencies_only(world, run_outbox, severity, mailed):
    case = world.open_case("rita", severity=severity)
    run_outbox()
    kinds = {m.kind for m in world.rows(OutgoingMail, OutgoingMail.case_id == case.id)}
    assert ("staff_news" in kinds) is mailed


@pytest.mark.parametrize(
    ("hand_over", "sentence"),
    [
        (handed_on, "This case is with Lee Chen now"),
        (taken_over, "This case is with Lee Chen now"),
        (unassigned, "Nobody owns this case now"),
        (escalated_to_a_tier, "This case is now waiting for somebody in tier 3"),
    ],
)
def test_who_owned_a_case_reads_who_owns_it_now(world, as_user, run_outbox, hand_over, sentence):
    case = hand_over(world, None)
    run_outbox()
    text = as_user("ana").get("/notifications").page.text
    assert sentence in text and "because it was your case" in text and "to you" not in text
    mails = world.rows(OutgoingMail, OutgoingMail.case_id == case.id, OutgoingMail.user_id == world.ana.id)
    assert any(sentence in mail.text and "because it was your case" in mail.text for mail in mails)


def raised_by_a_rule(world, travel):
    case = crowded(world, severity=2)
    desk.redefine_severity(world.system(), case, severity=1, reason="Late")
    return case


def assigned_by_a_rule(world, travel):
    case = crowded(world, owned=False)
    desk.assign(world.system(), case, owner_id=world.ana.staff_id, department_id=None)
    return case


def escalated_by_a_rule(world, travel):
    case = crowded(world)
    desk.escalate(world.system(), case, tier=2, note="Late", keep_owner="A rule raised the tier")
    return case


@pytest.mark.parametrize(
    ("history", "who", "sentence"),
    [
        (escalated, "ana", "Ada Novak handed the case to tier 2"),
        (escalated_by_a_rule, "ana", "Automatically handed to tier 2"),
        (rejected_twice, "lee", "Olga Brandt says again that it is not solved: automatically handed to tier 2"),
        (raised_by_a_rule, "ana", "The severity was changed automatically"),
        (assigned_by_a_rule, "ana", "This case was assigned to you automatically"),
        (contact_left, "ana", "The contact Jan Nowak no longer has access, and nobody took over"),
    ],
)
def test_staff_read_which_tier_and_what_was_automatic(world, as_user, run_outbox, history, who, sentence):
    history(world, None)
    run_outbox()
    text = as_user(who).get("/notifications").page.text
    assert sentence in text and "Support" not in text


def test_who_hands_a_case_on_or_has_it_back_is_not_told(world, run_outbox):
    mine, back = crowded(world), crowded(world)
    desk.assign(world.ctx("ana"), mine, owner_id=world.lee.staff_id, department_id=None)
    desk.assign(world.ctx("ada"), back, owner_id=None, department_id=None)
    desk.assign(world.ctx("ada"), back, owner_id=world.ana.staff_id, department_id=None)
    run_outbox()
    assert not world.rows(Notification, Notification.user_id == world.ana.id, Notification.reason == "former_owner")


def choose(world, who, topic, mailed):
    world.session.add(
        MailChoice(provider_id=world.northwind.id, user_id=world.person(who).id, topic=topic, mailed=mailed)
    )
    world.session.flush()


def test_a_choice_switches_mails_of_a_topic_off_and_the_bell_stays(world, run_outbox):
    choose(world, "rita", "answers", False)
    case = world.open_case("rita")
    world.answer(case)
    desk.ask(world.ctx("ana"), world.reload(case), question="Which one?")
    run_outbox()
    mails = {m.kind for m in world.rows(OutgoingMail, OutgoingMail.user_id == world.rita.id)}
    assert mails == {"opened", "asked"}
    assert len(world.rows(Notification, Notification.user_id == world.rita.id)) == 2


def test_a_choice_of_staff_brings_all_mails_of_a_topic(world, run_outbox):
    choose(world, "lee", "unowned", True)
    world.open_case("rita", severity=4)
    run_outbox()
    assert [m.kind for m in world.rows(OutgoingMail, OutgoingMail.user_id == world.lee.id)] == ["staff_news"]


@pytest.mark.parametrize("who", ["rita", "ana"])
def test_people_choose_on_their_own_page(world, as_user, who):
    browser = as_user(who)
    page = browser.get("/me/notifications").page
    first, kept = ("answers", "status") if who == "rita" else ("own_cases", "unowned")
    assert ("checked" in page.first(id=first).attributes) is (who == "rita")
    assert browser.post("/me/notifications", data={kept: "y"}).status_code == 303
    page = browser.get("/me/notifications").page
    assert "checked" in page.first(id=kept).attributes and "checked" not in page.first(id=first).attributes
    chosen = {row.topic for row in world.rows(MailChoice, MailChoice.mailed)}
    assert chosen == {kept}
