"""The list and the preview are one law: whoever the audience names finds the case in their list, and nobody else.

Worlds are drawn at random: who the actor is, what their access rows say, which rules the organization has, where the
case stands, to whom it was opened, whom it excludes.
"""

import datetime as dt

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from portal.authz.roles import ContactRole, StaffRole
from portal.authz.scopes import scope
from portal.cases.audience import VisibilityFacts, admitting_rules
from portal.cases.models import Case, CaseExclusion, CaseGrant
from portal.kernel.actor import Access, Actor, Membership, Side
from portal.kernel.database import Tenancy, bind, db

MOMENT = dt.datetime(2026, 11, 2, 9, 0, tzinfo=dt.UTC)
CONTACTS = ("rita", "mel", "cora", "olga", "piotr", "jan", "gil", "gina")
ACCOUNTS = {"Acme": ("ACME", "ACMEPL"), "Globex": ("GLOBEX",)}
OF = {"Acme": ("rita", "mel", "cora", "olga", "piotr", "jan"), "Globex": ("gil", "gina")}
ENVIRONMENTS = {"ACME": ("Production", "Test"), "ACMEPL": ("Production",), "GLOBEX": ("Production", "Test")}

organizations = st.sampled_from(["Acme", "Globex"])


@st.composite
def access_rows(draw, organization):
    """Up to three roles in accounts, or in single environments, of an organization; none: they only belong."""
    rows = []
    for _ in range(draw(st.integers(0, 3))):
        account = draw(st.sampled_from(ACCOUNTS[organization]))
        environment = draw(st.none() | st.sampled_from(ENVIRONMENTS[account]))
        rows.append((organization, account, environment, draw(st.sampled_from(list(ContactRole)))))
    return rows


@st.composite
def contacts(draw):
    """Somebody of one, both or no organization, under whatever rules those have."""
    member_of = draw(st.sets(organizations))
    return {
        "side": "contact",
        "who": draw(st.sampled_from(CONTACTS)),
        "rules": {name: (draw(st.booleans()), draw(st.booleans())) for name in sorted(member_of)},
        "reports": {name: draw(st.sets(st.sampled_from(OF[name]), max_size=2)) for name in sorted(member_of)},
        "access": [row for name in sorted(member_of) for row in draw(access_rows(name))],
    }


@st.composite
def staff(draw):
    """Somebody of the desk, for all or some accounts."""
    return {
        "side": "staff",
        "who": draw(st.sampled_from(["ana", "tom", "lee", "ada", "pat", "aud"])),
        "role": draw(st.sampled_from(list(StaffRole))),
        "all": draw(st.booleans()),
        "accounts": draw(st.sets(st.sampled_from(["ACME", "ACMEPL", "GLOBEX"]))),
    }


@st.composite
def cases(draw):
    """A case somewhere, opened to some and closed to others."""
    organization = draw(organizations)
    account = draw(st.sampled_from(ACCOUNTS[organization]))
    everybody = [*CONTACTS, "ana"]
    return {
        "organization": organization,
        "account": account,
        "environment": draw(st.none() | st.sampled_from(ENVIRONMENTS[account])),
        "visibility": draw(st.sampled_from(["private", "shared"])),
        "contact": draw(st.sampled_from(OF[organization])),
        "reporter": draw(st.sampled_from(everybody)),
        "grants": draw(
            st.dictionaries(
                st.sampled_from(CONTACTS), st.sampled_from(["participant", "reader", "affected"]), max_size=2
            )
        ),
        "abroad": draw(st.sets(organizations, max_size=2)),
        "excluded": draw(st.sets(st.sampled_from([*everybody, "tom", "lee"]), max_size=2)),
    }


def actor_of(world, drawn):
    """The actor that a request of such a person would have."""
    north, person = world.northwind, world.person(drawn["who"])
    if drawn["side"] == "staff":
        return Actor(
            Side.STAFF,
            north.id,
            person.id,
            person.name,
            staff_id=person.staff_id,
            role=drawn["role"].value,
            all_accounts=drawn["all"],
            account_ids=frozenset(north.accounts[key].id for key in drawn["accounts"]),
        )
    memberships = {}
    for name, (private, shared) in drawn["rules"].items():
        thing = north.organizations[name]
        memberships[thing.id] = Membership(
            person.contact_id,
            thing.id,
            thing.key,
            name,
            frozenset(one.id for one in north.accounts.values() if one.organization_id == thing.id),
            private,
            shared,
            frozenset(world.person(who).id for who in drawn.get("reports", {}).get(name, ())),
        )
    access = tuple(
        Access(
            north.organizations[name].id,
            north.accounts[account].id,
            north.environments[account, environment].id if environment else None,
            role.value,
        )
        for name, account, environment, role in drawn["access"]
    )
    return Actor(Side.CONTACT, north.id, person.id, person.name, memberships=memberships, access=access)


