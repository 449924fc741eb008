"""Who writes which replies, what is refused, and what others see of it."""

import pytest

from portal.authz.scopes import scope
from portal.canned_replies.actions import replies as actions
from portal.canned_replies.actions.replies import ReplyContent
from portal.canned_replies.engine.macros import Macro
from portal.canned_replies.models import CannedReply
from portal.canned_replies.queries.replies import find_reply, offered_replies
from portal.kernel.errors import Conflict, Forbidden, NotFound, Refused
from portal.kernel.events import Event
from tests.support.canned_replies import write_reply

GOOD = {"title": "Greeting", "text_en": "Hello {contact first name}"}


def titles(world, who):
    return {row.title for row in offered_replies(world.ctx(who, "staff"))[0]}


@pytest.mark.parametrize("who", ["lee", "ada", "pat"])
def test_leads_and_administrators_write_shared_ones(world, who):
    write_reply(world, "Shared", by=who)
    assert "Shared" in titles(world, "ana")


@pytest.mark.parametrize("who", ["ana", "aud"])
def test_others_do_not(world, who, as_user):
    with pytest.raises(Forbidden):
        write_reply(world, "Shared", by=who)
    assert as_user(who).get("/admin/replies").status_code == 403
    assert as_user(who).post("/admin/replies/new", data=GOOD).status_code == 403


def test_an_auditor_has_none_of_their_own(world, as_user):
    with pytest.raises(Forbidden):
        write_reply(world, "Own", by="aud", shared=False)
    assert as_user("aud").get("/desk/replies").status_code == 403


def test_own_ones_are_seen_by_nobody_else(world, as_user):
    own = write_reply(world, "Just mine", by="ana", shared=False)
    assert "Just mine" in titles(world, "ana")
    for other in ("lee", "ada"):
        assert "Just mine" not in titles(world, other)
        with pytest.raises(NotFound):
            find_reply(world.ctx(other, "staff"), own.id, shared=False)
        assert as_user(other).get(f"/desk/replies/{own.id}").status_code == 404
        assert as_user(other).get(f"/admin/replies/{own.id}").status_code == 404
        assert as_user(other).post(f"/desk/replies/{own.id}/delete").status_code == 404
    assert "Just mine" not in as_user("ada").get("/admin/replies").get_data(as_text=True)


def test_another_provider_sees_none(world, as_user):
    ours, theirs = write_reply(world, "Ours"), write_reply(world, "Theirs", by="sue")
    assert titles(world, "sam") == {"Theirs"} and titles(world, "ana") == {"Ours"}
    assert as_user("ada").get(f"/admin/replies/{theirs.id}").status_code == 404
    assert as_user("sue").get(f"/admin/replies/{ours.id}").status_code == 404


def test_customers_see_none(world):
    write_reply(world)
    ctx = world.ctx("rita", "contact")
    assert ctx.session.scalars(scope(ctx.actor, CannedReply)).all() == []


def test_an_ended_one_is_offered_no_more(world, as_user):
    reply = write_reply(world, "Old way")
    lee = as_user("lee")
    assert lee.get(f"/admin/replies/{reply.id}/end").status_code == 200
    assert lee.post(f"/admin/replies/{reply.id}/end").status_code == 303
    assert titles(world, "ana") == set()
    assert "Old way" in lee.get("/admin/replies?show=archived").get_data(as_text=True)
    assert lee.post(f"/admin/replies/{reply.id}/end").status_code == 409
    assert lee.post(f"/admin/replies/{reply.id}/resume").status_code == 303
    assert titles(world, "ana") == {"Old way"}


def test_shared_ones_are_on_record_and_own_ones_are_not(world):
    reply = write_reply(world, "Greeting")
    ctx = world.ctx("lee", "staff")
    actions.change_reply(ctx, reply, ReplyContent("Welcome", {"en": "Hi"}))
    actions.end_reply(ctx, reply)
    actions.resume_reply(ctx, reply)
    actions.delete_reply(ctx, reply)
    own = write_reply(world, "Mine", by="ana", shared=False)
    actions.delete_reply(world.ctx("ana", "staff"), own)
    names = [event.name for event in world.rows(Event, Event.name.like("canned_reply.%"))]
    assert names == [f"canned_reply.{verb}" for verb in ("added", "changed", "ended", "resumed", "deleted")]


