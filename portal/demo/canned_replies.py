"""Canned replies of a demo provider, written by the staff members whom they name."""

from collections.abc import Sequence

from portal.canned_replies.actions.replies import ReplyContent, add_reply
from portal.canned_replies.engine.macros import Macro
from portal.demo.build import BuiltProvider
from portal.demo.specs import CannedReplySpec
from portal.kernel.actor import Side
from portal.kernel.context import Context
from portal.kernel.database import Tenancy, bind
from portal.kernel.system_context import act_as
from portal.tenants.queries.actors import build_actor


def add_replies(ctx: Context, built: BuiltProvider, replies: Sequence[CannedReplySpec]) -> None:
    """Write *replies*; '' as a language is the provider's own."""
    before, person = ctx.actor, ctx.person
    own = str(built.provider.locale)
    for plan in replies:
        ctx.person = built.people[plan.by]
        act_as(ctx, build_actor(ctx, ctx.person, Side.STAFF))
        bind(ctx.session, Tenancy.of(ctx.actor))
        department = built.departments.get(plan.department)
        content = ReplyContent(
            title=plan.title,
            texts={code or own: text for code, text in plan.texts.items()},
            department_id=department.id if department else None,
            macro=Macro(
                status=plan.status,
                reason=plan.reason,
                days=plan.days,
                check=plan.check,
                severity=plan.severity,
                severity_reason=plan.severity_reason,
                takes=plan.takes,
            ),
        )
        add_reply(ctx, content, shared=plan.shared)
    ctx.person = person
    act_as(ctx, before)
    bind(ctx.session, Tenancy.of(ctx.actor))
