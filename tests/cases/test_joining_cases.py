"""FEATURES N15: whoever sees a case can join it instead of opening another one, and decides for themself."""

import pytest
from sqlalchemy import select

from portal.cases.actions import joins, people, resolution
from portal.cases.queries import by_key
from portal.cases.rules import raised_by_joins
from portal.kernel.errors import Conflict, NotFound, Refused
from portal.kernel.events import Event
from portal.notifications.models import OutgoingMail
from portal.tenants.models import Provider

CONTACTS = ("rita", "mel", "cora", "olga", "piotr", "jan", "gil", "gina", "rob", "zoe")


@pytest.fixture
def case(world):
    return world.open_case("rita", severity=4, visibility="shared", subject="Printer in hall 2 is dark")


def join(world, case, who, impact="Nobody here can print", environment=None):
    joins.join(world.ctx(who, "contact"), world.reload(case), environment_id=environment, impact=impact)
    return world.reload(case)


def resolved(world, case):
    resolution.resolve(world.ctx("ana"), world.reload(case), solution="New toner", check="Print a page")
    return world.reload(case)


def events_of(world, case, name):
    return world.session.scalars(select(Event).where(Event.case_id == case.id, Event.name == name)).all()


def kinds(world, case):
    return {grant.user_id: grant.kind for grant in world.reload(case).grants}


def test_N15_joining_on_the_page_is_seen_by_both_sides(world, as_user, case):
    mel = as_user("mel")
    assert any(one.get("href") == f"/cases/{case.key}/join" for one in mel.get(f"/cases/{case.key}").page.all("a"))
    form = mel.get(f"/cases/{case.key}/join").page.form(f"/cases/{case.key}/join")
    place = world.northwind.environments["ACME", "Production"].id
    assert mel.submit(form, environment=str(place), impact="Nobody in the warehouse can print").status_code == 303
    assert kinds(world, case) == {world.mel.id: "affected"}
    for who, base in (("rita", "/cases"), ("mel", "/cases"), ("ana", "/desk/cases")):
        text = " ".join(as_user(who).get(f"{base}/{case.key}").page.text.split())
        assert "Production · Nobody in the warehouse can print" in text, who
    assert "You are on this case already" in mel.get(f"/cases/{case.key}/join").page.text
    assert f"/cases/{case.key}/join" not in mel.get(f"/cases/{case.key}").text
    # The same again adds nothing.
    assert mel.submit(form, environment=str(place), impact="Nobody").status_code == 303
    assert len(events_of(world, case, "case.joined")) == 1


def test_N15_while_typing_only_what_one_sees_is_offered(world, as_user, case):
    private = world.open_case("rita", visibility="private", subject="Printer of the board")
    found = as_user("mel").get("/new/outage/alike?subject=printer").page
    assert any(one.get("href") == f"/cases/{case.key}/join" for one in found.all("a"))
    assert private.key not in found.text
    own = as_user("rita").get("/new/outage/alike?subject=printer").page
    assert not [one for one in own.all("a") if "/join" in one.get("href")]
    assert case.key not in as_user("gil").get("/new/outage/alike?subject=printer").page.text


def test_N15_who_may_join_is_who_may_see(world, as_user, case):
    """Everybody of both providers, shared and private, with and without an exclusion: joining is open to exactly those
    of the organization who see the case on the portal and are not its people already."""
    private = world.open_case("rita", visibility="private")
    hidden = world.open_case("rita", visibility="shared")
    people.exclude(world.ctx("ana"), hidden, world.mel.id)
    may = {}
    for one in (case, private, hidden):
        for name in CONTACTS:
            ctx = world.ctx(name, "contact")
            try:
                row = by_key(ctx, one.key)
            except NotFound:
                may[name, one.id] = False
                continue
            own = world.person(name).id in (row.reported_by_id, row.contact_user_id)
            may[name, one.id] = joins.may_join(ctx, row)
            assert may[name, one.id] == (row.organization_id in ctx.actor.memberships and not own), name
    for (name, case_id), allowed in may.items():
        row = next(one for one in (case, private, hidden) if one.id == case_id)
        path = f"/cases/{row.key}/join"
        answer = as_user(name).post(path, data={"environment": "", "impact": "x"}, checked=False)
        assert (world.person(name).id in kinds(world, row)) == allowed, (name, row.subject)
        assert answer.status_code == (303 if allowed or name == "rita" else 404), name
    assert {name for (name, case_id), allowed in may.items() if allowed and case_id == case.id} >= {
        "mel",
        "cora",
        "olga",
    }
    assert not may["mel", hidden.id] and not may["mel", private.id]


def test_N15_an_excluded_or_foreign_person_finds_nothing(world, as_user, case):
    people.exclude(world.ctx("ana"), case, world.mel.id)
    for who in ("mel", "gil"):
        for answer in (
            as_user(who).get(f"/cases/{case.key}/join", checked=False),
            as_user(who).post(f"/cases/{case.key}/join", data={"environment": "", "impact": "x"}, checked=False),
        ):
            assert answer.status_code == 404, who
    assert not kinds(world, case)


def test_N15_only_own_environments_and_some_words(world, as_user, case):
    foreign = world.northwind.environments["GLOBEX", "Production"].id
    with pytest.raises(Refused):
        join(world, case, "mel", environment=foreign)
    mel = as_user("mel")
    for data in (
        {"environment": str(foreign), "impact": "x"},
        {"environment": "☃" * 50, "impact": "x"},
        {"environment": "", "impact": ""},
        {"environment": "", "impact": "y" * 201},
    ):
        answer = mel.post(f"/cases/{case.key}/join", data=data)
        assert answer.status_code == 422, data
        assert data["impact"][:200] in (answer.page.first("input", name="impact").get("value") or "")
    assert not kinds(world, case)


