"""The phone of the demo: a telephone system, call-backs, logged and checked calls, by the actions that people use."""

import datetime as dt
from dataclasses import replace

from portal.authz.scopes import scope
from portal.calls.actions import call_backs, checks, telephone_systems
from portal.calls.actions.calls import CallFacts, log_call
from portal.calls.actions.incoming_calls import take_event
from portal.calls.engine.telephone_events import TelephoneEvent
from portal.calls.queries.call_backs import call_back, open_slots
from portal.calls.queries.checks import code_of_contact, code_of_staff
from portal.calls.queries.hotlines import SupportLine, lines
from portal.cases.models import Case
from portal.cases.queries import detail
from portal.demo.build import BuiltProvider
from portal.demo.specs import CallBackSpec, LoggedCallSpec, PhoneSpec
from portal.kernel.context import Context
from portal.kernel.database import Tenancy, bind
from portal.tenants.queries import actors

# How far back a slot is looked for that has passed: over a weekend with a holiday beside it.
LONGEST_BACK = 24 * 5


def play_phone(ctx: Context, built: BuiltProvider, spec: PhoneSpec) -> None:
    """Let *spec* happen; *ctx* is the system's. The token of the telephone system is nobody's: an administrator makes
    one."""
    bind(ctx.session, Tenancy.of(ctx.actor))
    system, _token = telephone_systems.add_system(ctx, spec.system)
    for key, number in spec.extensions.items():
        telephone_systems.choose_extension(_act(ctx, built, key), number)
    for call in spec.calls:
        _log(ctx, built, call)
    _check(ctx, built, *spec.checked)
    for wish in spec.call_backs:
        _ask(ctx, built, wish)
    bind(ctx.session, Tenancy.of(ctx.actor))
    for place, (number, extension, ago) in enumerate(spec.missed, start=1):
        for event in ("ringing", "ended"):
            message = TelephoneEvent(call=f"demo-{place}", event=event, caller=number, called=extension)
            take_event(replace(ctx, now=ctx.now - ago), system, message)


def _act(ctx: Context, built: BuiltProvider, key: str) -> Context:
    """A context of somebody where they usually stand: on the desk, or on the portal."""
    bind(ctx.session, Tenancy.of(ctx.actor))
    person = built.people[key]
    staff = actors.staff_actors(ctx, [person])
    actor = staff[person.id] if person.id in staff else actors.contact_actors(ctx, [person])[person.id]
    acting = replace(ctx, actor=actor, person=person, channel="desk" if actor.is_staff else "portal", caches={})
    bind(ctx.session, Tenancy.of(actor))
    return acting


def _case(ctx: Context, subject: str) -> Case:
    """The case with this subject, locked."""
    rows = scope(ctx.actor, Case).where(Case.subject == subject).with_only_columns(Case.id)
    return detail.by_id(ctx, ctx.session.scalars(rows).one(), lock=True)


def _log(ctx: Context, built: BuiltProvider, spec: LoggedCallSpec) -> None:
    agent = _act(ctx, built, spec.by)
    agent.now = ctx.now - spec.ago
    case = _case(agent, spec.about)
    log_call(agent, CallFacts(spec.direction, spec.minutes, "talked", number=case.phone, note=spec.note), case)


def _check(ctx: Context, built: BuiltProvider, staff: str, subject: str) -> None:
    """A call in which both sides typed what the other one read out."""
    agent = _act(ctx, built, staff)
    case = _case(agent, subject)
    row = checks.start_check(agent, case)
    checks.type_code(agent, case, code_of_contact(row))
    key = next(key for key, person in built.people.items() if person.id == case.contact_user_id)
    contact = _act(ctx, built, key)
    checks.type_code(contact, _case(contact, subject), code_of_staff(row))


def _ask(ctx: Context, built: BuiltProvider, spec: CallBackSpec) -> None:
    person = _act(ctx, built, spec.by)
    line = next(line for line in lines(person) if line.calls_back)
    if spec.passed:
        asked_at, start = _passed_slot(person, line)
    else:  # one after the other, as the numbers of the cases that they open
        asked_at = ctx.now - dt.timedelta(seconds=60 - spec.slot)
        start = open_slots(person, line)[spec.slot]
    person = replace(person, now=asked_at)
    about = (
        _case(person, spec.subject)
        if spec.passed
        else call_backs.NewCase(built.accounts[spec.account], built.types[spec.type], spec.subject)
    )
    number = built.people[spec.by].phone or "+48 600 100 299"
    row = call_backs.ask_for_call(person, call_backs.CallBackWish(line, start, number, spec.words), about)
    if spec.owner:
        agent = _act(ctx, built, spec.owner)
        call_backs.claim(agent, call_back(agent, row.id, lock=True))


def _passed_slot(ctx: Context, line: SupportLine) -> tuple[dt.datetime, dt.datetime]:
    """When somebody asked, and the slot that they chose: the last one that is over by now."""
    for hours in range(1, LONGEST_BACK):
        earlier = replace(ctx, now=ctx.now - dt.timedelta(hours=hours))
        over = [start for start in open_slots(earlier, line) if start + line.rules.length <= ctx.now]
        if over:
            return earlier.now, over[-1]
    raise LookupError("the hotline of the demo was closed for days")
