"""Announcements on the desk (ux.md P-12, A-19): who writes, what is refused, conflicts, and what happens by itself."""

import datetime as dt

import pytest
from icalendar import Calendar

from portal.announcements import actions
from portal.announcements.actions import AnnouncementFacts
from portal.announcements.models import Announcement, AnnouncementUpdate
from portal.kernel.errors import Conflict, Forbidden, Refused
from portal.kernel.events import Event
from tests.support.announcements import HOUR, account_target

NEW = "/desk/announcements/new"
WORDS = {"kind": "outage", "title": "Mail is late", "body": "It **will** come.", "audience": "everybody", "mailed": "y"}


def newest(world):
    return world.rows(Announcement)[-1]


def test_A_19_an_announcement_from_draft_to_end(world, as_user):
    lee = as_user("lee")
    assert lee.post(NEW, data={**WORDS, "starts_at": "", "ends_at": ""}).status_code == 303
    row = newest(world)
    assert (row.state, row.title, row.everybody, row.mailed) == ("draft", "Mail is late", True, True)
    assert lee.post(f"/desk/announcements/{row.id}/publish", data={"rhythm": "60", "at": ""}).status_code == 303
    assert row.state == "published"
    assert row.next_update_at == row.published_at + HOUR
    shown = as_user("rita").get(f"/announcements/{row.id}").text
    assert "<strong>will</strong>" in shown
    assert "Next update by" in shown
    sent = lee.post(f"/desk/announcements/{row.id}/update", data={"body": "Half of it came.", "rhythm": "0"})
    assert sent.status_code == 303
    assert row.next_update_at is None
    assert "Half of it came." in as_user("rita").get(f"/announcements/{row.id}").text
    assert lee.post(f"/desk/announcements/{row.id}/end", data={"body": "All came."}).status_code == 303
    assert row.state == "ended"
    assert "All came." in as_user("rita").get(f"/announcements/{row.id}").text
    assert "Mail is late" not in as_user("rita").get("/").text
    names = [event.name for event in world.rows(Event, Event.subject_id == row.id) if "told" not in event.name]
    assert names == [f"announcement.{verb}" for verb in ("drafted", "published", "updated", "ended")]


@pytest.mark.parametrize("who", ["ana", "tom", "aud"])
def test_A_19_agents_and_auditors_read_and_do_not_write(world, as_user, announce, who):
    row = announce("All of them")
    browser = as_user(who)
    assert browser.get(f"/desk/announcements/{row.id}").status_code == 200
    assert "Write an update" not in browser.get(f"/desk/announcements/{row.id}").text
    for path in (NEW, *(f"/desk/announcements/{row.id}/{verb}" for verb in ("edit", "update", "end", "publish"))):
        assert browser.get(path, checked=False).status_code == 403, path
        assert browser.post(path, data=WORDS, checked=False).status_code == 403, path
    assert row.state == "published"


def test_A_19_a_platform_administrator_has_no_desk(world, as_user, announce):
    row = announce("All of them")
    assert as_user("pat").get("/desk/announcements", checked=False).status_code == 403
    assert as_user("pat").get(f"/desk/announcements/{row.id}", checked=False).status_code == 403


def test_A_19_staff_of_some_accounts_write_for_those(world, announce):
    """Tom looks after Globex; as a lead he writes for it, and for nobody else."""
    ctx = world.ctx("tom", "staff")
    lead = type(ctx.actor)(**{**_fields(ctx.actor), "role": "lead"})
    ctx.actor = lead
    globex = [account_target(world, "GLOBEX")]
    facts = {"kind": "outage", "title": "T", "body": "B"}
    row = actions.write_draft(ctx, AnnouncementFacts(**facts, targets=globex))
    actions.publish(ctx, row)
    with pytest.raises(Refused, match="look after"):
        actions.write_draft(ctx, AnnouncementFacts(**facts, everybody=True))
    both = announce("Both", accounts=["ACME", "GLOBEX"])
    for write in (
        lambda: actions.end(ctx, both),
        lambda: actions.change(ctx, both, AnnouncementFacts(**facts, targets=globex)),
        lambda: actions.write_update(ctx, both, body="x", rhythm=0),
    ):
        with pytest.raises(Forbidden):
            write()


def _fields(actor):
    names = ("side", "provider_id", "user_id", "name", "staff_id", "role", "tier", "all_accounts", "account_ids")
    return {name: getattr(actor, name) for name in names}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"title": ""}, "Write a title"),
        ({"title": "x" * 141}, "Shorten"),
        ({"body": " "}, "Write what happens"),
        ({"body": "x" * 10_001}, "Shorten"),
        ({"kind": "party"}, "Choose one of the answers shown"),
        ({"audience": "chosen"}, "Choose at least one account"),
        ({"audience": "chosen", "targets": "account:nothing"}, "Choose from the list"),
        ({"starts_at": "tomorrow"}, "Write a date and time like"),
        ({"starts_at": "2026-12-01"}, "Write a date and time like"),
        ({"starts_at": "2027-03-28 02:30"}, "The clocks skip this time on that day"),
        ({"starts_at": "0001-01-01 00:00"}, "Write a date and time like"),
        ({"ends_at": "9999-12-31 23:59"}, "within the next two years"),
        ({"starts_at": "2026-12-02 10:00", "ends_at": "2026-12-02 09:00"}, "after the beginning"),
        ({"kind": "maintenance"}, "needs a beginning and an end"),
    ],
)
def test_A_19_what_cannot_be_announced_is_refused_and_kept(world, as_user, change, sentence):
    before = len(world.rows(Announcement))
    answer = as_user("lee").post(NEW, data={**WORDS, **change})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert change.get("body", "It **will** come.").strip() in answer.text
    assert len(world.rows(Announcement)) == before


