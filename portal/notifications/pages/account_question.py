"""/a/<token> of the question to which account a mail belongs: a GET shows the accounts, and a press opens the case."""

from typing import Any

from flask import request
from flask_babel import force_locale

from portal.channels.mail.actions import quarantine
from portal.kernel.errors import Gone, NotFound
from portal.notifications.account_questions import AccountQuestion, load_account_question
from portal.notifications.forms import AccountChoiceForm
from portal.notifications.mail_links import MailLink
from portal.web import csrf, language
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.htmx import page, see

TEMPLATE = "notifications/account_question.html"


def answer_question(token: str, link: MailLink) -> Any:
    """The page of the question, or the case that was opened."""
    if csrf.is_one_click():
        raise NotFound  # mail programs have one button, which mutes
    try:
        question = load_account_question(ctx(), link, lock=request.method == "POST")
    except Gone:
        return page(TEMPLATE, 410, too_old=True)
    with force_locale(language.language_of(question.person, ctx().provider) or language.ENGLISH):
        return _answer(question, token)


def _answer(question: AccountQuestion, token: str) -> Any:
    form = AccountChoiceForm()
    form.account.choices = [(account.key, account.name) for account in question.accounts]
    if form.is_submitted() and question.mail.waits:
        status = submit_form(form, lambda: _choose(question, form))
        if status:
            return page(TEMPLATE, status, form=form, question=question)
    if form.is_submitted():
        return see(f"/a/{token}")
    return page(TEMPLATE, form=form, question=question)


def _choose(question: AccountQuestion, form: AccountChoiceForm) -> None:
    account = next(account for account in question.accounts if account.key == form.account.data)
    quarantine.choose_account(ctx(), question.mail, account)
