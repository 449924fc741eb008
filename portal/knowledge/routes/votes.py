"""/help/articles/<article>/vote: whether an article helped."""

from typing import Any

from flask import flash, request, url_for
from flask_babel import gettext as _

from portal.kernel.errors import NotFound
from portal.knowledge.actions import votes as actions
from portal.knowledge.engine.audiences import PUBLISHED
from portal.knowledge.forms.votes import VoteForm
from portal.knowledge.labels import reader_languages
from portal.knowledge.queries import reading
from portal.knowledge.queries.votes import own_vote
from portal.knowledge.routes.blueprint import knowledge, show_to_reader
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.guards import on_portal
from portal.web.htmx import see


@knowledge.route("/help/articles/<article>/vote", methods=["GET", "POST"])
@on_portal
def vote(article: str) -> Any:
    """Say whether the article helped; a second answer replaces the first."""
    context = ctx()
    row = reading.article(context, article)
    texts = reading.texts_of(context, row, reader_languages(context))
    if row.state != PUBLISHED or not texts:
        raise NotFound
    form, said = VoteForm(), own_vote(context, row)
    if request.method == "GET" and said is not None:
        form.helpful.data, form.why.data = "yes" if said.helpful else "no", said.why

    def act() -> None:
        actions.vote_on_article(context, row, helpful=form.helpful.data == "yes", why=form.why.data or "")

    status = submit_form(form, act) if request.method == "POST" else 200
    if status:
        return show_to_reader("knowledge/vote.html", status, article=row, text=texts[0], form=form)
    flash(_("Thank you. Your answer was stored."), "success")
    return see(url_for("knowledge.article", article=row.slug, _anchor="vote"))