def test_A_19_markup_stays_text(world, as_user):
    title = "<script>alert(1)</script>"
    as_user("lee").post(NEW, data={**WORDS, "title": title, "body": "<b>x</b>"})
    row = newest(world)
    as_user("lee").post(f"/desk/announcements/{row.id}/publish", data={"rhythm": "0"})
    for path in ("/", "/announcements", f"/announcements/{row.id}"):
        assert title not in as_user("rita").get(path).text
    assert "&lt;b&gt;x&lt;/b&gt;" in as_user("rita").get(f"/announcements/{row.id}").text


def test_A_19_a_second_writer_gets_a_conflict_with_their_words_kept(world, as_user, announce):
    row = announce("All of them")
    old = row.version
    actions.write_update(world.ctx("ada"), row, body="First", rhythm=0)
    for verb, words in (("update", {"body": "Second", "rhythm": "0"}), ("end", {"body": "Second"})):
        answer = as_user("lee").post(f"/desk/announcements/{row.id}/{verb}", data={**words, "version": str(old)})
        assert answer.status_code == 409
        assert "Second" in answer.text
    edited = as_user("lee").post(
        f"/desk/announcements/{row.id}/edit", data={**WORDS, "body": "My own words", "version": str(old)}
    )
    assert edited.status_code == 409
    assert "My own words" in edited.text
    assert [one.body for one in world.rows(AnnouncementUpdate)] == ["First"]


def test_A_19_verbs_fit_the_state(world, announce):
    ctx = world.ctx("lee")
    draft, ended = announce("Draft", state="draft"), announce("Ended", state="ended")
    published = announce("Published")
    facts = AnnouncementFacts("notice", "T", "B", everybody=True)
    for write in (
        lambda: actions.end(ctx, draft),
        lambda: actions.write_update(ctx, draft, body="x", rhythm=0),
        lambda: actions.publish(ctx, published),
        lambda: actions.discard(ctx, published),
        lambda: actions.publish(ctx, ended),
        lambda: actions.change(ctx, ended, facts),
        lambda: actions.end(ctx, ended),
    ):
        with pytest.raises(Conflict):
            write()
    actions.discard(ctx, draft)
    assert "Draft" not in [row.title for row in world.rows(Announcement)]


def test_A_19_a_page_of_a_verb_that_does_not_fit_keeps_what_was_typed(world, as_user, announce):
    row = announce("Ended", state="ended")
    answer = as_user("lee").post(f"/desk/announcements/{row.id}/update", data={"body": "Too late", "rhythm": "0"})
    assert answer.status_code == 409
    assert "Too late" in answer.text
    assert as_user("lee").get(f"/desk/announcements/{row.id}/update", checked=False).status_code == 409


def test_A_19_times_are_in_the_zone_of_whoever_writes(world, as_user):
    sent = {**WORDS, "kind": "maintenance", "starts_at": "2026-12-24 18:00", "ends_at": "2026-12-24 20:00"}
    as_user("lee").post(NEW, data=sent)
    row = newest(world)
    assert row.starts_at == dt.datetime(2026, 12, 24, 17, tzinfo=dt.UTC), "Warsaw"
    assert "2026-12-24 18:00" in as_user("lee").get(f"/desk/announcements/{row.id}/edit").text


def test_A_19_it_is_published_by_itself(world, announce, travel, run_outbox):
    row = announce("Later", state="draft")
    ctx = world.ctx("lee")
    actions.publish(ctx, row, at=ctx.now + HOUR, rhythm=30)
    run_outbox()
    assert row.state == "scheduled"
    travel(hours=1, minutes=1)
    run_outbox()
    world.session.refresh(row)
    assert row.state == "published"
    assert row.next_update_at == row.published_at + HOUR / 2


def test_A_19_a_notice_ends_by_itself_and_maintenance_does_not(world, announce, travel, run_outbox):
    now = world.system().now
    notice = announce("Office closed", kind="notice", ends_at=now + HOUR)
    work = announce("New switch", kind="maintenance", starts_at=now, ends_at=now + HOUR)
    travel(hours=1, minutes=1)
    run_outbox()
    world.session.refresh(notice)
    world.session.refresh(work)
    assert (notice.state, work.state) == ("ended", "published")
    assert work.reminded_at is not None


def test_F4_staff_are_reminded_once_of_a_late_update(world, announce, travel, run_outbox):
    row = announce("All of them", rhythm=60)
    for hours in (1.1, 1, 1):
        travel(hours=hours)
        run_outbox()
    due = [event for event in world.rows(Event, Event.subject_id == row.id) if event.name == "announcement.update_due"]
    assert len(due) == 1
    actions.write_update(world.ctx("lee"), world.row(Announcement, row), body="Still down", rhythm=60)
    travel(hours=1.1)
    run_outbox()
    due = [event for event in world.rows(Event, Event.subject_id == row.id) if event.name == "announcement.update_due"]
    assert len(due) == 2


def test_2_6_the_calendar_file_is_one_that_calendars_read(world, as_user, announce):
    row = announce("New switch; floor 2, cellar", kind="maintenance", accounts=["ACME"])
    answer = as_user("rita").get(f"/announcements/{row.id}/calendar.ics", checked=False)
    assert answer.mimetype == "text/calendar"
    event = Calendar.from_ical(answer.data).walk("VEVENT")[0]
    assert event["summary"] == "Maintenance: New switch; floor 2, cellar"
    assert event["dtstart"].dt == row.starts_at.replace(microsecond=0)
    assert event["dtend"].dt == row.ends_at.replace(microsecond=0)
    outage = announce("Down", accounts=["ACME"])
    assert as_user("rita").get(f"/announcements/{outage.id}/calendar.ics", checked=False).status_code == 404
