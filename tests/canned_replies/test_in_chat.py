"""Canned replies in the box of a chat."""

from portal.canned_replies.models import CannedReplyUse
from portal.identity.models import User
from tests.support.canned_replies import write_reply
from tests.support.chats import accept_chat, open_chat_hours, start_chat, take_chats_as


def begin(world):
    open_chat_hours(world)
    take_chats_as(world)
    chat = start_chat(world)
    accept_chat(world, chat)
    return chat


def test_the_draft_waits_and_the_chosen_text_is_sent(world, as_user):
    chat = begin(world)
    reply = write_reply(world, text="Hello {contact first name}", status="waiting")
    ana, here = as_user("ana"), f"/desk/chat/{chat.id}"
    box = ana.get(here).page.form(f"{here}/messages")
    waiting = ana.post(f"{here}/replies", data=box.filled(body="One moment."))
    assert waiting.status_code == 200
    page = ana.submit(waiting.page.form(f"{here}/replies"), with_pick=str(reply.id))
    form = page.page.form(f"{here}/messages")
    name = world.row(User, world.rita).name.split()[0]
    assert form["body"] == f"One moment.\n\nHello {name}"
    assert ana.submit(form).status_code == 303
    case = world.reload(world.row(type(chat), chat.id).case)
    assert world.messages_of(case)[-1].body == f"One moment.\n\nHello {name}"
    assert case.state != "waiting", "in a chat only the text counts"
    assert [row.uses for row in world.rows(CannedReplyUse)] == [1]


def test_the_list_for_the_script_sets_no_fields(world, as_user):
    chat = begin(world)
    write_reply(world, status="waiting", severity=2, severity_reason="So")
    page = as_user("ana").get(f"/desk/chat/{chat.id}/replies", headers={"HX-Request": "true"})
    assert not page.is_page and page.page.first("button", name="with_pick").get("data-fields") == "{}"


def test_whoever_sends_is_warned_once(world, as_user):
    chat = begin(world)
    reply = write_reply(world, text="In {environment}")
    ana, here = as_user("ana"), f"/desk/chat/{chat.id}"
    page = ana.post(f"{here}/replies", data={"with_pick": str(reply.id)})
    first = ana.submit(page.page.form(f"{here}/messages"))
    assert first.status_code == 422 and "Nothing is known for {environment}" in first.get_data(as_text=True)
    assert ana.submit(first.page.form(f"{here}/messages")).status_code == 303


def test_own_replies_of_others_are_not_found(world, as_user):
    chat = begin(world)
    reply = write_reply(world, by="lee", shared=False)
    assert as_user("ana").post(f"/desk/chat/{chat.id}/replies", data={"with_pick": str(reply.id)}).status_code == 404
    assert as_user("ana").post(f"/desk/chat/{chat.id}/replies", data={"with_pick": "x"}).status_code == 404