def test_a_form_is_added_and_changed(world, as_user):
    ana = as_user("ana")
    form = ana.get("/desk/replies/new").page.form("/desk/replies/new")
    assert ana.submit(form, title="Bye", text_en="Bye, {contact first name}", text_pl="Do widzenia").status_code == 303
    (row,) = world.rows(CannedReply)
    assert (row.title, row.texts, row.owner_id) == (
        "Bye",
        {"en": "Bye, {contact first name}", "pl": "Do widzenia"},
        world.ana.id,
    )
    page = ana.get(f"/desk/replies/{row.id}")
    assert "Bye, Jan" in page.get_data(as_text=True), "the preview has examples"
    assert ana.submit(page.page.form(f"/desk/replies/{row.id}"), title="Farewell").status_code == 303
    assert ana.submit(page.page.form(f"/desk/replies/{row.id}"), title="Late").status_code == 409
    world.session.refresh(row)
    assert row.title == "Farewell"


def test_the_preview_reads_on_a_visible_case_only(world, as_user):
    reply = write_reply(world, text="About “{subject}”")
    ours = world.open_case("rita", subject="The printer is on fire")
    lee = as_user("lee")
    assert "The printer is on fire" in lee.get(f"/admin/replies/{reply.id}?case={ours.key}").get_data(as_text=True)
    for key in ("NOPE-1", "what is this?"):
        body = lee.get(f"/admin/replies/{reply.id}", query_string={"case": key}).get_data(as_text=True)
        assert "There is no case with this number" in body
    hidden = as_user("pat").get(f"/admin/replies/{reply.id}?case={ours.key}").get_data(as_text=True)
    assert "The printer is on fire" not in hidden, "who configures sees no case"


def test_what_only_looks_like_a_placeholder_is_named_at_saving(world, as_user):
    ana = as_user("ana")
    form = ana.get("/desk/replies/new").page.form("/desk/replies/new")
    assert ana.submit(form, title="Typo", text_en="Hello {first nam}").status_code == 303
    assert "{first nam}" in ana.get("/desk/replies").get_data(as_text=True)
    assert world.rows(CannedReply)[0].texts == {"en": "Hello {first nam}"}


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"title": ""}, "Write a title"),
        ({"title": "x" * 101}, "Shorten “Title”"),
        ({"text_en": ""}, "Write the text"),
        ({"text_en": "  "}, "Write the text"),
        ({"text_en": "x" * 5_001}, "Shorten"),
        ({"status": "closed"}, "Choose one of the statuses"),
        ({"status": "on_hold", "hold_days": "3"}, "Write what the customer reads about the wait"),
        ({"status": "on_hold", "hold_reason": "A part"}, "Write after how many days"),
        ({"status": "on_hold", "hold_reason": "A part", "hold_days": "400"}, "Write a whole number from 1 to 365"),
        ({"severity": "9"}, "Choose one of the severities"),
        ({"severity": "2"}, "Write why; the customer reads it"),
        ({"department": "0190a8f0-0000-7000-8000-000000000000"}, "Choose one of the departments"),
    ],
)
def test_what_is_incomplete_is_refused_with_a_sentence(world, as_user, fields, sentence):
    answer = as_user("lee").post("/admin/replies/new", data={**GOOD, **fields})
    assert answer.status_code == 422
    assert sentence in answer.get_data(as_text=True)
    assert world.rows(CannedReply) == []


def test_a_used_shared_reply_is_ended_not_deleted(world, as_user):
    from portal.canned_replies.actions.uses import count_uses

    reply = write_reply(world)
    count_uses(world.ctx("ana", "staff"), [reply])
    with pytest.raises(Conflict, match="was used"):
        actions.delete_reply(world.ctx("lee", "staff"), reply)


def test_what_belongs_to_a_status_that_is_not_set_is_kept_and_does_nothing(world, as_user):
    reply = write_reply(world, status="waiting", reason="A part", days=3, check="Look", severity_reason="So")
    assert (reply.hold_reason, reply.hold_days, reply.how_to_check, reply.severity_reason) == (
        "A part",
        3,
        "Look",
        "So",
    )
    page = as_user("lee").get("/desk/replies").page.first("main").text
    assert "A part" not in page and "Look" not in page


def test_there_is_an_end_to_own_ones(world, monkeypatch):
    monkeypatch.setattr(actions, "MOST_OWN", 2)
    for n in range(2):
        write_reply(world, f"No. {n}", by="ana", shared=False)
    with pytest.raises(Conflict, match="There are 2 already"):
        write_reply(world, "One more", by="ana", shared=False)
    write_reply(world, "Not hers", by="lee", shared=False)


def test_a_severity_that_does_not_exist_is_refused(world):
    content = ReplyContent("T", {"en": "x"}, None, Macro(severity=7, severity_reason="So"))
    with pytest.raises(Refused, match="severities"):
        actions.add_reply(world.ctx("lee", "staff"), content, shared=True)
