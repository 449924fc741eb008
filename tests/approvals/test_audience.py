"""Whom a question names, whom the preview names, and who can load the case are the same people, in random worlds."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.approvals.actions import answers
from portal.approvals.models import ApprovalRule
from portal.approvals.panels import notice_of
from portal.approvals.rules import APPROVER_ROLES
from portal.authz.scopes import scope
from portal.cases.actions import people
from portal.cases.models import Case, RequestType
from portal.cases.queries.interface import Draft
from portal.kernel.database import bind, db
from portal.kernel.errors import Conflict, Forbidden, NotFound
from portal.tenants.actions.reporting_lines import set_manager
from portal.tenants.models import Account, Contact, Environment, Organization
from tests.support.approvals import make_rule, request_of, step

ACMES = ("rita", "mel", "cora", "olga", "jan", "piotr")
EVERYBODY = (*ACMES, "gil", "gina")


@st.composite
def approval_steps(draw):
    """Steps with people of Acme (and of Globex, whom a rule for everybody may name too) and with roles."""
    drawn = []
    for _ in range(draw(st.integers(1, 2))):
        named = draw(st.lists(st.sampled_from(EVERYBODY), max_size=3, unique=True))
        deputies = [draw(st.none() | st.sampled_from(EVERYBODY)) for _one in named]
        roles = draw(st.sets(st.sampled_from(APPROVER_ROLES), max_size=2))
        drawn.append((named or ["olga"], deputies or [None], sorted(roles), draw(st.sampled_from(["one", "all"]))))
    return drawn


def written(world, named, deputies):
    """The lines of a step; a deputy who is named in it is left out."""
    for who, deputy in zip(named, deputies, strict=False):
        extra = f" / {world.person(deputy).email}" if deputy and deputy not in named else ""
        yield f"{world.person(who).email}{extra}"


def loads(world, who, case):
    """Whether *who* can load *case* on the portal, under the policies too."""
    ctx = world.ctx(who, "contact")
    found = scope(ctx.actor, Case).where(Case.id == case.id).with_only_columns(Case.id)
    return ctx.session.scalar(found) is not None


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    drawn=approval_steps(),
    opener=st.sampled_from(["rita", "mel", "cora", "olga"]),
    visibility=st.sampled_from(["private", "shared"]),
    environment=st.none() | st.sampled_from(["Production", "Test"]),
    rules=st.tuples(st.booleans(), st.booleans()),
    excluded=st.sets(st.sampled_from(ACMES), max_size=2),
    manager=st.none() | st.sampled_from(ACMES),
)
def test_m2_the_people_named_are_exactly_those_who_can_load_the_case(
    world, drawn, opener, visibility, environment, rules, excluded, manager
):
    nested = world.session.begin_nested()
    try:
        acme = world.row(Organization, world.organizations["Acme"])
        acme.admins_see_private, acme.requesters_see_shared = rules
        world.session.flush()
        if manager is not None and manager != opener:
            place = world.row(Contact, world.person(opener).contact_id)
            set_manager(world.ctx("ada"), place, world.person(manager).contact_id)
        chosen = [step(*written(world, a, b), mode=mode, roles=tuple(roles)) for a, b, roles, mode in drawn]
        make_rule(world, *chosen)
        notice, named_before = preview(world, opener, environment)
        case = world.open_case(opener, visibility=visibility, environment=environment or "")
        check_waiting(world, case)
        # The preview had named whoever is asked first, and nobody who never can.
        assert set(request_of(world, case).waiting_ids) <= set(named_before)
        assert notice.nobody or request_of(world, case).waiting_ids
        for who in excluded - {opener}:
            people.exclude(world.ctx("ana", "staff"), case, world.person(who).id)
            assert not loads(world, who, case)
        check_waiting(world, world.reload(case))
        for who in EVERYBODY:
            try_to_answer(world, case, who)
            if request_of(world, case).state == "asked":
                check_waiting(world, world.reload(case))
    finally:
        bind(db.session, world.home)
        nested.rollback()
        db.session.expire_all()


def preview(world, opener, environment):
    """What the form says before submit."""
    ctx = world.ctx(opener, "contact")
    account = ctx.session.get(Account, world.acme.id)
    place = world.environments["ACME", environment] if environment else None
    where = ctx.session.get(Environment, place.id) if place else None
    kind = ctx.session.get(RequestType, world.types["outage"].id)
    notice, names = notice_of(ctx, Draft(account, where, [3], 3, None, kind))
    assert notice is not None
    return notice, names


def check_waiting(world, case):
    """Of those whom the present step names, whoever can load the case is asked, and nobody else."""
    row = request_of(world, case)
    if row.state != "asked":
        return
    answered = {one.user_id for one in row.answers if one.step == row.step}
    filled = {one.seat_id for one in row.answers if one.step == row.step}
    seats = row.steps[row.step]["seats"]
    open_seats = [seat for seat in seats if seat["id"] not in {str(one) for one in filled}]
    named = {one for seat in open_seats for one in (seat["id"], seat["deputy"]) if one}
    by_id = {str(world.person(who).id): who for who in EVERYBODY}
    requesters = {str(case.reported_by_id), str(case.contact_user_id)}
    expected = {
        world.person(by_id[one]).id
        for one in named - requesters
        if loads(world, by_id[one], case) and world.person(by_id[one]).id not in answered
    }
    assert set(row.waiting_ids) == expected, (named, row.waiting_ids)
    assert row.stuck is (not expected)


def try_to_answer(world, case, who):
    """Say yes as *who*: it counts for those who are asked, and is refused to everybody else."""
    row = request_of(world, case)
    asked = row.state == "asked" and world.person(who).id in row.waiting_ids
    try:
        answers.answer(world.ctx(who, "contact"), case, approves=True)
    except (Conflict, Forbidden, NotFound):
        assert not asked
    else:
        assert asked


def test_m2_a_rule_for_every_client_names_nobody_of_another_one(world):
    make_rule(world, step(world.gil.email, world.olga.email))
    case = world.open_case("rita", visibility="private")
    assert request_of(world, case).waiting_ids == [world.olga.id]
    assert not loads(world, "gil", case)
    assert len(world.rows(ApprovalRule)) == 1


def test_m2_the_manager_is_that_of_whom_the_case_is_for(world, as_user):
    """Cora opens for Rita: Rita's manager is asked; without a manager nobody is, and support hears of it."""
    rita, mel = (world.row(Contact, world.person(who).contact_id) for who in ("rita", "mel"))
    set_manager(world.ctx("ada"), rita, world.olga.contact_id)
    make_rule(world, step(roles=("manager",)))
    assert request_of(world, world.open_case("rita")).waiting_ids == [world.olga.id]
    assert request_of(world, world.open_case("cora", contact="rita")).waiting_ids == [world.olga.id]
    assert request_of(world, world.open_case("mel")).stuck
    # A manager who opens a case for their own report asks for it, and does not say yes to it.
    set_manager(world.ctx("ada"), mel, world.cora.contact_id)
    assert request_of(world, world.open_case("cora", contact="mel")).stuck
    page = as_user("ada").get(f"/admin/approvals/{world.rows(ApprovalRule)[0].id}").page.text
    assert "The manager of the person the case is for" in page
