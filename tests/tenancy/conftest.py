"""A world with at least one row in every table, for Acme, Globex and Southgate, committed; looked at with plain SQL.

What these tests see has passed no scope, no query and no action: only the policies stand between it and the rows.
"""

import datetime as dt
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row
from sqlalchemy import select

from portal.announcements import actions as announcements
from portal.announcements.actions import AnnouncementFacts
from portal.announcements.rules import AnnouncementPlace
from portal.attachments.models import Attachment
from portal.audit.models import StaffAccess
from portal.authz.roles import ContactRole
from portal.calls.actions import checks
from portal.calls.models import Call, PhoneExtension, TelephoneSystem
from portal.canned_replies.actions.uses import count_uses
from portal.cases.actions import desk, joins, links, people, resolution, severity_question
from portal.cases.engine.request_answers import Answer
from portal.cases.models import Case, DefaultAccount
from portal.channels.mail.models import (
    AccountSender,
    CopyProposal,
    InboundMail,
    Mailbox,
    MailboxConnection,
    MailboxTest,
    MailboxToken,
)
from portal.chat.models import Chat
from portal.identity.factor_models import Authenticator, Passkey, RecoveryCode, TrustedDevice
from portal.identity.models import LinkRequest, UnsentForm, User
from portal.kernel import clock, ids, tokens
from portal.kernel.actor import Side
from portal.kernel.database import Tenancy, bind, db
from portal.kernel.events import Event
from portal.kernel.outbox import Delivery
from portal.kernel.security_events import SecurityEvent
from portal.knowledge.actions import articles as article_actions
from portal.knowledge.actions.reads import note_missed_search, note_read
from portal.knowledge.actions.votes import vote_on_article
from portal.notifications.models import (
    DigestEntry,
    MailChoice,
    Notification,
    OutgoingMail,
    PushChoice,
    PushDevice,
    QuietHours,
    SendingFault,
)
from portal.registrations.models import Registration
from portal.scim.models import ScimClient, ScimGroup, ScimGroupMember, ScimGroupRole, ScimPerson
from portal.sla import import_config
from portal.sla.actions import assignments
from portal.sla.models import EscalationStep, FiredStep, Objection, Run, SlaCalendar, SlaClock, SlaPolicy
from portal.sso.models import LinkedSignIn, OrganizationDomain, SignInWay
from portal.surveys import actions as surveys
from portal.surveys.actions import plan as plan_actions
from portal.surveys.engine.invitations import SurveyTerms
from portal.surveys.queries import open_survey
from portal.tenants.actions import accounts as account_actions
from portal.tenants.actions import contacts as contact_actions
from portal.tenants.actions.contacts import Grant
from portal.tenants.actions.reporting_lines import set_manager
from portal.tenants.models import (
    Account,
    AccountService,
    Contact,
    Department,
    Environment,
    ImportDraft,
    Organization,
    StaffMember,
)
from tests.support import acting, chats, help_articles
from tests.support.approvals import leave_request, make_rule
from tests.support.canned_replies import write_reply
from tests.support.case_rules import leave_firing, make_case_rule
from tests.support.community import fill_space
from tests.support.delayed_replies import leave_delayed_reply
from tests.support.hotlines import (
    add_call,
    add_call_back,
    add_check,
    add_extension,
    add_incoming_call,
    add_system,
    make_hotline,
)
from tests.support.live_world import Live
from tests.support.provider_world import WorldPerson, WorldRow
from tests.support.saved_views import save_filter, save_view
from tests.support.snoozes import leave_snooze
from tests.support.tags import add_tag, leave_tag
from tests.support.tasks import leave_task
from tests.support.time_entries import leave_time, leave_timer
from tests.support.world import World

Connection = psycopg.Connection[dict[str, Any]]
# What Southgate promises, so that its cases have clocks too.
PROMISES = {
    "calendars": {"always": {"name": "Always", "always": True}},
    "policies": {
        "plain": {
            "name": "Plain",
            "calendar": "always",
            "severities": {rank: {"first_response": "1 hour", "resolution": "1 business day"} for rank in "1234"},
        }
    },
    "rules": [
        {
            "name": "Late",
            "policy": "plain",
            "kinds": ["resolution"],
            "steps": [{"percent": 100, "does": "notify", "whom": ["owner"]}],
        }
    ],
    "assign": {"policy": "plain"},
}


