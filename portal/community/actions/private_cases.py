"""A text of the community as a private case: staff propose it, and only its author opens it.

The case is opened by the author, who reads beforehand what goes into it. Neither topic nor post knows the case: nobody
could read its key from there.
"""

from dataclasses import replace

from flask_babel import gettext as _

from portal.authz.access import can, require
from portal.authz.permissions import Permission
from portal.cases.actions import opening
from portal.cases.actions.opening import Opening
from portal.cases.models import Case, RequestType
from portal.community.actions import telling
from portal.community.models import CommunityPost
from portal.community.rules import CaseState, PostState
from portal.kernel.context import Context
from portal.kernel.errors import Conflict, Forbidden, NotFound
from portal.kernel.events import record
from portal.kernel.system_context import as_system
from portal.tenants.models import Account


def propose_case(ctx: Context, post: CommunityPost) -> None:
    """Ask the author of *post*, which is locked, to open a private case about it; records `community.case_proposed` and
    tells the author. Raises Conflict for a text of staff, and where it was proposed or opened already."""
    require(ctx.actor, Permission.COMMUNITY_ANSWER)
    if post.author_side != "contact":
        raise Conflict(_("Only a customer can open a case about their text."))
    if post.case_state in (CaseState.PROPOSED, CaseState.OPENED):
        raise Conflict(_("This was done already."))
    post.case_state, post.proposed_by_id = CaseState.PROPOSED, ctx.actor.user_id
    ctx.session.flush()
    record(ctx, "community.case_proposed", post.topic, post=str(post.id))
    telling.tell_person(ctx, post, post.author_id, "case_proposed")


def may_open_case(ctx: Context, post: CommunityPost) -> bool:
    """Whether the actor may open a private case about *post*: its author, once."""
    own = ctx.actor.is_contact and post.author_side == "contact" and post.author_id == ctx.actor.user_id
    return own and post.case_state != CaseState.OPENED and can(ctx.actor, Permission.CASE_OPEN)


def decline_case(ctx: Context, post: CommunityPost) -> None:
    """Keep *post*, which is locked, in the community only; records `community.case_declined`. Raises Conflict where
    nothing is proposed."""
    _require_author(ctx, post)
    if post.case_state != CaseState.PROPOSED:
        raise Conflict(_("Nothing is proposed any more."))
    post.case_state = CaseState.DECLINED
    ctx.session.flush()
    record(ctx, "community.case_declined", post.topic, post=str(post.id))


def open_case(ctx: Context, post: CommunityPost, account: Account, request_type: RequestType) -> Case:
    """Open a private case of the author of *post*, which is locked, with the title of its topic and its text; records
    `community.case_opened`, which does not name the case. Raises Conflict for a second one."""
    _require_author(ctx, post)
    if post.case_state == CaseState.OPENED:
        raise Conflict(_("You have opened a case about this already."))
    facts = Opening(
        subject=post.topic.title, description=post.body, severity=request_type.default_rank, visibility="private"
    )
    case = opening.submit(replace(ctx, channel="community"), account, request_type, facts)
    with as_system(ctx) as inner:
        post.case_state, post.topic.followed_up = CaseState.OPENED, True
        inner.session.flush()
    record(ctx, "community.case_opened", post.topic, post=str(post.id))
    return case


def _require_author(ctx: Context, post: CommunityPost) -> None:
    if not ctx.actor.is_contact or post.author_side != "contact":
        raise NotFound
    if post.author_id != ctx.actor.user_id:
        raise Forbidden(_("Only the author of a text opens a case about it."))
    if post.state == PostState.HIDDEN:
        raise Conflict(_("Support has taken this text away."))