def place_of(world, drawn):
    """What the audience reads of the case."""
    north = world.northwind
    environment = drawn["environment"]
    return VisibilityFacts(
        north.organizations[drawn["organization"]].id,
        north.accounts[drawn["account"]].id,
        north.environments[drawn["account"], environment].id if environment else None,
        drawn["visibility"],
        world.person(drawn["reporter"]).id,
        world.person(drawn["contact"]).id,
        frozenset((world.person(who).id, kind) for who, kind in drawn["grants"].items()),
        frozenset(north.organizations[name].id for name in drawn["abroad"]),
        frozenset(world.person(who).id for who in drawn["excluded"]),
    )


def store(world, drawn, place):
    """The same case as rows."""
    contact = world.person(drawn["contact"])
    case = Case(
        provider_id=world.northwind.id,
        organization_id=place.organization_id,
        account_id=place.account_id,
        environment_id=place.environment_id,
        request_type_id=world.types["question"].id,
        reported_by_id=place.reported_by_id,
        reported_side="contact",
        contact_id=contact.contact_id,
        contact_user_id=place.contact_user_id,
        visibility=place.visibility,
        severity_asked=3,
        severity=3,
        subject="Drawn",
        description="Drawn",
        channel="portal",
        opened_at=MOMENT,
        updated_at=MOMENT,
    )
    session = world.session
    session.add(case)
    session.flush()
    where = {
        "provider_id": case.provider_id,
        "organization_id": case.organization_id,
        "account_id": case.account_id,
        "case_id": case.id,
        "added_at": MOMENT,
    }
    session.add_all(CaseGrant(user_id=user, kind=kind, **where) for user, kind in place.grants)
    session.add_all(CaseGrant(to_organization_id=to, kind="organization", **where) for to in place.to_organizations)
    session.add_all(CaseExclusion(user_id=user, **where) for user in place.excluded)
    session.flush()
    return case.id


# Few but crowded worlds: each compares 7 people with 6 cases, so that a rule that lies is met many times over.
CROWD = st.tuples(st.lists(contacts(), min_size=5, max_size=5), st.lists(staff(), min_size=2, max_size=2))


@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(crowd=CROWD, places=st.lists(cases(), min_size=6, max_size=6))
def test_the_scope_admits_exactly_the_audience(world, crowd, places):
    drawn_places = [(place_of(world, drawn), drawn) for drawn in places]
    nested = world.session.begin_nested()
    try:
        stored = [(store(world, drawn, place), place) for place, drawn in drawn_places]
        for drawn in [*crowd[0], *crowd[1]]:
            actor = actor_of(world, drawn)
            expected = {case_id for case_id, place in stored if admitting_rules(actor, place)}
            for tenancy in (world.home, Tenancy.of(actor)):  # without the policies, and under them
                bind(db.session, tenancy)
                found = set(db.session.scalars(scope(actor, Case).with_only_columns(Case.id)))
                assert found == expected, (tenancy.side, drawn)
    finally:
        bind(db.session, world.home)
        nested.rollback()


def test_the_actors_drawn_are_shaped_like_those_of_requests(world):
    """The property would prove nothing about actors that never occur."""
    real = world.ctx("cora").actor
    drawn = {
        "side": "contact",
        "who": "cora",
        "rules": {"Acme": (False, False)},
        "access": [("Acme", key, None, ContactRole.COORDINATOR) for key in ("ACME", "ACMEPL")],
    }
    made = actor_of(world, drawn)
    assert (made.memberships, set(made.access)) == (real.memberships, set(real.access))


def test_every_contact_of_the_world_sees_what_the_audience_says(world):
    """The same law for the people who are really there, case by case."""
    for by, visibility in (("rita", "private"), ("mel", "shared"), ("piotr", "shared"), ("gil", "private")):
        case = world.open_case(by, visibility=visibility)
        place = VisibilityFacts(
            case.organization_id,
            case.account_id,
            case.environment_id,
            case.visibility,
            case.reported_by_id,
            case.contact_user_id,
        )
        for key in world.people:
            ctx = world.ctx(key)
            listed = ctx.session.scalar(scope(ctx.actor, Case).where(Case.id == case.id).with_only_columns(Case.id))
            expected = world.provider_world_of(key) is world.northwind and bool(admitting_rules(ctx.actor, place))
            assert (listed is not None) == expected, (by, key)


def test_an_excluded_person_is_told_nothing(world):
    """Exclusion beats everything, also the role that sees all private cases."""
    case = world.open_case("rita", visibility="shared")
    for key in ("mel", "olga", "ana"):
        world.exclude(case, key)
        ctx = world.ctx(key)
        assert (
            ctx.session.scalars(
                select(Case.id).where(Case.id.in_(scope(ctx.actor, Case).with_only_columns(Case.id)))
            ).all()
            == []
        )
