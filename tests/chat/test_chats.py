"""FEATURES H6, H9 and 2.6: a chat is a case from its first line, open only while somebody can answer, and lost by
nobody."""

import datetime as dt

import pytest

from portal.cases.actions import links
from portal.cases.models import Case
from portal.chat.actions import chats
from portal.chat.actions.chats import Question, hand_over, watch_chat
from portal.chat.models import Chat, ChatAgent
from portal.chat.queries import availability
from portal.chat.queries.chats import lock_chat, own_chats, queue_position, waiting_chats
from portal.chat.rules import Availability
from portal.kernel.errors import Conflict, Forbidden, NotFound, Refused
from portal.kernel.events import Event
from portal.notifications.models import Notification, OutgoingMail
from portal.sla.models import SlaClock
from portal.tenants.models import Account
from tests.support.chats import accept_chat, chatting, open_chat_hours, say, start_chat, take_chats_as

OFFICE = {"name": "Office", "zone": "Europe/Warsaw", "week": {"monday": ["09:00-17:00"]}, "holidays": ["2026-11-16"]}


def offer(world, who="rita"):
    ctx = world.ctx(who, "contact")
    return availability.chat_offer(ctx, [row.account_id for row in ctx.actor.access]).state


def look_away(world, travel, minutes=3):
    """Time passes in which nobody's page asks for anything."""
    travel(minutes=minutes)


# -- open, closed, busy -----------------------------------------------------------------------------------------------


def test_h6_there_is_no_chat_until_the_provider_wants_one(world):
    assert offer(world) is Availability.OFF
    with pytest.raises(Refused, match="no chat"):
        start_chat(world)


def test_h6_the_chat_needs_an_agent_with_capacity(world):
    open_chat_hours(world)
    assert offer(world) is Availability.BUSY
    take_chats_as(world, "ana", most=1)
    assert offer(world) is Availability.OPEN
    chat = start_chat(world)
    assert offer(world, "gil") is Availability.BUSY, "the chat that waits takes the place"
    accept_chat(world, chat)
    assert offer(world, "gil") is Availability.BUSY
    with pytest.raises(Refused, match="Everyone is busy"):
        start_chat(world, by="gil", account="GLOBEX")
    chats.end_as_agent(world.ctx("ana", "staff"), *lock_chat(world.ctx("ana", "staff"), chat.id))
    assert offer(world, "gil") is Availability.OPEN


def test_h6_an_agent_of_other_accounts_does_not_open_it(world):
    """Tom looks after Globex only."""
    open_chat_hours(world)
    take_chats_as(world, "tom")
    assert offer(world, "gil") is Availability.OPEN
    assert offer(world, "rita") is Availability.BUSY


def test_h6_an_agent_who_left_their_desk_does_not_open_it(world, travel):
    open_chat_hours(world)
    take_chats_as(world, "ana")
    look_away(world, travel)
    assert offer(world) is Availability.BUSY
    take_chats_as(world, "ana", takes=False)
    assert offer(world) is Availability.BUSY


@pytest.mark.parametrize(
    ("moment", "state"),
    [
        ("2026-11-09T08:30:00+00:00", Availability.OPEN),
        ("2026-11-09T17:30:00+00:00", Availability.CLOSED),
        ("2026-11-10T10:00:00+00:00", Availability.CLOSED),
        # A holiday on a Monday.
        ("2026-11-16T10:00:00+00:00", Availability.CLOSED),
        ("2026-11-23T10:00:00+00:00", Availability.OPEN),
    ],
)
def test_h6_the_chat_keeps_its_hours_and_holidays(world, travel, moment, state):
    open_chat_hours(world, OFFICE)
    travel(seconds=(dt.datetime.fromisoformat(moment) - world.system().now).total_seconds())
    take_chats_as(world, "ana")
    assert offer(world) is state


# -- a chat is a case -------------------------------------------------------------------------------------------------


def test_h9_a_chat_is_a_case_from_its_first_line(world):
    open_chat_hours(world)
    take_chats_as(world)
    chat = start_chat(world, "Invoices are missing\nSince Monday.")
    case = world.row(Case, chat.case_id)
    assert (case.subject, case.channel, case.visibility) == ("Invoices are missing", "chat", "private")
    assert case.number and case.description.endswith("Since Monday.")
    accept_chat(world, chat)
    assert case.owner_id == world.rows(ChatAgent)[0].staff_id
    say(world, chat, "Looking now.", by="ana", side="staff")
    say(world, chat, "Thank you so much, it is urgent", by="rita")
    lines = [(one.body, one.author_side, one.channel) for one in world.messages_of(case)]
    assert lines == [
        ("Looking now.", "staff", "chat"),
        ("Thank you so much, it is urgent", "contact", "chat"),
    ]
    clock = world.rows(SlaClock, SlaClock.case_id == case.id, SlaClock.kind == "first_response")
    assert case.first_answer_at is not None
    assert all(one.stopped_at for one in clock)
    names = [name for name in world.event_names(case) if name.startswith("chat.")]
    assert names == ["chat.started", "chat.accepted"]


