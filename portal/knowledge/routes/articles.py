"""/desk/help: writing, publishing and withdrawing articles."""

from collections.abc import Sequence
from typing import Any

from flask import flash, request, url_for
from flask_babel import gettext as _

from portal.attachments.form_files import collect_files, draft_files, draft_rows, upload_rows
from portal.kernel.errors import NotFound, Refused
from portal.knowledge.actions import articles as actions
from portal.knowledge.actions.pictures import add_pictures
from portal.knowledge.engine.audiences import STAFF
from portal.knowledge.engine.redaction import redact
from portal.knowledge.forms.articles import TITLE_LIMIT, ArticleSettingsForm, NewArticleForm, WithdrawForm, WordsForm
from portal.knowledge.labels import category_name, language_choices, language_name, reader_languages
from portal.knowledge.models import HelpArticle, HelpPicture, HelpVersion
from portal.knowledge.queries import editing, reading
from portal.knowledge.queries.cases import case_words
from portal.knowledge.queries.pictures import pictures
from portal.knowledge.routes.blueprint import draw_article, knowledge, press, publishes, show, writes
from portal.web.current import ctx
from portal.web.drafts import open_form
from portal.web.form_flow import is_valid, submit_form
from portal.web.forms import BODY_LIMIT
from portal.web.htmx import see
from portal.web.language import LANGUAGES
from portal.web.urls import text_parameter


def article_url(article: HelpArticle, language: str = "") -> str:
    return url_for("knowledge.desk_article", article=article.slug, language=language or None)


@knowledge.route("/desk/help/new", methods=["GET", "POST"])
@writes
def new_article() -> Any:
    """Write a new article. Without a category there is nowhere to put it: the page says so."""
    context = ctx()
    key = text_parameter("case", 25)
    form = (
        NewArticleForm()
        if request.method == "POST"
        else open_form(NewArticleForm, request.path, prefilled=bool(key), data=_words_of_case(key) if key else None)
    )
    categories = reading.categories(context)
    languages = reader_languages(context)
    form.offer([(row.slug, category_name(row, languages)) for row in categories])
    form.language.choices = language_choices(context)
    if request.method == "POST":
        found = editing.organizations_called(context, form.organization_names())
        made: list[HelpArticle] = []
        language = form.language.data or ""
        files = collect_files(context, form)

        def act() -> None:
            article = actions.add_article(context, form.settings(categories, found), language, form.words())
            if files:
                added = add_pictures(context, article, files)
                actions.save_words(context, article, language, form.words_with(added))
            made.append(article)

        preview = _preview(form)
        status = 200 if preview is not None else submit_form(form, act, check=lambda: form.accept_names(found))
        if not status:
            flash(_("The draft was saved. Readers see it once it is published."), "success")
            return see(article_url(made[0]))
        staged = upload_rows(context, files)
        return show("knowledge/desk/new.html", status, form=form, categories=categories, preview=preview, staged=staged)
    staged = draft_rows(context, form)
    return show("knowledge/desk/new.html", form=form, categories=categories, from_case=bool(key), staged=staged)


@knowledge.route("/desk/help/articles/<article>/texts/<language>", methods=["GET", "POST"])
@writes
def words(article: str, language: str) -> Any:
    """The words of an article in one language; saving makes a version."""
    context = ctx()
    row = editing.article(context, article, lock=request.method == "POST")
    if language not in LANGUAGES:
        raise NotFound
    before = editing.newest_version(context, row, language)
    current = str(before.number if before else 0)
    form = open_form(WordsForm, request.path, obj=before, version=current) if request.method == "GET" else WordsForm()
    shown = pictures(context, row)
    files = collect_files(context, form) if request.method == "POST" else draft_files(context, form)
    preview = _preview(form, shown) if request.method == "POST" else None
    status = 200

    def act() -> None:
        added = add_pictures(context, row, files) if files else []
        actions.save_words(context, row, language, form.words_with(added))

    if request.method == "POST" and preview is None:
        status = submit_form(
            form,
            act,
            current=current,
            changed_by=lambda: _changed_by(before),
        )
    if status:
        return show(
            "knowledge/desk/words.html",
            status,
            article=row,
            language=language,
            form=form,
            preview=preview,
            is_new=before is None,
            pictures=shown,
            staged=upload_rows(context, files),
        )
    flash(_("The draft was saved. Readers see it once it is published."), "success")
    return see(article_url(row, language))


