"""/a/<token> of a mail about an announcement or a topic of the community: no more mails of this kind, or mails again.

A GET shows the button; a mail program presses it for whoever wants no more (RFC 8058)."""

from typing import Any

from flask_babel import force_locale

from portal.announcements import actions as announcement_actions
from portal.notifications import actions
from portal.notifications.forms import MuteForm
from portal.notifications.mail_links import MailLink
from portal.notifications.topic_links import TopicChoice, load_topic_choice
from portal.web import csrf, language
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.htmx import page, see

TEMPLATE = "notifications/topic_choice.html"


def answer_topic_choice(token: str, link: MailLink) -> Any:
    """The page of the link, or what its button did."""
    choice = load_topic_choice(ctx(), link)
    with force_locale(language.language_of(choice.person, ctx().provider) or language.ENGLISH):
        form = MuteForm()
        status = submit_form(form, lambda: _act(choice, form)) if form.is_submitted() else 200
        if not status:
            return see(f"/a/{token}")
        mailed = choice.mailed or choice.followed is not None
        form.muted.data = "yes" if mailed else "no"
        return page(TEMPLATE, status, form=form, topic=str(choice.topic), mailed=mailed)


def _act(choice: TopicChoice, form: MuteForm) -> None:
    begins = form.muted.data == "no" and not csrf.is_one_click()
    actions.choose_topic(ctx(), choice.person, choice.topic, mailed=begins)
    if choice.followed is not None and not begins:
        announcement_actions.follow(ctx(), choice.followed, "")
