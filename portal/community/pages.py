"""What the pages of the community share, on the portal and on the desk.

The scope says which texts there are, the action who may do something with them.
"""

import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask import flash, request
from flask_babel import gettext as _

from portal.authz.access import can
from portal.authz.permissions import Permission
from portal.community import labels
from portal.community.actions import writing
from portal.community.actions.private_cases import may_open_case
from portal.community.actions.writing import may_accept, may_edit
from portal.community.forms import AnswerEditForm, QuestionEditForm, SwitchForm
from portal.community.models import CommunityPost, CommunityTopic
from portal.community.queries import topics as queries
from portal.community.queries.drafts import topic_titles
from portal.community.queries.moderation import reasons_of
from portal.community.queries.spaces import has_spaces
from portal.community.rules import is_blocked
from portal.kernel.context import Context
from portal.kernel.errors import Forbidden
from portal.web.current import ctx
from portal.web.drafts import DraftKind
from portal.web.form_flow import submit_form
from portal.web.htmx import page, see
from portal.web.urls import list_page


def show(template: str, status: int = 200, /, **values: Any) -> Any:
    """The page *template*, with what every page of the community uses."""
    return page(template, status, labels=labels, **values)


def topic_values(row: CommunityTopic, form: Any) -> dict[str, Any]:
    """What the page of a topic shows, on the portal and on the desk."""
    context = ctx()
    question = queries.question_of(context, row)
    found = queries.answers_page(context, row, list_page())
    accepted = queries.accepted_answer(context, row)
    posts: Sequence[CommunityPost] = [question, *found.rows]
    if accepted is not None and accepted not in posts:
        posts = [*posts, accepted]
    block = queries.block_of(context, context.actor.user_id)
    blocked = block if block is not None and is_blocked(block, context.now) else None
    writes = can(context.actor, Permission.COMMUNITY_WRITE if context.actor.is_contact else Permission.COMMUNITY_ANSWER)
    return {
        "topic": row,
        "question": question,
        "found": found,
        "accepted": accepted,
        "authors": queries.authors_of(context, posts),
        "voted": queries.voted_posts(context, posts),
        "reported": queries.reported_posts(context, posts),
        "follows": queries.is_following(context, row),
        "blocked": blocked,
        "writes": writes and blocked is None,
        "may_accept": may_accept(context, row),
        "may_edit": lambda post: may_edit(context, post),
        "may_open_case": lambda post: may_open_case(context, post),
        "me": context.actor.user_id,
        "on_desk": context.actor.is_staff,
        "base": base(),
        "form": form,
        # What was reported, for staff only.
        "reasons": reasons_of(context, posts) if context.actor.is_staff else {},
    }


def base() -> str:
    """Where the community of this side begins."""
    return "/desk/community" if ctx().actor.is_staff else "/community"


def load_post(post_id: uuid.UUID) -> CommunityPost:
    """The post of the address, locked where the request changes something."""
    return queries.post(ctx(), post_id, lock=request.method == "POST")


def back_to(post: CommunityPost) -> str:
    """Where *post* stands on this side."""
    topics = f"{base()}/topics" if ctx().actor.is_staff else base()
    return f"{topics}/{post.topic_id}#post-{post.id}"


def edit_page(post_id: uuid.UUID) -> Any:
    """The page that corrects a text, on either side."""
    context = ctx()
    post = load_post(post_id)
    if not may_edit(context, post):
        raise Forbidden(_("Only its author can correct a text."))
    form: Any = QuestionEditForm() if post.opens else AnswerEditForm()
    if request.method == "GET":
        form.body.data, form.version.data = post.body, str(post.version)
        if post.opens:
            form.title.data = post.topic.title

    def act() -> None:
        title = form.title.data or "" if post.opens else ""
        writing.edit_post(context, post, title=title, body=form.body.data or "")

    fields = ([form.title] if post.opens else []) + [form.body]
    return press(
        post,
        form,
        act,
        title=_("Correct your text"),
        lines=[_("What it said before can still be read by you and by support.")],
        fields=fields,
        send=_("Save"),
        said=_("Saved."),
        current=post.version,
    )


