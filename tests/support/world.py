"""The world of the tests: Northwind (the demo's people, no cases), Southgate beside it, short ways to make cases."""

import datetime as dt
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Flask
from sqlalchemy import select
from werkzeug.datastructures import FileStorage

from portal.attachments import actions as attachments
from portal.attachments.models import Attachment
from portal.cases.actions import conversation, desk, people, resolution
from portal.cases.actions import opening as opening_actions
from portal.cases.actions.opening import Opening
from portal.cases.models import Case, CaseExclusion, Message, RequestType
from portal.cases.queries.detail import page_load_options
from portal.kernel.actor import Side
from portal.kernel.database import AnySession, Tenancy, bind, db
from portal.kernel.events import Event
from portal.kernel.ids import new_id
from portal.tenants.models import Account
from tests.support import acting
from tests.support.acting import Acting
from tests.support.provider_world import ProviderWorld, WorldPerson, WorldRow

M = TypeVar("M")
DESCRIPTION = "Since this morning the list stays empty after signing in."


@dataclass(slots=True)
class World:
    """Northwind by default; `southgate` is the neighbor. Attribute access finds people: `world.rita`."""

    app: Flask
    northwind: ProviderWorld
    southgate: ProviderWorld

    def __getattr__(self, key: str) -> WorldPerson:
        try:
            return self.person(key)
        except KeyError:
            raise AttributeError(f"nobody is called {key}") from None

    # -- who and where ------------------------------------------------------------------------------------------------

    @property
    def people(self) -> dict[str, WorldPerson]:
        """Everybody of both providers."""
        return {**self.northwind.people, **self.southgate.people}

    @property
    def accounts(self) -> Any:
        return self.northwind.accounts

    @property
    def organizations(self) -> Any:
        return self.northwind.organizations

    @property
    def environments(self) -> Any:
        return self.northwind.environments

    @property
    def departments(self) -> Any:
        return self.northwind.departments

    @property
    def types(self) -> Any:
        return self.northwind.types

    @property
    def acme(self) -> WorldRow:
        """The account ACME."""
        return self.northwind.accounts["ACME"]

    @property
    def globex(self) -> WorldRow:
        """The account GLOBEX."""
        return self.northwind.accounts["GLOBEX"]

    def person(self, who: "str | WorldPerson") -> WorldPerson:
        """Somebody of the world; KeyError for a stranger."""
        if isinstance(who, WorldPerson):
            return who
        return self.northwind.people[who] if who in self.northwind.people else self.southgate.people[who]

    def provider_world_of(self, who: "str | WorldPerson") -> ProviderWorld:
        """The provider that somebody belongs to."""
        host = self.person(who).host
        return self.southgate if host == self.southgate.host else self.northwind

    # -- contexts and rows --------------------------------------------------------------------------------------------

    def ctx(
        self, who: "str | WorldPerson", side: "Side | str | None" = None, *, ago: dt.timedelta | None = None
    ) -> Acting:
        """A context of *who* on *side* ('contact' or 'staff'), *ago* in the past."""
        somebody = self.person(who)
        ctx = acting.context_of(self.provider_world_of(somebody), somebody, Side(side) if side else None)
        ctx.now -= ago or dt.timedelta()
        return ctx

    def system(self, provider_world: ProviderWorld | None = None) -> Acting:
        """The system itself (timers, consumers) at Northwind, or at *provider_world*."""
        return acting.system_context_at(provider_world or self.northwind)

    @property
    def session(self) -> AnySession:
        """The test's own session; sees all of Northwind and nothing else."""
        bind(db.session, self.home)
        return db.session

    @property
    def home(self) -> Tenancy:
        return Tenancy(self.northwind.id, side=Side.SYSTEM)

    def row(self, model: type[M], thing: Any) -> M:
        """The row of a person, account, … (anything with an id), or of an id."""
        found = self.session.get(model, getattr(thing, "id", thing))
        assert found is not None
        return found

    def rows(self, model: type[M], *where: Any) -> Sequence[M]:
        """All rows of *model* at Northwind that satisfy *where*."""
        order = [model.id] if hasattr(model, "id") else []
        return self.session.scalars(select(model).where(*where).order_by(*order)).unique().all()

    def case(self, key: str) -> Case:
        """The case with *key*, whoever may see it, with what pages show."""
        account, _, number = key.partition("-")
        where = (Case.account_id == self.accounts[account].id, Case.number == int(number))
        return self.session.scalars(select(Case).where(*where).options(*page_load_options())).unique().one()

    def events_of(self, case: Case) -> list[Event]:
        """What happened to *case*, in order."""
        return list(self.rows(Event, Event.case_id == case.id))

    def event_names(self, case: Case) -> list[str]:
        """What people and timers did to *case*; what clocks wrote down about it (`sla.…`) is their own business."""
        return [event.name for event in self.events_of(case) if not event.name.startswith("sla.")]

    def messages_of(self, case: Case) -> list[Message]:
        """The conversation with its notes, in order."""
        return list(self.rows(Message, Message.case_id == case.id))

    # -- cases --------------------------------------------------------------------------------------------------------

    def open_case(
        self,
        by: "str | WorldPerson" = "rita",
        *,
        account: str = "",
        type: str = "outage",
        severity: int | None = 3,
        contact: str = "",
        environment: str = "",
        ago: dt.timedelta | None = None,
        side: "Side | str | None" = None,
        subject: str = "The invoice list stays empty",
        description: str = DESCRIPTION,
        **opening: Any,
    ) -> Case:
        """A case opened through the same action as the form's. Staff name a `contact`; environments go by name."""
        ctx = self.ctx(by, side, ago=ago)
        provider_world = self.provider_world_of(by)
        key = account or self._first_account(ctx, provider_world)
        affected = self.person(contact) if contact else None
        case = opening_actions.submit(
            ctx,
            _get(ctx, Account, provider_world.accounts[key]),
            _get(ctx, RequestType, provider_world.types[type]),
            Opening(
                subject=subject,
                description=description,
                severity=severity,
                contact_id=affected.contact_id if affected else None,
                environment_id=provider_world.environments[key, environment].id if environment else None,
                **opening,
            ),
        )
        return self.reload(case)

    def reload(self, case: Case) -> Case:
        """*case* with what pages show loaded on it, seen by the system."""
        bind(db.session, Tenancy(case.provider_id, side=Side.SYSTEM))
        statement = (
            select(Case)
            .where(Case.id == case.id)
            .options(*page_load_options())
            .execution_options(populate_existing=True)
        )
        return db.session.scalars(statement).unique().one()

    def case_in(self, state: str, *, staff: str = "ana", **opening: Any) -> Case:
        """A case in any state of its life, got there by the verbs that lead there."""
        case = self.open_case(**opening)
        ctx = self.ctx(staff, ago=opening.get("ago"))
        if state == "new":
            return case
        desk.take(ctx, case)
        if state == "in_progress":
            desk.start(ctx, case)
        elif state == "waiting":
            desk.ask(ctx, case, question="Which browser do you use?")
        elif state == "on_hold":
            desk.hold(ctx, case, reason="The vendor sends a part", until=ctx.now + dt.timedelta(days=3))
        elif state in ("resolved", "closed"):
            resolution.resolve(ctx, case, solution="We restarted the service.", check="Open the list again.")
            if state == "closed":
                contact = next(p for p in self.people.values() if p.id == case.contact_user_id)
                resolution.accept(self.ctx(contact, "contact", ago=opening.get("ago")), case)
        else:
            assert state == "open", state
        return self.reload(case)

    def reply(self, case: Case, body: str = "Any news?", by: str = "rita") -> Case:
        """The customer's side says something."""
        return self.reload(conversation.reply(self.ctx(by, "contact"), case, body=body))

    def answer(self, case: Case, body: str = "We are looking into it.", by: str = "ana") -> Message:
        """Support says something in public."""
        return conversation.answer(self.ctx(by, "staff"), case, body=body)

    def note(self, case: Case, body: str = "Internal: the disk is full", by: str = "ana") -> Message:
        """Staff write something only staff may see."""
        return conversation.note(self.ctx(by, "staff"), case, body=body)

    def put_in_copy(self, case: Case, *emails: str, by: str = "ana") -> None:
        """Let addresses into the conversation."""
        people.add_people(self.ctx(by), case, emails)
        self.reload(case)

    def exclude(self, case: Case, who: str) -> CaseExclusion:
        """Keep somebody out, whatever else would let them in."""
        row = CaseExclusion(
            provider_id=case.provider_id,
            organization_id=case.organization_id,
            account_id=case.account_id,
            case_id=case.id,
            user_id=self.person(who).id,
            added_at=case.opened_at,
        )
        bind(db.session, Tenancy(case.provider_id, side=Side.SYSTEM))
        db.session.add(row)
        db.session.flush()
        return row

    def stage(self, by: str = "rita", name: str = "log.txt", content: bytes = b"It broke at 9:14.\n") -> Attachment:
        """A file that waits for the form it was chosen for."""
        upload = FileStorage(io.BytesIO(content), filename=name)
        return attachments.stage(self.ctx(by), upload)

    def add_person(self, name: str, email: str) -> WorldPerson:
        """Somebody at Northwind with no place anywhere: in copy of cases at the most."""
        from portal.identity import actions as identity

        user = identity.add_person(self.system(), name=name, email=email)
        return WorldPerson(f"new-{new_id()}", user.id, name, email, self.northwind.host, Side.CONTACT)

    def _first_account(self, ctx: Acting, provider_world: ProviderWorld) -> str:
        if not ctx.actor.access:
            return "ACME"
        keys = {thing.id: key for key, thing in provider_world.accounts.items()}
        return next(k for k in provider_world.accounts if k in {keys[row.account_id] for row in ctx.actor.access})


def _get(ctx: Acting, model: type[M], thing: WorldRow) -> M:
    found = ctx.session.get(model, thing.id)
    assert found is not None
    return found