@dataclass
class Town:
    """The filled world: ids of what matters, and connections bound to whoever looks."""

    live: Live
    world: World
    cases: dict[str, uuid.UUID] = field(default_factory=dict)
    eve: uuid.UUID = field(default_factory=uuid.uuid4)
    _known: dict[str, Tenancy] = field(default_factory=dict)
    _open: dict[str, Connection] = field(default_factory=dict)

    def tenancy(self, who: str) -> Tenancy:
        """What a request of *who* is bound to; `eve` is in copy of one case and has no place anywhere."""
        north, south = self.world.northwind.id, self.world.southgate.id
        special = {
            "nobody": Tenancy(),
            "visitor": Tenancy(north),
            "eve": Tenancy(north, self.eve, side=Side.CONTACT),
            "northwind": Tenancy(north, side=Side.SYSTEM),
            "southgate": Tenancy(south, side=Side.SYSTEM),
        }
        if who in special:
            return special[who]
        if who not in self._known:
            with self.live.app.app_context():
                self._known[who] = Tenancy.of(self.world.ctx(who).actor)
        return self._known[who]

    @contextmanager
    def looks(self, who: str) -> Iterator[Connection]:
        """A connection of the application role on which *who* looks; nothing it does is stored."""
        with self._connection("parley_app") as connection:
            for name, value in self.tenancy(who).parameters().items():
                connection.execute("SELECT set_config(%s, %s, true)", [f"parley.{name}", value])
            yield connection

    @contextmanager
    def above(self) -> Iterator[Connection]:
        """A connection that no policy binds: what is really there."""
        with self._connection("postgres") as connection:
            yield connection

    @contextmanager
    def _connection(self, role: str) -> Iterator[Connection]:
        if role not in self._open:
            url = self.live.engines.url(self.live.name, role)
            self._open[role] = psycopg.connect(url, row_factory=dict_row)
        try:
            yield self._open[role]
        finally:
            self._open[role].rollback()

    def close(self) -> None:
        for connection in self._open.values():
            connection.close()


@pytest.fixture(scope="module")
def town(live: Live) -> Iterator[Town]:
    """The world, filled."""
    filled = Town(live, live.world)
    with live.inside() as world:
        import_config.apply_config(world.system(world.southgate), PROMISES)
        fill_northwind(world, filled)
        fill_southgate(world, filled)
        for who in ("rita", "gil", "ana", "rob"):
            acting.sign_in(world.provider_world_of(who), world.person(who))
            acting.leave_unsent(world.provider_world_of(who), world.person(who))
            acting.leave_draft(world.provider_world_of(who), world.person(who), staff=who == "ana")
        promise(world, world.globex, world.ana)
        for by, key in (("lee", "ACME"), ("lee", "GLOB"), ("sue", "ACME")):
            announce(world, by, key)
            gather(world, by, key)
        for admin in ("ada", "sue"):
            make_hotline(world, by=admin)
        for admin in ("ada", "sue"):
            kind = next(iter(world.provider_world_of(admin).types.values()))
            make_rule(world, by=admin, active=False, client="ACME", request_type_id=kind.id)
        make_rule(world, active=False, client="GLOBEX")
        rules = {admin: make_case_rule(world, by=admin, active=False) for admin in ("ada", "sue")}
        for admin, key in (("ada", "ACME"), ("ada", "GLOBEX"), ("sue", "ACME")):
            make_case_rule(world, by=admin, active=False, client=key)
        make_full_rules(world)
        for case_id in filled.cases.values():
            log_phone(world, case_id)
            ask_for_approval(world, case_id)
            tag_case(world, case_id)
            leave_firings(world, case_id, rules)
        for lead, agent in (("lee", "ana"), ("sue", "sam")):
            department = next(iter(world.provider_world_of(lead).departments.values()), None)
            shared = write_reply(world, by=lead, department_id=department and department.id)
            write_reply(world, "Own", by=agent, shared=False)
            count_uses(world.ctx(agent, "staff"), [shared])
            save_view(world, "For everyone", by=lead, audience="everyone")
            save_view(world, "Own", by=agent, pinned=True)
            if department:
                save_view(world, "Of some", by=lead, audience="department", department_id=department.id)
            save_filter(world, by="rita" if lead == "lee" else "rob")
        for admin, agent in (("ada", "ana"), ("sue", "sam")):
            chats.open_chat_hours(world, by=admin)
            chats.take_chats_as(world, agent)
        for contact, agent, key in (("rita", "ana", "ACME"), ("gil", "ana", "GLOB"), ("rob", "sam", "ACME")):
            chat = chats.start_chat(world, by=contact, account=key)
            chats.accept_chat(world, chat, by=agent)
            lost, ctx = chat.accepted_by_id, world.system(world.provider_world_of(agent))
            ctx.session.get(Chat, chat.id).lost_by_id = lost
            ctx.session.flush()
            filled.cases[f"chat of {contact}"] = chat.case_id
    for case in list(filled.cases):
        with live.inside() as world:
            of_southgate = case in ("southgate", "chat of rob")
            fill_machinery(world, filled.cases[case], world.southgate if of_southgate else world.northwind)
    yield filled
    filled.close()