def test_h9_a_chat_about_a_case_continues_its_conversation(world):
    open_chat_hours(world)
    take_chats_as(world)
    case = world.open_case()
    ctx = world.ctx("rita", "contact")
    account = world.row(Account, case.account_id)
    chat = chats.start_chat(ctx, account, Question("Any news?", idempotency_key="k" * 64), about=case)
    assert chat.case_id == case.id
    assert [one.body for one in world.messages_of(case)] == ["Any news?"]


def test_h9_the_same_form_twice_starts_one_chat_and_writes_one_line(world):
    open_chat_hours(world)
    take_chats_as(world)
    first = start_chat(world, key="a" * 64)
    assert start_chat(world, key="a" * 64).id == first.id
    assert len(world.rows(Chat)) == 1
    accept_chat(world, first)
    for _press in range(2):
        say(world, first, "Hello?", by="rita", key="b" * 64)
        say(world, first, "Hello!", by="ana", side="staff", key="c" * 64)
    say(world, first, "Hello?", by="rita", key="d" * 64)
    said = [one.body for one in world.messages_of(world.row(Case, first.case_id))]
    assert said == ["Hello?", "Hello!", "Hello?"], "the same words from another form are meant"


def test_h6_one_chat_at_a_time(world):
    open_chat_hours(world)
    take_chats_as(world)
    start_chat(world)
    with pytest.raises(Conflict, match="have a chat open"):
        start_chat(world, "Another thing")


# -- the queue --------------------------------------------------------------------------------------------------------


def test_h6_who_is_faster_has_the_chat(world, travel):
    open_chat_hours(world)
    for who in ("ana", "lee"):
        take_chats_as(world, who)
    chat = start_chat(world)
    accept_chat(world, chat, by="lee")
    with pytest.raises(Conflict, match=r"Lee .* was faster"):
        accept_chat(world, chat, by="ana")
    accept_chat(world, chat, by="lee")
    with pytest.raises(Conflict, match="has this chat now"):
        say(world, chat, "Me too", by="ana", side="staff")


def test_h6_nobody_takes_more_chats_than_they_said(world):
    open_chat_hours(world)
    take_chats_as(world, "ana", most=1)
    take_chats_as(world, "lee", most=2)
    first, second = start_chat(world), start_chat(world, by="gil", account="GLOBEX")
    accept_chat(world, first)
    with pytest.raises(Conflict, match="as many chats as you take"):
        accept_chat(world, second)


def test_h6_the_position_counts_who_came_before(world, travel):
    open_chat_hours(world)
    take_chats_as(world)
    first = start_chat(world)
    travel(seconds=5)
    second = start_chat(world, by="gil", account="GLOBEX")
    assert queue_position(world.ctx("rita", "contact"), first) == 1
    assert queue_position(world.ctx("gil", "contact"), second) == 2
    accept_chat(world, first)
    assert queue_position(world.ctx("gil", "contact"), second) == 1


def test_h6_an_auditor_accepts_no_chat(world):
    open_chat_hours(world)
    take_chats_as(world)
    chat = start_chat(world)
    with pytest.raises(Forbidden):
        accept_chat(world, chat, by="aud")
    with pytest.raises(Forbidden):
        take_chats_as(world, "aud")


def test_h6_a_chat_is_handed_over_with_a_note(world, run_outbox):
    chat = chatting(world)
    take_chats_as(world, "lee")
    lee = world.rows(ChatAgent)[-1].staff_id
    ctx = world.ctx("ana", "staff")
    for staff_id, note, field in ((None, "x", "staff"), (lee, " ", "note")):
        with pytest.raises(Refused) as refused:
            hand_over(ctx, *lock_chat(ctx, chat.id), staff_id=staff_id, note=note)
        assert refused.value.field == field
    hand_over(ctx, *lock_chat(ctx, chat.id), staff_id=lee, note="She has the new client")
    assert chat.accepted_by_id == lee
    case = world.row(Case, chat.case_id)
    assert case.owner_id == lee
    assert [one.kind for one in world.messages_of(case)] == ["note"]
    run_outbox()
    event = world.rows(Event, Event.name == "chat.handed_over")[0]
    told = [line.user_id for line in world.rows(Notification, Notification.event_id == event.id)]
    assert told == [world.lee.id]
    assert [one.id for one in own_chats(world.ctx("lee", "staff"))] == [chat.id]


