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

from portal.attachments.models import Attachment
from portal.authz.roles import ContactRole
from portal.cases.actions import desk, links, people, resolution, severity_question
from portal.cases.models import Case
from portal.channels.mail.models import InboundMail, Mailbox, MailboxConnection, MailboxTest
from portal.identity.models import LinkRequest, UnsentForm, User
from portal.kernel import ids, tokens
from portal.kernel.actor import Side
from portal.kernel.database import Tenancy, bind, db
from portal.kernel.events import Event
from portal.kernel.outbox import Delivery
from portal.kernel.security_events import SecurityEvent
from portal.notifications.models import DigestEntry, MailChoice, Notification, OutgoingMail, QuietHours
from portal.sla import import_config
from portal.sla.actions import assignments
from portal.sla.models import EscalationStep, FiredStep, Objection, Run, SlaCalendar, SlaClock, SlaPolicy
from portal.surveys import actions as surveys
from portal.surveys.actions import plan as plan_actions
from portal.surveys.engine.invitations import SurveyTerms
from portal.surveys.queries import open_survey
from portal.tenants.actions import accounts as account_actions
from portal.tenants.actions import contacts as contact_actions
from portal.tenants.actions.contacts import Grant
from portal.tenants.models import Account, Contact, Department, ImportDraft, Organization, StaffMember
from tests.support import acting
from tests.support.live_world import Live
from tests.support.provider_world import WorldPerson, WorldRow
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
        promise(world, world.globex, world.ana)
    for case in list(filled.cases):
        with live.inside() as world:
            fill_machinery(world, filled.cases[case], world.southgate if case == "southgate" else world.northwind)
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
    ask_by_impact(world, "sue")


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
        SecurityEvent(
            provider_id=provider_world.id,
            kind="sign_in.failed",
            hour=now,
            key="somebody",
            user_id=somebody,
            first_at=now,
            last_at=now,
            facts={},
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
    session.add(MailboxTest(provider_id=provider_world.id, mailbox_id=box.id, state="returned", started_at=now))
    session.add(
        InboundMail(
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
    )
    session.add(
        DigestEntry(provider_id=provider_world.id, user_id=somebody, event_id=event.id, case_id=case_id, created_at=now)
    )
    if session.scalar(select(QuietHours.id).where(QuietHours.user_id == somebody)) is None:
        session.add(QuietHours(provider_id=provider_world.id, user_id=somebody, begins=22, ends=7))
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