def fill_northwind(world: World, town: Town) -> None:
    """Acme: a private case with Eve in copy, a shared one, one shared abroad. Globex: one with everything on it."""
    private = world.open_case("rita", subject="Private of Rita", environment="Test")
    town.cases["private"] = private.id
    world.put_in_copy(private, "eve@elsewhere.example")
    town.eve = next(grant.user_id for grant in private.grants if grant.user_id)
    adorn(world, private, by="rita", staff="ana", reader="mel", excluded="cora")
    shared = world.open_case("mel", subject="Shared of Mel", visibility="shared")
    town.cases["shared"] = shared.id
    there = world.environments["ACME", "Test"].id
    joins.join(world.ctx("rita", "contact"), world.reload(shared), environment_id=there, impact="Nothing prints")
    twin = world.open_case("mel", subject="Twin of Mel's")
    town.cases["twin"] = twin.id
    links.merge(world.ctx("ana"), twin, shared)
    abroad = world.open_case("olga", account="ACME", subject="Shared with Globex", visibility="shared")
    town.cases["abroad"] = abroad.id
    people.share_with_organization(world.ctx("ana"), abroad, world.row(Organization, world.organizations["Globex"]))
    globex = world.open_case("gil", subject="Of Gil", environment="Test")
    town.cases["globex"] = globex.id
    adorn(world, globex, by="gil", staff="tom", reader="gina", excluded="lee")
    desk.take(world.ctx("tom"), globex)
    twin = world.open_case("gil", subject="Twin of Gil's")
    town.cases["globex twin"] = twin.id
    links.merge(world.ctx("ana"), twin, globex)
    resolution.resolve(world.ctx("tom"), globex, solution="Done")
    resolution.accept(world.ctx("gil"), globex)
    complain(world, globex, by="gil", admin="ada")
    fill_help(world, "ada", "rita", *(world.organizations[name] for name in ("Acme", "Globex")))
    ask_by_impact(world, "ada")
    account = world.row(Account, world.globex)
    account_actions.change_account(
        world.system(),
        account,
        key="GLOB",
        name=account.name,
        suspended="",
        services=[world.northwind.services["remote-hands"].id],
    )
    narrow = Grant(world.globex.id, world.environments["GLOBEX", "Test"].id, ContactRole.MEMBER)
    set_manager(world.ctx("ada"), world.row(Contact, world.gil.contact_id), world.gina.contact_id)
    contact_actions.change_access(
        world.system(),
        world.row(Contact, world.gina.contact_id),
        grants=[Grant(world.globex.id, None, ContactRole.ORGANIZATION_ADMIN), narrow],
    )


