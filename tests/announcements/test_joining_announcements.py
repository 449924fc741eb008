"""FEATURES N15 and screen P-12: an announcement is joined instead of reported again, followed, or muted."""

import datetime as dt

import pytest
from sqlalchemy import select

from portal.announcements import actions, queries
from portal.announcements.models import AnnouncementJoin
from portal.announcements.rules import AnnouncementPlace
from portal.kernel.errors import Conflict
from portal.notifications.models import MailChoice, Notification, OutgoingMail


@pytest.fixture
def row(announce):
    return announce("VPN Warsaw", accounts=["ACME"], kind="outage")


def place(world, account="ACME", environment=""):
    one = world.northwind.accounts[account]
    return AnnouncementPlace(
        account_id=one.id,
        organization_id=one.organization_id,
        environment_id=world.northwind.environments[account, environment].id if environment else None,
    )


def join(world, row, who="rita", **where):
    actions.join(world.ctx(who, "contact"), row, place(world, **where), impact=f"{who} cannot work")


def stored(world):
    return world.rows(AnnouncementJoin)


def mailed(world):
    return {mail.user_id for mail in world.rows(OutgoingMail) if mail.kind == "announcement"}


def forget_mails(world):
    for mail in world.rows(OutgoingMail):
        world.session.delete(mail)
    world.session.flush()


def test_N15_one_row_for_each_place(world, as_user, row):
    rita = as_user("rita")
    assert any(
        link.get("href") == f"/announcements/{row.id}/join"
        for link in rita.get(f"/announcements/{row.id}").page.all("a")
    )
    form = rita.get(f"/announcements/{row.id}/join").page.form(f"/announcements/{row.id}/join")
    production = str(world.northwind.environments["ACME", "Production"].id)
    for impact in ("Nobody can connect", "Still nobody"):
        assert rita.submit(form, place=production, impact=impact).status_code == 303
    assert [one.impact for one in stored(world)] == ["Still nobody"]
    join(world, row, environment="Production")
    join(world, row)
    join(world, row)
    assert len(stored(world)) == 2
    assert "rita cannot work" in rita.get(f"/announcements/{row.id}").page.text


def test_N15_only_own_places_and_some_words(world, as_user, row):
    globex = world.northwind.accounts["GLOBEX"].id
    production = str(world.northwind.environments["ACME", "Production"].id)
    for data in (
        {"place": str(globex), "impact": "x"},
        {"place": "☃", "impact": "x"},
        {"place": production, "impact": ""},
        {"place": production, "impact": "y" * 201},
    ):
        answer = as_user("rita").post(f"/announcements/{row.id}/join", data=data)
        assert answer.status_code == 422, data
        assert (answer.page.first("input", name="impact").get("value") or "")[:3] == data["impact"][:3]
    assert not stored(world)


def test_N15_who_may_join_is_whom_it_reaches(world, as_user, announce, row):
    """Each person and each kind of announcement: joining, following and answering are there exactly where it is."""
    rows = [row, announce("To Globex", accounts=["GLOBEX"]), announce("Draft", accounts=["ACME"], state="draft")]
    for who in ("rita", "mel", "olga", "gil", "gina", "rob"):
        for one in rows:
            sees = as_user(who).get(f"/announcements/{one.id}", checked=False).status_code
            assert sees in (200, 404)
            for verb in ("join", "follow", "answer"):
                assert as_user(who).get(f"/announcements/{one.id}/{verb}", checked=False).status_code == sees, (
                    who,
                    verb,
                )
                if sees == 404:
                    data = {"place": "", "impact": "x", "mode": "follow", "answer": "works"}
                    assert (
                        as_user(who).post(f"/announcements/{one.id}/{verb}", data=data, checked=False).status_code
                        == 404
                    )
    assert not stored(world)


def test_N15_staff_see_how_many_and_names_of_their_accounts_only(world, as_user, announce):
    row = announce("Everybody", kind="outage")
    join(world, row, "rita")
    join(world, row, "gil", account="GLOBEX")
    for who, seen in (("lee", {"rita", "gil"}), ("tom", None)):
        page = as_user(who).get(f"/desk/announcements/{row.id}").page
        text = " ".join(page.text.split())
        assert "People: 2. Accounts: 2." in text, who
        ctx = world.ctx(who, "staff")
        mine = {
            "rita": world.acme.id in ctx.actor.account_ids,
            "gil": world.northwind.accounts["GLOBEX"].id in ctx.actor.account_ids,
        }
        names = seen if seen is not None else {one for one, own in mine.items() if own or ctx.actor.all_accounts}
        for one in ("rita", "gil"):
            assert (f"{one} cannot work" in text) == (one in names), (who, one)