def test_N15_three_people_raise_it_once_and_say_why(world, as_user, run_outbox, case):
    for who in ("mel", "cora"):
        assert join(world, case, who).severity == 4
    assert join(world, case, "olga").severity == 3
    event = events_of(world, case, "case.severity_changed")[0]
    assert (event.facts["severity"], event.facts["joined"], event.actor_name) == ([4, 3], 3, "")
    run_outbox()
    assert "It hits 3 more people" in as_user("rita").get(f"/cases/{case.key}").page.text
    mail = next(one for one in world.rows(OutgoingMail) if one.kind == "status" and one.user_id == world.rita.id)
    assert "It hits 3 more people" in mail.text
    # Support lowers it: nobody else raises it again.
    case = world.reload(case)
    case.severity = 4
    join(world, case, "jan")
    assert world.reload(case).severity == 4


@pytest.mark.parametrize(
    ("severity", "limit", "kind", "expected"),
    (
        (4, 2, "production", 3),
        (3, 2, None, 2),
        (2, 2, "production", 2),
        (1, 2, "production", 1),
        (2, 1, "production", 1),
        (2, 1, "test", 2),
        (3, 4, None, 3),
    ),
)
def test_N15_the_rule_of_the_provider(severity, limit, kind, expected):
    assert raised_by_joins(severity, limit, kind) == expected


def test_N15_zero_switches_the_rule_off(world, case):
    world.row(Provider, world.northwind.id).joins_raise_at = 0
    world.session.flush()
    for who in ("mel", "cora", "olga"):
        join(world, case, who)
    assert world.reload(case).severity == 4


def test_N15_each_person_accepts_for_themself(world, as_user, run_outbox, case):
    join(world, case, "mel")
    case = resolved(world, case)
    run_outbox()
    asked = {mail.user_id for mail in world.rows(OutgoingMail) if mail.kind == "resolved" and "/a/act" in mail.text}
    assert asked >= {world.rita.id, world.mel.id}
    accept = f"/cases/{case.key}/resolution/accept"
    assert as_user("rita").post(accept).status_code == 303
    assert world.reload(case).state == "resolved"
    assert "Others whom it hits have not answered yet" in as_user("rita").get(f"/cases/{case.key}").page.text
    assert "Others whom it hits" not in as_user("mel").get(f"/cases/{case.key}").page.text
    assert as_user("rita").post(accept).status_code == 303
    assert len(events_of(world, case, "case.confirmed")) == 1
    assert as_user("mel").post(accept).status_code == 303
    assert world.reload(case).state == "closed"
    assert len(events_of(world, case, "case.accepted")) == 1


def test_N15_a_joined_person_alone_does_not_close_it(world, case):
    join(world, case, "mel")
    case = resolved(world, case)
    resolution.accept(world.ctx("mel", "contact"), case)
    assert world.reload(case).state == "resolved"
    resolution.accept(world.ctx("rita", "contact"), world.reload(case))
    assert world.reload(case).state == "closed"


def test_N15_a_rejection_of_one_reopens_it_and_asks_everybody_again(world, case):
    join(world, case, "mel")
    case = resolved(world, case)
    resolution.accept(world.ctx("rita", "contact"), case)
    resolution.reject(world.ctx("mel", "contact"), world.reload(case), reason="Hall 3 is still dark")
    case = world.reload(case)
    assert (case.state, case.rejected_count) == ("open", 1)
    world.session.flush()
    case = resolved(world, case)
    resolution.accept(world.ctx("mel", "contact"), case)
    assert world.reload(case).state == "resolved"


def test_N15_without_an_answer_it_closes_in_the_usual_time(world, travel, run_outbox, case):
    join(world, case, "mel")
    case = resolved(world, case)
    resolution.accept(world.ctx("rita", "contact"), case)
    travel(hours=73)
    run_outbox()
    assert (world.reload(case).state, world.reload(case).closed_by) == ("closed", "system")


def test_N15_who_has_not_answered_is_warned_before_it_closes(world, travel, run_outbox, case):
    join(world, case, "mel")
    join(world, case, "olga")
    resolved(world, case)
    resolution.accept(world.ctx("mel", "contact"), world.reload(case))
    travel(hours=49)
    run_outbox()
    mails = world.rows(OutgoingMail, OutgoingMail.case_id == case.id, OutgoingMail.kind == "closing_soon")
    told = {mail.user_id for mail in mails}
    assert world.olga.id in told and world.rita.id in told
    assert world.mel.id not in told, "they have answered"
    (to_olga,) = [mail for mail in mails if mail.user_id == world.olga.id]
    assert "This case closes" in to_olga.text


def test_N15_a_solved_case_is_not_joined(world, as_user, case):
    resolved(world, case)
    with pytest.raises(Conflict):
        join(world, case, "mel")
    assert as_user("mel").post(f"/cases/{case.key}/join", data={"environment": "", "impact": "x"}).status_code == 409
    assert "is solved" in as_user("mel").get(f"/cases/{case.key}/join").page.text


def test_N15_whoever_joined_can_leave(world, as_user, case):
    case = join(world, case, "mel")
    grant = case.grants[0]
    assert as_user("mel").post(f"/cases/{case.key}/people", data={"remove": str(grant.id)}).status_code == 303
    assert not kinds(world, case)