def fill_southgate(world: World, town: Town) -> None:
    """The neighbor has the same."""
    case = world.open_case("rob", subject="Of Rob", environment="Production")
    town.cases["southgate"] = case.id
    adorn(world, case, by="rob", staff="sam", reader="zoe", excluded="sue")
    resolution.resolve(world.ctx("sam"), case, solution="Done")
    resolution.accept(world.ctx("rob"), case)
    complain(world, case, by="rob", admin="sue", taken=False)
    fill_help(world, "sue", "rob", world.row(Organization, case.organization_id))
    ask_by_impact(world, "sue")


def fill_help(world: World, admin: str, reader: str, *clients: Any) -> None:
    """Help articles for each client, one of them withdrawn in favor of another."""
    ctx = world.ctx(admin)
    made = [
        help_articles.add_article(
            ctx,
            help_articles.add_category(ctx, f"Shelf {number}"),
            f"Guide {number}",
            audience="organizations",
            organizations=[ctx.session.get_one(Organization, client.id)],
            body="See\n\n![](shot)",
            pictures=["shot", "unused"],
        )
        for number, client in enumerate(clients)
    ]
    old = help_articles.add_article(ctx, help_articles.add_category(ctx), "The old way", audience="signed_in")
    article_actions.withdraw_article(ctx, old, made[0])
    vote_on_article(world.ctx(reader, "contact"), made[0], helpful=False, why="Too short")
    note_read(world.ctx(reader, "contact"), made[0].id)
    note_missed_search(world.ctx(reader, "contact"), "gift cards")


def announce(world: World, by: str, key: str) -> None:
    """An announcement for one account, with an update."""
    ctx = world.ctx(by, "staff")
    account = ctx.session.query(Account).filter(Account.key == key).one()
    own = {"account_id": account.id, "organization_id": account.organization_id}
    environment = ctx.session.query(Environment).filter(Environment.account_id == account.id).first()
    bought = ctx.session.query(AccountService).filter(AccountService.account_id == account.id).first()
    places = [AnnouncementPlace(**own)]
    if environment is not None:
        places.append(AnnouncementPlace(**own, environment_id=environment.id))
    if bought is not None:
        places.append(AnnouncementPlace(service_id=bought.service_id))
    row = announcements.write_draft(ctx, AnnouncementFacts("outage", "Down", "It is down.", targets=places))
    announcements.publish(ctx, row)
    reader = {("lee", "ACME"): "rita", ("lee", "GLOB"): "gil", ("sue", "ACME"): "rob"}[by, key]
    for place in [AnnouncementPlace(**own), *places[1:2]]:
        if place.account_id is not None:
            announcements.join(world.ctx(reader, "contact"), row, place, impact="Nobody can work")
    ctx = world.ctx(by, "staff")
    announcements.show_in_public(ctx, row, title="Down", body="It is down.")
    announcements.ask_subscription(ctx, f"{key.lower()}@readers.example", "all", "en")
    announcements.write_update(ctx, row, body="Still down.", rhythm=0, public="Still.")


def gather(world: World, by: str, key: str) -> None:
    """A space for the client with this account: a topic with everything that can hang on it."""
    organization = world.ctx(by, "staff").session.query(Account).filter(Account.key == key).one().organization_id
    admin, asker, other = {
        ("lee", "ACME"): ("ada", "rita", "olga"),
        ("lee", "GLOB"): ("ada", "gil", "gina"),
        ("sue", "ACME"): ("sue", "rob", "zoe"),
    }[by, key]
    fill_space(world, admin=admin, asker=asker, other=other, organizations=[organization])


def make_full_rules(world: World) -> None:
    """A rule of each provider that names one of everything that a rule can name."""
    for admin, agent, provider_world in (("ada", "ana", world.northwind), ("sue", "sam", world.southgate)):
        (account, environment), _row = next(
            item for item in provider_world.environments.items() if item[0][0] == "ACME"
        )
        department = next(iter(provider_world.departments.values()))
        staff_id = world.person(agent).staff_id
        make_case_rule(
            world,
            by=admin,
            active=False,
            client=account,
            environment=environment,
            request_type_id=next(iter(provider_world.types.values())).id,
            department_id=department.id,
            set_department_id=department.id,
            set_owner_id=staff_id,
            follower_id=staff_id,
        )