def test_N15_colleagues_and_other_clients_do_not_read_who_joined(world, as_user, announce):
    row = announce("Everybody", kind="outage")
    join(world, row, "rita")
    for who in ("mel", "gil"):
        assert "rita cannot work" not in as_user(who).get(f"/announcements/{row.id}").page.text


def test_N15_at_the_end_each_is_asked_and_a_broken_one_opens_a_case(world, as_user, run_outbox, row):
    world.session.add(
        MailChoice(provider_id=row.provider_id, user_id=world.rita.id, topic="announcements", mailed=False)
    )
    join(world, row)
    run_outbox()
    forget_mails(world)
    path = f"/announcements/{row.id}/answer"
    with pytest.raises(Conflict):
        actions.answer(world.ctx("rita", "contact"), row, "works")
    assert as_user("rita").post(path, data={"answer": "works"}).status_code == 409
    actions.end(world.ctx("lee"), row, body="A line was mended.")
    run_outbox()
    mail = next(one for one in world.rows(OutgoingMail) if one.user_id == world.rita.id)
    assert "Does it work for you again? Say so on its page." in mail.text and str(row.id) in mail.text
    others = [one for one in world.rows(OutgoingMail) if one.user_id != world.rita.id]
    assert others and not any("Does it work for you again" in one.text for one in others)
    assert any(one.user_id == world.rita.id for one in world.rows(Notification))
    assert as_user("rita").post(path, data={"answer": ""}).status_code == 422
    answer = as_user("rita").post(path, data={"answer": "broken"})
    assert answer.status_code == 303 and answer.headers["Location"].startswith(
        "/new?subject=Still+broken%3A+VPN+Warsaw"
    )
    assert [one.answer for one in stored(world)] == ["broken"]
    assert "still broken" in as_user("lee").get(f"/desk/announcements/{row.id}").page.text
    assert as_user("rita").post(path, data={"answer": "works"}).status_code == 303
    assert as_user("mel").post(path, data={"answer": "works"}).status_code == 409


def test_N15_what_is_over_or_only_news_is_not_joined(world, as_user, announce):
    for row in (announce("Over", state="ended"), announce("News", kind="notice")):
        assert f"/announcements/{row.id}/join" not in as_user("rita").get(f"/announcements/{row.id}").text
        data = {"place": str(world.acme.id), "impact": "x"}
        assert as_user("rita").post(f"/announcements/{row.id}/join", data=data).status_code == 409
    assert not stored(world)


def test_P12_follow_mute_and_as_usual(world, as_user, run_outbox, row):
    run_outbox()
    forget_mails(world)
    for who in ("rita", "mel"):
        user = world.person(who).id
        world.session.add(MailChoice(provider_id=row.provider_id, user_id=user, topic="announcements", mailed=False))
    path = f"/announcements/{row.id}/follow"
    assert as_user("rita").post(path, data={"mode": "follow"}).status_code == 303
    assert as_user("olga").post(path, data={"mode": "mute"}).status_code == 303
    assert as_user("rita").post(path, data={"mode": "loud"}).status_code == 422
    assert "You are told of every update" in as_user("rita").get(f"/announcements/{row.id}").page.text
    before = len([one for one in world.rows(Notification) if one.user_id == world.olga.id])
    actions.write_update(world.ctx("lee"), row, body="A part comes", rhythm=0)
    run_outbox()
    assert world.rita.id in mailed(world)
    assert not {world.mel.id, world.olga.id} & mailed(world)
    assert len([one for one in world.rows(Notification) if one.user_id == world.olga.id]) == before
    assert "VPN Warsaw" not in as_user("olga").get("/").page.text
    assert "VPN Warsaw" in as_user("rita").get("/").page.text
    assert as_user("olga").post(path, data={"mode": ""}).status_code == 303
    assert "VPN Warsaw" in as_user("olga").get("/").page.text
    assert not queries.follow_modes(world.ctx("olga", "contact"), row)


def test_P12_the_form_of_a_new_case_leads_there(world, as_user, row):
    links = {link.get("href") for link in as_user("rita").get("/new/outage").page.all("a")}
    assert {f"/announcements/{row.id}/join", f"/announcements/{row.id}/follow"} <= links
    assert world.session.scalar(select(AnnouncementJoin.id)) is None


@pytest.mark.parametrize("joined", [True, False])
def test_N15_who_joined_is_told_of_a_workaround_that_ends_by_itself(world, announce, run_outbox, travel, joined):
    ends = world.ctx("lee").now + dt.timedelta(hours=2)
    row = announce("Print on the second floor", accounts=["ACME"], kind="workaround", ends_at=ends)
    if joined:
        join(world, row)
    run_outbox()
    forget_mails(world)
    travel(hours=3)
    ctx = world.system()
    actions.act_when_due(ctx, queries.announcement(ctx, row.id, lock=True))
    assert row.state == "ended"
    run_outbox()
    assert (world.rita.id in mailed(world)) is joined
