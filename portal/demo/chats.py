"""The chat of the demo, switched on by the actions that people use. Its agents are there once their desk is open."""

from dataclasses import replace

from portal.chat.actions.agents import take_chats
from portal.chat.actions.settings import ChatFacts, change_settings
from portal.demo.build import BuiltProvider
from portal.demo.specs import ChatSpec
from portal.kernel.context import Context
from portal.kernel.database import Tenancy, bind
from portal.sla.queries.calendars import calendars
from portal.tenants.queries import actors


def open_chat(ctx: Context, built: BuiltProvider, spec: ChatSpec) -> None:
    """Switch the chat on; *ctx* is the system's."""
    bind(ctx.session, Tenancy.of(ctx.actor))
    hours = next(row for row in calendars(ctx) if row.name == spec.hours)
    change_settings(ctx, ChatFacts(True, hours.id, built.types[spec.kind].id, spec.greeting))
    for key in spec.agents:
        bind(ctx.session, Tenancy.of(ctx.actor))
        person = built.people[key]
        agent = replace(ctx, actor=actors.staff_actors(ctx, [person])[person.id], person=person, channel="desk")
        bind(ctx.session, Tenancy.of(agent.actor))
        take_chats(agent, takes=True, most=3)
    bind(ctx.session, Tenancy.of(ctx.actor))