def leave_firings(world: World, case_id: uuid.UUID, rules: dict[str, Any]) -> None:
    """An entry in the log of rules about one case, of the rule of its provider."""
    for admin, provider_world in (("ada", world.northwind), ("sue", world.southgate)):
        ctx = world.system(provider_world)
        case = ctx.session.get(Case, case_id)
        if case is not None and case.provider_id == provider_world.id:
            leave_firing(ctx, rules[admin], case, "Routed")


def ask_for_approval(world: World, case_id: uuid.UUID) -> None:
    """A question for a yes in a case, with an answer, stored past the actions: nobody is let into the case."""
    for provider_world, admin in ((world.northwind, world.ada), (world.southgate, world.sue)):
        ctx = world.system(provider_world)
        case = ctx.session.get(Case, case_id)
        if case is not None and case.provider_id == provider_world.id:
            leave_request(ctx, case, "May we?", user_id=admin.id)


def tag_case(world: World, case_id: uuid.UUID) -> None:
    """A tag in a case, a task on it and a reply that waits, stored past the actions."""
    for provider_world, admin in ((world.northwind, "ada"), (world.southgate, "sue")):
        tag, ctx = add_tag(world, by=admin), world.system(provider_world)
        case = ctx.session.get(Case, case_id)
        if case is not None and case.provider_id == provider_world.id:
            leave_tag(ctx, case, tag)
            person = world.person(admin)
            leave_task(ctx, case, assignee_id=person.staff_id, done_by_id=person.id)
            leave_delayed_reply(ctx, case, person)
            leave_snooze(ctx, case, person.id)
            leave_time(ctx, case, person.staff_id)
            leave_timer(ctx, case, person.staff_id)


def log_phone(world: World, case_id: uuid.UUID) -> None:
    """A call that somebody waits for about a case, and one that was made."""
    for provider_world, staff in ((world.northwind, world.ana), (world.southgate, world.sam)):
        ctx = world.system(provider_world)
        case = ctx.session.get(Case, case_id)
        if case is not None and case.provider_id == provider_world.id:
            waiting = add_call_back(ctx, case)
            waiting.owner_id = staff.staff_id
            add_call(ctx, case, staff.staff_id, waiting)
            add_check(ctx, case, staff.staff_id)
            checks.choose_checked_types(ctx, [case.request_type_id])
            report_call(world, case_id, staff)


def report_call(world: World, case_id: uuid.UUID, staff: Any) -> None:
    """A call of a telephone system, which somebody saw to."""
    by = "ada" if staff is world.ana else "sue"
    ctx = world.ctx(by)
    system = ctx.session.query(TelephoneSystem).first() or add_system(world, by=by)[0]
    if ctx.session.query(PhoneExtension).first() is None:
        add_extension(world, staff, "101")
    ctx = world.system(world.provider_world_of(staff))
    case = ctx.session.get_one(Case, case_id)
    call = ctx.session.query(Call).filter(Call.case_id == case_id).first()
    seen_to = {"staff_id": staff.staff_id, "settled_by_id": staff.staff_id, "settled_at": ctx.now}
    add_incoming_call(ctx, system, case, call_id=call.id, **seen_to)


def ask_by_impact(world: World, admin: str) -> None:
    """A scale of the provider's own."""
    scale = [severity_question.ScaleAnswer("High", 2), severity_question.ScaleAnswer("Low", 4)]
    ctx = world.ctx(admin)
    severity_question.change_severity_question(ctx, ctx.provider, kind="impact", answers=scale)


def complain(world: World, case: Case, *, by: str, admin: str, taken: bool = True) -> None:
    """A low answer with its follow-up, at a provider that wrote rules of asking of its own."""
    plan_actions.change_plan(world.ctx(admin), SurveyTerms(quiet_days=1))
    ctx = world.ctx(by)
    asked = open_survey(ctx, case)
    assert asked is not None
    survey = surveys.answer(ctx, asked, case, answers={"q1": 1})
    if taken:
        surveys.take(world.ctx(admin), survey, case)


