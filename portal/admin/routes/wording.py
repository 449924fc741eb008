"""A provider's own words: for the states of a case, and for things of the interface."""

from collections.abc import Callable
from typing import Any

from babel import Locale
from flask import Response, flash, request, url_for
from flask_babel import force_locale, get_translations
from flask_babel import gettext as _

from portal.admin.forms import wording as forms
from portal.admin.routes.blueprint import admin, by_whom, configures, reads
from portal.cases.actions.status_words import change_status_words
from portal.cases.queries.interface import State, default_label, vocabulary
from portal.kernel.errors import Refused
from portal.tenants import renamable_texts
from portal.tenants.actions.phrases import change_phrases
from portal.tenants.models import Provider
from portal.tenants.queries import providers as provider_queries
from portal.web.current import ctx
from portal.web.edit_conflict import fingerprint, submit
from portal.web.htmx import page, see
from portal.web.language import LANGUAGES

SPOKEN = {
    "answered": lambda word: _("%(state)s, and support spoke last", state=word),
    "customer_replied": lambda word: _("%(state)s, and the customer spoke last", state=word),
}


def chosen_language() -> str:
    """The language whose words are shown: the one asked for, else the provider's own."""
    asked = request.form.get("language") or request.args.get("language", "")
    own: str = ctx().provider.locale
    return asked if asked in LANGUAGES else (own if own in LANGUAGES else LANGUAGES[0])


def tabs(endpoint: str, language: str) -> list[dict[str, Any]]:
    """One tab a language, each in its own words."""
    return [
        {
            "label": str(Locale.parse(code).get_display_name() or code).capitalize(),
            "href": url_for(endpoint, language=code),
            "current": code == language,
        }
        for code in LANGUAGES
    ]


# -- statuses ---------------------------------------------------------------------------------------------------------


@admin.get("/statuses")
@reads
def statuses() -> Response:
    row, language = provider_queries.own_provider(ctx()), chosen_language()
    words = row.status_words.get(language, {})
    return show_statuses(forms.status_form(words, version=fingerprint(words), language=language), language)


@admin.post("/statuses")
@configures
def change_statuses() -> Response:
    row: Provider = provider_queries.own_provider(ctx(), lock=True)
    language, form = chosen_language(), forms.status_form(None)
    form.language.data = language
    status = submit(
        form,
        lambda: change_status_words(ctx(), row, language, form.words()),
        current=fingerprint(row.status_words.get(language, {})),
        who=by_whom(row.id),
    )
    if status:
        return show_statuses(form, language, status)
    flash(_("Saved. Cases show the new words at once."), "success")
    return see(url_for("admin.statuses", language=language))


def show_statuses(form: forms.StatusWords, language: str, status: int = 200) -> Response:
    states, spoken = forms.grouped_keys()
    with force_locale(language):
        built_in = {
            (part, state.value): str(default_label(state, part)) for part in vocabulary.SIDES for state in State
        }
        built_in["staff", "customer_replied"] = _("Customer replied")
    return page(
        "admin/statuses.html",
        status,
        form=form,
        language=language,
        tabs=tabs("admin.statuses", language),
        states=states,
        spoken=[(key, title_of(key)) for key in spoken],
        built_in=built_in,
        field=forms.status_field,
    )


def title_of(key: str) -> str:
    """What a key that depends on who spoke last means."""
    state, dot, marker = key.partition(".")
    if not dot:
        alone = {"answered": _("Mark: support spoke last"), "customer_replied": _("Mark: the customer spoke last")}
        return alone[state]
    say: Callable[[str], str] = SPOKEN[marker]
    return say(default_label(state, "staff"))


# -- the interface ----------------------------------------------------------------------------------------------------


@admin.get("/languages")
@reads
def languages() -> Response:
    row, language = provider_queries.own_provider(ctx()), chosen_language()
    own = row.phrases.get(language, {})
    return show_phrases(forms.phrases_form(own, version=fingerprint(own), language=language), language)


@admin.post("/languages")
@configures
def change_words() -> Response:
    row: Provider = provider_queries.own_provider(ctx(), lock=True)
    language, form = chosen_language(), forms.phrases_form(None)
    form.language.data = language

    def act() -> None:
        try:
            change_phrases(ctx(), row, language, form.phrases())
        except Refused as refusal:
            field = forms.phrase_field(refusal.field) if refusal.field in renamable_texts.RENAMABLE else ""
            raise Refused(refusal.message, field) from None

    status = submit(form, act, current=fingerprint(row.phrases.get(language, {})), who=by_whom(row.id))
    if status:
        return show_phrases(form, language, status)
    flash(_("Saved. Every page says it so from now on."), "success")
    return see(url_for("admin.languages", language=language))


def show_phrases(form: forms.Phrases, language: str, status: int = 200) -> Response:
    with force_locale(language):
        usual = {text: _usual(text) for _title, texts in renamable_texts.GROUPS for text in texts}
    return page(
        "admin/languages.html",
        status,
        form=form,
        language=language,
        tabs=tabs("admin.languages", language),
        groups=renamable_texts.GROUPS,
        usual=usual,
        field=forms.phrase_field,
        provider=provider_queries.own_provider(ctx()),
    )


def _usual(text: str) -> str:
    """What *text* is in the language of the moment without anybody's own words."""
    plain = get_translations()
    return str(getattr(plain, "plain", plain).ugettext(text))