def versions_page(post: CommunityPost) -> Any:
    """The older versions of a text, on either side."""
    return show(
        "community/versions.html",
        post=post,
        versions=queries.versions_of(ctx(), post),
        back=back_to(post),
        base=base(),
        on_desk=ctx().actor.is_staff,
    )


def press(
    post: CommunityPost,
    form: Any,
    act: Callable[[], object],
    *,
    title: str,
    send: str,
    said: str,
    lines: Any = (),
    fields: Any = (),
    kind: str = "primary",
    current: object = None,
    after: Callable[[], str] | None = None,
) -> Any:
    """The small page of a verb about *post*, or the verb; a refusal keeps what was typed."""
    status = submit_form(form, act, current=current) if request.method == "POST" else 200
    if not status:
        flash(said, "success")
        return see(after() if after else back_to(post))
    staff = ctx().actor.is_staff
    return show(
        "community/desk/verb.html" if staff else "community/verb.html",
        status,
        form=form,
        post=post,
        topic=post.topic,
        heading=title,
        lines=lines,
        fields=fields,
        send=send,
        kind=kind,
        back=back_to(post),
        base=base(),
        trail=[(_("Community"), base()), (post.topic.title, back_to(post))],
    )


def switch_page(
    post: CommunityPost, is_on: bool, act: Callable[[bool], object], titles: tuple[str, str], said: tuple[str, str]
) -> Any:
    """The page of a switch about *post*, or the switch: *act* gets whether it shall be on. *titles* and *said* are for
    switching on, and off."""
    form = SwitchForm()
    if request.method == "GET":
        form.on.data = "" if is_on else "1"
    wanted = form.on.data == "1"
    which = 0 if wanted else 1
    return press(post, form, lambda: act(wanted), title=titles[which], send=titles[which], said=said[which])


def accept_page(post_id: uuid.UUID) -> Any:
    """Say which answer solved a question, or take it back, on either side."""
    post = load_post(post_id)
    return switch_page(
        post,
        post.accepted,
        lambda accepted: writing.set_accepted(ctx(), post, accepted=accepted),
        (_("Mark as the answer"), _("Not the answer")),
        (_("Marked as the answer."), _("It is not marked as the answer any more.")),
    )


def follow_page(row: CommunityTopic) -> Any:
    """Follow a topic, or stop it, on either side."""
    context = ctx()
    return switch_page(
        queries.question_of(context, row),
        queries.is_following(context, row),
        lambda follows: writing.set_follow(context, row, follows=follows),
        (_("Follow"), _("Do not follow any more")),
        (_("You will be told of answers."), _("You will not be told of answers any more.")),
    )


def _spaces_of_drafts(context: Context, addresses: Sequence[Mapping[str, Any]]) -> list[str | None]:
    return ["" if has_spaces(context) else None for _address in addresses]


def _topics_of_drafts(context: Context, addresses: Sequence[Mapping[str, Any]]) -> list[str | None]:
    titles = topic_titles(context, [address["topic_id"] for address in addresses])
    return [titles.get(address["topic_id"]) for address in addresses]


def _topic_name(_fields: object) -> str:
    return _("New topic")


def _answer_name(_fields: object) -> str:
    return _("Answer")


# The drafts of the community, by the view that a form is sent to.
COMMUNITY_DRAFTS = {
    "community.new": DraftKind(_topic_name, _spaces_of_drafts),
    "community.answer": DraftKind(_answer_name, _topics_of_drafts),
    "community.staff_new": DraftKind(_topic_name, _spaces_of_drafts),
    "community.staff_answer": DraftKind(_answer_name, _topics_of_drafts),
}