def adorn(world: World, case: Case, *, by: str, staff: str, reader: str, excluded: str) -> None:
    """Everything that can hang on a case."""
    world.answer(case, "Seen.", by=staff)
    note = world.note(case, "Internal words", by=staff)
    # A note that answers the note.
    world.note(case, "More internal words", by=staff).in_reply_to_id = note.id
    case.answers = [Answer("plate", "text", {"en": "Number plate"}, "WA 12345", ({"": "WA 12345"},)).to_stored()]
    attach(world, case, staff, note.id, internal=True)
    attach(world, case, staff, None, internal=False)
    people.share_with(world.ctx(by), case, world.person(reader).id)
    people.exclude(world.ctx(staff), case, world.person(excluded).id)
    people.subscribe(world.ctx(staff), case, "follow")


def promise(world: World, thing: WorldRow, manager: WorldPerson) -> None:
    """An agreement with one account of its own, calendar and all; somebody of staff is its manager."""
    ctx = world.system()
    account = world.row(Account, thing)
    calendar = world.rows(SlaCalendar)[0]
    organization = world.row(Organization, account.organization_id)
    assignments.assign(ctx, policy=world.rows(SlaPolicy)[0], calendar=calendar, organization=organization)
    assignments.assign(ctx, policy=world.rows(SlaPolicy)[0], calendar=calendar, account=account)
    member = world.session.query(StaffMember).filter(StaffMember.user_id == manager.id).one()
    account.manager_id = member.id
    world.session.flush()


def escalate(case: Case, somebody: uuid.UUID, now: dt.datetime) -> None:
    """What clocks leave behind: a step that fired, an objection, a run."""
    place = {
        "provider_id": case.provider_id,
        "organization_id": case.organization_id,
        "account_id": case.account_id,
        "case_id": case.id,
    }
    clock = db.session.query(SlaClock).filter(SlaClock.case_id == case.id).first()
    step = db.session.query(EscalationStep).first()
    db.session.add(
        FiredStep(
            **place,
            clock_id=clock.id,
            kind=clock.kind,
            cycle=1,
            target_version=1,
            step_id=step.id,
            due_at=now,
            fired_at=now,
            did={},
        )
    )
    db.session.add(
        Objection(
            **place, clock_id=clock.id, segment=0, segment_start=now, text="We answered", by_id=somebody, made_at=now
        )
    )
    db.session.add(Run(provider_id=case.provider_id, kind="recompute", about={}, findings={}, asked_at=now))


def attach(world: World, case: Case, by: str, message_id: uuid.UUID | None, *, internal: bool) -> None:
    """A file that hangs on the case, or on one of its messages."""
    session = world.ctx(by).session
    session.add(
        Attachment(
            provider_id=case.provider_id,
            organization_id=case.organization_id,
            account_id=case.account_id,
            case_id=case.id,
            message_id=message_id,
            uploaded_by_id=world.person(by).id,
            internal=internal,
            filename="f.txt",
            media_type="text/plain",
            size=1,
            sha256="0" * 64,
            created_at=case.opened_at,
        )
    )
    session.flush()


def fill_single_sign_on(case: Case, person_id: uuid.UUID) -> None:
    """A way to sign in of the organization of *case*, a domain of it, the account that a person has there, and somebody
    who registered."""
    session, now, mark = db.session, clock.now(), ids.new_id().hex
    way = SignInWay(
        provider_id=case.provider_id,
        organization_id=case.organization_id,
        name=f"way-{mark[-12:]}",
        label="Their own",
        issuer="https://id.example",
        client_id="parley",
        created_at=now,
    )
    session.add(way)
    session.flush()
    fill_provisioning(case, now)
    session.add_all(
        [
            Registration(
                provider_id=case.provider_id,
                organization_id=case.organization_id,
                user_id=acting.add_newcomer(case.provider_id).id,
                state="waiting",
                asked_at=now,
            ),
            LinkedSignIn(
                provider_id=case.provider_id,
                user_id=person_id,
                way_id=way.id,
                issuer=way.issuer,
                subject=mark,
                linked_at=now,
            ),
            OrganizationDomain(
                provider_id=case.provider_id,
                organization_id=case.organization_id,
                account_id=case.account_id,
                value=f"{mark}.example",
                created_at=now,
            ),
        ]
    )