def test_h6_a_waiting_chat_rings_for_agents_who_can_take_it(world, run_outbox):
    open_chat_hours(world)
    for who in ("ana", "lee", "tom"):
        take_chats_as(world, who)
    take_chats_as(world, "ada", takes=False)
    start_chat(world)
    run_outbox()
    event = world.rows(Event, Event.name == "chat.started")[0]
    told = {line.user_id for line in world.rows(Notification, Notification.event_id == event.id)}
    assert told == {world.ana.id, world.lee.id}, "Tom does not look after Acme, Ada takes no chats"


# -- silence ----------------------------------------------------------------------------------------------------------


def watch(world, chat):
    ctx = world.system()
    watch_chat(ctx, *lock_chat(ctx, chat.id))


def test_h6_a_chat_whose_agent_is_gone_waits_again(world, travel):
    chat = chatting(world)
    travel(minutes=1)
    watch(world, chat)
    assert chat.accepted_by_id is not None
    travel(minutes=2)
    chat.contact_seen_at = world.system().now
    watch(world, chat)
    assert chat.accepted_by_id is None
    assert chat.waiting_since == chat.contact_spoke_at
    assert chat.lost_by_id is not None
    assert "chat.returned" in world.event_names(world.row(Case, chat.case_id))
    take_chats_as(world, "lee")
    accept_chat(world, chat, by="lee")
    assert chat.lost_by_id is None


def test_h6_an_agent_who_answered_may_be_away(world, travel):
    chat = chatting(world)
    say(world, chat, "I look into it.", by="ana", side="staff")
    travel(minutes=5)
    chat.contact_seen_at = world.system().now
    watch(world, chat)
    assert chat.accepted_by_id is not None


@pytest.mark.parametrize("looks", [True, False])
def test_h6_a_silent_contact_goes_on_by_mail(world, travel, run_outbox, looks):
    chat = chatting(world, text="Invoices are missing <b>")
    say(world, chat, "Which **ones**?", by="ana", side="staff")
    world.note(world.row(Case, chat.case_id), "Secret words")
    travel(minutes=11)
    if looks:
        chat.contact_seen_at = world.system().now
    run_outbox()
    assert chat.end_reason == "silent"
    run_outbox()
    mails = world.rows(OutgoingMail, OutgoingMail.kind == "chat_ended")
    assert [mail.recipient for mail in mails] == ["rita@acme.example"]
    assert "Which **ones**?" in mails[0].text
    assert "Invoices are missing <b>" in mails[0].text
    assert "Secret words" not in mails[0].text + mails[0].html
    assert world.row(Case, chat.case_id).unresolved


def test_h6_a_contact_who_left_a_message_waits_no_more(world):
    open_chat_hours(world)
    take_chats_as(world)
    chat = start_chat(world)
    ctx = world.ctx("rita", "contact")
    chats.end_as_contact(ctx, *lock_chat(ctx, chat.id))
    assert chat.end_reason == "left_message"
    assert not waiting_chats(world.ctx("ana", "staff"))
    with pytest.raises(Conflict, match="has ended"):
        say(world, chat, "Hello?", by="rita")


# -- mail -------------------------------------------------------------------------------------------------------------


def kinds_mailed(world):
    return sorted(mail.kind for mail in world.rows(OutgoingMail) if mail.recipient == "rita@acme.example")


def test_h6_who_reads_the_chat_gets_no_mail_for_each_line(world, run_outbox, travel):
    chat = chatting(world)
    say(world, chat, "Which ones?", by="ana", side="staff")
    run_outbox()
    assert kinds_mailed(world) == []
    travel(minutes=2)
    say(world, chat, "Are you there?", by="ana", side="staff")
    run_outbox()
    assert kinds_mailed(world) == ["answered"]


# -- who sees a chat --------------------------------------------------------------------------------------------------


def test_h6_nobody_else_sees_a_chat(world):
    chat = chatting(world)
    for who, side in (("olga", "contact"), ("gil", "contact"), ("tom", "staff"), ("sue", "staff")):
        with pytest.raises(NotFound):
            lock_chat(world.ctx(who, side), chat.id)
    world.exclude(world.row(Case, chat.case_id), "lee")
    with pytest.raises(NotFound):
        lock_chat(world.ctx("lee", "staff"), chat.id)
    assert lock_chat(world.ctx("ana", "staff"), chat.id)[0].id == chat.id


def test_h6_the_chat_of_a_merged_case_ends(world):
    chat = chatting(world)
    other = world.open_case()
    links.merge(world.ctx("ana", "staff"), world.row(Case, chat.case_id), other)
    assert chat.end_reason == "moved"
