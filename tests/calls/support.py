"""Ways to ask for calls in tests."""

from portal.calls.actions.call_backs import CallBackWish, NewCase, ask_for_call
from portal.calls.models import CallBack
from portal.calls.queries.call_backs import open_slots
from portal.calls.queries.hotlines import lines
from portal.cases.models import RequestType
from portal.tenants.models import Account

WISH = {
    "phone": "+48 600 100 200",
    "type": "question",
    "subject": "The printer again",
    "words": "It prints nothing. Please call my desk.",
}


def slots_of(world, who):
    """The free slots of the first hotline, for this person."""
    ctx = world.ctx(who)
    return open_slots(ctx, lines(ctx)[0])


def ask(world, who, start, *, subject=WISH["subject"], number=WISH["phone"]):
    """A call-back about a new case of *who*."""
    ctx = world.ctx(who)
    provider_world = world.provider_world_of(who)
    key = next(row.account_id for row in ctx.actor.access)
    account = ctx.session.get(Account, key)
    kind = ctx.session.get(RequestType, provider_world.types["question"].id)
    wish = CallBackWish(lines(ctx)[0], start, number, WISH["words"])
    return world.row(CallBack, ask_for_call(ctx, wish, NewCase(account, kind, subject)))