def fill_provisioning(case: Case, now: dt.datetime) -> None:
    """The access of the identity provider of the organization of *case*, one for each, a person that it knows, and a
    group with a role."""
    session = db.session
    if session.query(ScimClient).filter(ScimClient.organization_id == case.organization_id).first() is not None:
        return
    contact = (
        session.query(Contact).filter(Contact.organization_id == case.organization_id).order_by(Contact.id).first()
    )
    place = {"provider_id": case.provider_id, "organization_id": case.organization_id}
    client = ScimClient(**place, account_id=case.account_id, token_hash=ids.new_id().bytes, created_at=now)
    known = ScimPerson(**place, contact_id=contact.id, user_id=contact.user_id, changed_at=now)
    group = ScimGroup(**place, name="Leads", name_folded="leads", created_at=now, changed_at=now)
    session.add_all([client, known, group])
    session.flush()
    member = ScimGroupMember(**place, group_id=group.id, contact_id=contact.id, user_id=contact.user_id)
    given = {"group": "Leads", "group_folded": "leads", "role": "member"}
    session.add_all([member, ScimGroupRole(**place, account_id=case.account_id, created_at=now, **given)])
    session.flush()


def fill_machinery(world: World, case_id: uuid.UUID, provider_world: Any) -> None:
    """What consumers would write later: a bell's line, a mail, a delivery."""
    session, now = db.session, world.system(provider_world).now
    bind(session, Tenancy(provider_world.id, side=Side.SYSTEM))
    event = session.query(Event).filter(Event.case_id == case_id).order_by(Event.id).first()
    somebody = event.actor_user_id
    session.add(
        LinkRequest(
            provider_id=provider_world.id, purpose="password_reset", email="r@x.example", entitled=True, asked_at=now
        )
    )
    session.add(
        User(
            provider_id=provider_world.id,
            name="Became somebody",
            name_folded="became somebody",
            merged_into_id=somebody,
            created_at=now,
            ended_at=now,
        )
    )
    session.add_all(
        [
            RecoveryCode(provider_id=provider_world.id, user_id=somebody, hash=ids.new_id().bytes * 2, created_at=now),
            Passkey(
                provider_id=provider_world.id,
                user_id=somebody,
                name="Laptop",
                host="northwind.localhost",
                credential_id=ids.new_id().bytes,
                public_key=b"key",
                created_at=now,
            ),
        ]
    )
    fill_single_sign_on(session.get_one(Case, case_id), somebody)
    if session.query(Authenticator).filter(Authenticator.user_id == somebody).first() is None:
        session.add(Authenticator(provider_id=provider_world.id, user_id=somebody, secret="1:", created_at=now))
    session.add(
        TrustedDevice(
            provider_id=provider_world.id,
            user_id=somebody,
            nonce_hash=ids.new_id().bytes,
            created_at=now,
            expires_at=now,
        )
    )
    session.add(
        UnsentForm(provider_id=provider_world.id, user_id=somebody, path="/me", fields={"name": ["N"]}, expires_at=now)
    )
    session.add(
        ImportDraft(
            provider_id=provider_world.id,
            user_id=somebody,
            headings=["Organization"],
            rows=[[2, ["Quarry"]]],
            created_at=now,
            expires_at=now,
        )
    )
    session.add(
        Notification(
            provider_id=provider_world.id,
            user_id=somebody,
            side="contact",
            event_id=event.id,
            case_id=case_id,
            reason="contact",
            created_at=now,
        )
    )
    box = Mailbox(
        provider_id=provider_world.id,
        address=f"{case_id}@x.example",
        department_id=session.scalar(select(Department.id).where(Department.provider_id == provider_world.id).limit(1)),
        request_type_id=session.scalar(select(Case.request_type_id).where(Case.id == case_id)),
        created_at=now,
    )
    session.add(box)
    session.flush()
    session.add(
        MailboxConnection(
            provider_id=provider_world.id, mailbox_id=box.id, imap_url="imaps://u@h.example:993/INBOX", secrets=""
        )
    )
    session.add(
        MailboxToken(provider_id=provider_world.id, mailbox_id=box.id, tokens="", expires_at=now, granted_at=now)
    )
    organization_id, account_id = session.execute(
        select(Case.organization_id, Case.account_id).where(Case.id == case_id)
    ).one()
    session.add(
        SecurityEvent(
            provider_id=provider_world.id,
            kind="sign_in.failed",
            hour=now,
            key="somebody",
            user_id=somebody,
            organization_id=organization_id,
            first_at=now,
            last_at=now,
            facts={},
        )
    )
    place = {
        "provider_id": provider_world.id,
        "organization_id": organization_id,
        "account_id": account_id,
        "case_id": case_id,
        "user_id": somebody,
    }
    session.add(
        StaffAccess(**place, kind="read", day=now.date(), relation="account", first_at=now, last_at=now),
    )
    if not session.scalar(select(DefaultAccount.id).where(DefaultAccount.user_id == somebody)):
        session.add(
            DefaultAccount(
                provider_id=provider_world.id,
                user_id=somebody,
                organization_id=organization_id,
                account_id=account_id,
            )
        )
    if not session.scalar(select(AccountSender.id).where(AccountSender.account_id == account_id)):
        session.add(
            AccountSender(
                provider_id=provider_world.id,
                organization_id=organization_id,
                account_id=account_id,
                mailbox_id=box.id,
                name="S",
            )
        )
    session.add(
        SendingFault(
            provider_id=provider_world.id,
            mailbox_id=box.id,
            address=box.address,
            failures=1,
            failure="password",
            words="W",
            began_at=now,
            failed_at=now,
            next_try_at=now,
        )
    )
    session.add(MailboxTest(provider_id=provider_world.id, mailbox_id=box.id, state="returned", started_at=now))
    mail = InboundMail(
        provider_id=provider_world.id,
        mailbox_id=box.id,
        received_at=now,
        road="lmtp",
        recipient=box.address,
        message_id="",
        content_hash="",
        sender_email="s@x.example",
        sender_name="S",
        subject="S",
        message_class="human",
        trusted=True,
        fate="comment",
        reason="message_id",
        user_id=somebody,
        case_id=case_id,
        size=1,
        facts={},
    )
    session.add(mail)
    session.flush()
    case = session.get_one(Case, case_id)
    session.add(
        CopyProposal(
            provider_id=provider_world.id,
            organization_id=case.organization_id,
            account_id=case.account_id,
            case_id=case.id,
            email="boss@other.example",
            mail_id=mail.id,
            proposed_by_id=case.contact_user_id,
            proposed_at=now,
            decision="dismissed",
            decided_at=now,
            decided_by_id=somebody,
        )
    )
    session.add(
        DigestEntry(provider_id=provider_world.id, user_id=somebody, event_id=event.id, case_id=case_id, created_at=now)
    )
    if session.scalar(select(QuietHours.id).where(QuietHours.user_id == somebody)) is None:
        session.add(QuietHours(provider_id=provider_world.id, user_id=somebody, begins=22, ends=7))
    session.add(PushChoice(provider_id=provider_world.id, user_id=somebody, topic=str(case_id), pushed=False))
    session.add(
        PushDevice(
            provider_id=provider_world.id,
            user_id=somebody,
            session_id=case_id,
            endpoint=f"https://push.example/{case_id}/{somebody}",
            p256dh="key",
            auth="secret",
            created_at=now,
            seen_at=now,
        )
    )
    session.add(MailChoice(provider_id=provider_world.id, user_id=somebody, topic=str(case_id), mailed=False))
    session.add(
        OutgoingMail(
            provider_id=provider_world.id,
            user_id=somebody,
            case_id=case_id,
            kind="case.answered",
            sender="s@x.example",
            message_id=f"<{ids.new_id()}@x>",
            recipient="r@x.example",
            subject="S",
            text="T",
            html="H",
            created_at=now,
        )
    )
    escalate(session.get(Case, case_id), somebody, now)
    session.add(Delivery(provider_id=provider_world.id, event_id=event.id, consumer="test.consumer", created_at=now))
    session.flush()
    tokens.issue_token(world.system(provider_world), "test", case_id, dt.timedelta(days=1))
