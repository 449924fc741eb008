"""/desk/community/posts: approving, hiding, deciding about reports, blocking, and what becomes of a text."""

import uuid
from typing import Any

from flask import request
from flask_babel import gettext as _

from portal.authz.permissions import Permission
from portal.community.actions import drafts, moderation, private_cases
from portal.community.forms import ArticleForm, BlockForm, ReasonForm
from portal.community.pages import accept_page, edit_page, load_post, press
from portal.community.queries import topics as queries
from portal.community.routes.blueprint import answers, community, moderates
from portal.kernel.errors import NotFound
from portal.knowledge.labels import category_name, language_choices, reader_languages
from portal.knowledge.queries import reading
from portal.web.current import ctx
from portal.web.forms import PressForm
from portal.web.guards import requires

POST = "/desk/community/posts/<uuid:post_id>"


@community.route(f"{POST}/edit", methods=["GET", "POST"])
@answers
def staff_edit(post_id: uuid.UUID) -> Any:
    """Correct one's own answer."""
    return edit_page(post_id)


@community.route(f"{POST}/accept", methods=["GET", "POST"])
@answers
def staff_accept(post_id: uuid.UUID) -> Any:
    """Say which answer solved a question, or take it back."""
    return accept_page(post_id)


@community.route(f"{POST}/approve", methods=["GET", "POST"])
@moderates
def approve(post_id: uuid.UUID) -> Any:
    """Show a text that waits for approval."""
    post = load_post(post_id)
    return press(
        post,
        PressForm(),
        lambda: moderation.approve_post(ctx(), post),
        title=_("Approve the text"),
        lines=[_("Customers read it from now on, and what this person writes next waits no more.")],
        send=_("Approve"),
        said=_("Approved."),
    )


@community.route(f"{POST}/hide", methods=["GET", "POST"])
@moderates
def hide(post_id: uuid.UUID) -> Any:
    """Take a text from its readers."""
    post = load_post(post_id)
    form = ReasonForm()
    return press(
        post,
        form,
        lambda: moderation.hide_post(ctx(), post, form.why.data or ""),
        title=_("Hide the text"),
        lines=[_("Customers do not read it any more. Its author reads the reason.")],
        fields=[form.why],
        send=_("Hide"),
        said=_("Hidden."),
        kind="danger",
    )


@community.route(f"{POST}/restore", methods=["GET", "POST"])
@moderates
def restore(post_id: uuid.UUID) -> Any:
    """Show a hidden text again."""
    post = load_post(post_id)
    return press(
        post,
        PressForm(),
        lambda: moderation.restore_post(ctx(), post),
        title=_("Show the text again"),
        send=_("Show again"),
        said=_("Customers read it again."),
    )


@community.route(f"{POST}/dismiss", methods=["GET", "POST"])
@moderates
def dismiss(post_id: uuid.UUID) -> Any:
    """Decide that a reported text stays."""
    post = load_post(post_id)
    return press(
        post,
        PressForm(),
        lambda: moderation.dismiss_reports(ctx(), post),
        title=_("Dismiss the reports"),
        lines=[_("The text stays as it is.")],
        send=_("Dismiss"),
        said=_("The reports were dismissed."),
    )


@community.route(f"{POST}/propose", methods=["GET", "POST"])
@answers
def propose_case(post_id: uuid.UUID) -> Any:
    """Ask the author of a text to open a private case about it."""
    post = load_post(post_id)
    return press(
        post,
        PressForm(),
        lambda: private_cases.propose_case(ctx(), post),
        title=_("Propose a private case"),
        lines=[
            _("The author is asked. Only they can open the case, after reading what goes into it."),
            _("The topic says only that support follows it up privately, and leads to no case."),
        ],
        send=_("Ask the author"),
        said=_("The author was asked."),
    )


@community.route(f"{POST}/article", methods=["GET", "POST"])
@requires(Permission.ARTICLE_WRITE)
def make_article(post_id: uuid.UUID) -> Any:
    """Make the draft of a help article of an answer."""
    context = ctx()
    post = load_post(post_id)
    if post.opens:
        raise NotFound
    form = ArticleForm()
    categories = {row.slug: row for row in reading.categories(context)}
    languages = reader_languages(context)
    form.category.choices = [(slug, category_name(row, languages)) for slug, row in categories.items()]
    form.language.choices = language_choices(context)
    made: list[Any] = []

    def act() -> None:
        chosen = categories[form.category.data or ""]
        made.append(drafts.make_article(context, post, chosen, form.language.data or ""))

    return press(
        post,
        form,
        act,
        title=_("Make a draft article"),
        lines=[
            _("The question and this answer become a draft that only staff read, with marks instead of names."),
            *([] if categories else [_("Add a category of help articles first.")]),
        ],
        fields=[form.category, form.language],
        send=_("Make the draft"),
        said=_("The draft was saved. Readers see it once it is published."),
        after=lambda: f"/desk/help/articles/{made[0].slug}",
    )


@community.route("/desk/community/topics/<uuid:topic_id>/close", methods=["GET", "POST"])
@moderates
def close(topic_id: uuid.UUID) -> Any:
    """End the answers of a topic."""
    return _closing(topic_id, closed=True)


@community.route("/desk/community/topics/<uuid:topic_id>/reopen", methods=["GET", "POST"])
@moderates
def reopen(topic_id: uuid.UUID) -> Any:
    """Allow answers again."""
    return _closing(topic_id, closed=False)


def _closing(topic_id: uuid.UUID, *, closed: bool) -> Any:
    context = ctx()
    row = queries.topic(context, topic_id, lock=request.method == "POST")
    post = queries.question_of(context, row)
    return press(
        queries.post(context, post.id),
        PressForm(),
        lambda: moderation.set_closed(context, row, closed=closed),
        title=_("Close the topic") if closed else _("Reopen the topic"),
        lines=[_("Everybody can still read it. Nobody can answer.")] if closed else [],
        send=_("Close the topic") if closed else _("Reopen the topic"),
        said=_("The topic is closed.") if closed else _("The topic can be answered again."),
    )


@community.route(f"{POST}/block", methods=["GET", "POST"])
@moderates
def block(post_id: uuid.UUID) -> Any:
    """Let the author of a text write nothing for a while."""
    post = load_post(post_id)
    form = BlockForm()
    return press(
        post,
        form,
        lambda: moderation.block_person(ctx(), post.author_id, why=form.why.data or "", days=int(form.days.data or 0)),
        title=_("Block the author"),
        lines=[_("They can still read, and they read the reason.")],
        fields=[form.days, form.why],
        send=_("Block"),
        said=_("Blocked."),
        kind="danger",
    )


@community.route(f"{POST}/unblock", methods=["GET", "POST"])
@moderates
def unblock(post_id: uuid.UUID) -> Any:
    """Let the author of a text write again."""
    post = load_post(post_id)
    return press(
        post,
        PressForm(),
        lambda: moderation.end_block(ctx(), post.author_id),
        title=_("End the block"),
        send=_("End the block"),
        said=_("This person can write again."),
    )