@knowledge.route("/desk/help/articles/<article>/settings", methods=["GET", "POST"])
@writes
def settings(article: str) -> Any:
    """Category, audience and review date of an article."""
    context = ctx()
    row = editing.article(context, article, lock=request.method == "POST")
    categories, languages = reading.categories(context), reader_languages(context)
    named = editing.named_organizations(context, row)
    form = (
        ArticleSettingsForm()
        if request.method == "POST"
        else ArticleSettingsForm(data=_settings_of(row, named, categories))
    )
    form.offer([(one.slug, category_name(one, languages)) for one in categories])
    status = 200
    if request.method == "POST":
        found = editing.organizations_called(context, form.organization_names())
        status = submit_form(
            form,
            lambda: actions.change_settings(context, row, form.settings(categories, found)),
            current=row.version,
            check=lambda: form.accept_names(found),
        )
    if status:
        return show("knowledge/desk/settings.html", status, article=row, form=form)
    flash(_("Saved."), "success")
    return see(article_url(row))


@knowledge.route("/desk/help/articles/<article>/publish/<language>", methods=["GET", "POST"])
@publishes
def publish(article: str, language: str) -> Any:
    """Show the newest version in one language to its readers."""
    context = ctx()
    row = editing.article(context, article, lock=request.method == "POST")
    version = editing.newest_version(context, row, language) if language in LANGUAGES else None
    if version is None:
        raise NotFound
    return press(
        "knowledge/desk/publish.html",
        lambda: actions.publish_article(context, row, language),
        lambda: article_url(row, language),
        _("Published in this language: %(language)s", language=language_name(language)),
        article=row,
        version=version,
        organizations=editing.named_organizations(context, row),
    )


@knowledge.route("/desk/help/articles/<article>/withdraw", methods=["GET", "POST"])
@publishes
def withdraw(article: str) -> Any:
    """Take an article from its readers, and say what to read instead."""
    context = ctx()
    row, form = editing.article(context, article, lock=request.method == "POST"), WithdrawForm()

    def act() -> None:
        actions.withdraw_article(context, row, _replacement(form.replacement.data or ""))

    status = submit_form(form, act) if request.method == "POST" else 200
    if status:
        return show("knowledge/desk/withdraw.html", status, article=row, form=form)
    flash(_("The article was withdrawn. Its address says so."), "success")
    return see(article_url(row))


@knowledge.route("/desk/help/articles/<article>/delete", methods=["GET", "POST"])
@writes
def delete(article: str) -> Any:
    """Delete a draft that nobody ever could read."""
    context = ctx()
    row = editing.article(context, article, lock=request.method == "POST")
    return press(
        "knowledge/desk/delete.html",
        lambda: actions.delete_article(context, row),
        lambda: url_for("knowledge.articles"),
        _("The draft was deleted."),
        article=row,
    )


def _words_of_case(key: str) -> dict[str, str]:
    """The fields of an article about the problem and the solution of a case, with marks instead of what names somebody.
    Nothing ties the article to the case."""
    words = case_words(ctx(), key)
    parts = [(_("What happens"), words.problem), (_("What helps"), words.solution)]
    body = "\n\n".join(f"## {heading}\n{text}" for heading, text in parts if text)
    title = redact(words.subject, words.names)[:TITLE_LIMIT]
    return {"title": title, "body": redact(body, words.names)[:BODY_LIMIT], "audience": STAFF}


def _preview(form: WordsForm, shown: Sequence[HelpPicture] = ()) -> Any:
    """The sections of what was typed, with the pictures *shown*, where the button for a preview was pressed and the
    form is valid; else None."""
    if "preview" not in request.form or not is_valid(form):
        return None
    return draw_article(shown, form.body.data or "")


def _changed_by(version: HelpVersion | None) -> str:
    """The sentence of a conflict: who wrote the newest version."""
    if version is None or not version.author_name:
        return ""
    return _("Saved in the meantime by: %(name)s", name=version.author_name)


def _settings_of(row: HelpArticle, named: Any, categories: Any) -> dict[str, Any]:
    return {
        "version": str(row.version),
        "category": next((one.slug for one in categories if one.id == row.category_id), ""),
        "audience": row.audience,
        "organizations": "\n".join(organization.name for organization in named),
        "roles": row.roles,
        "review_on": row.review_on.isoformat() if row.review_on else "",
    }


def _replacement(written: str) -> HelpArticle | None:
    """The article that *written* names by its address or the last word of it; Refused where there is none."""
    slug = written.partition("?")[0].rstrip("/").rpartition("/")[2]
    if not slug:
        return None
    try:
        return reading.article(ctx(), slug)
    except NotFound:
        raise Refused(_("No article has the address “%(word)s”", word=slug[:80]), "replacement") from None
