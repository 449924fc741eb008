"""/admin/statuses: a provider's own words for the states of a case."""

from collections.abc import Callable

from flask import Response, flash, url_for
from flask_babel import force_locale
from flask_babel import gettext as _

from portal.admin.forms import status_words as forms
from portal.admin.language_tabs import chosen_language, tabs
from portal.admin.routes.blueprint import admin, configures, last_changed_by, reads
from portal.cases.actions.status_words import change_status_words
from portal.cases.queries.interface import State, default_label, vocabulary
from portal.tenants.models import Provider
from portal.tenants.queries import providers as provider_queries
from portal.web.current import ctx
from portal.web.edit_conflict import fingerprint
from portal.web.form_flow import submit_form
from portal.web.htmx import page, see

SPEAKER_TITLES = {
    "answered": lambda word: _("%(state)s, support wrote last", state=word),
    "customer_replied": lambda word: _("%(state)s, the customer wrote last", state=word),
}


@admin.get("/statuses")
@reads
def statuses() -> Response:
    row, language = provider_queries.own_provider(ctx()), chosen_language()
    words = row.status_words.get(language, {})
    return show_statuses(forms.status_words_form(words, version=fingerprint(words), language=language), language)


@admin.post("/statuses")
@configures
def change_statuses() -> Response:
    row: Provider = provider_queries.own_provider(ctx(), lock=True)
    language, form = chosen_language(), forms.status_words_form(None)
    form.language.data = language
    status = submit_form(
        form,
        lambda: change_status_words(ctx(), row, language, form.words()),
        current=fingerprint(row.status_words.get(language, {})),
        changed_by=last_changed_by(row.id),
    )
    if status:
        return show_statuses(form, language, status)
    flash(_("Saved. Cases show the new words at once."), "success")
    return see(url_for("admin.statuses", language=language))


def show_statuses(form: forms.StatusWordsForm, language: str, status: int = 200) -> Response:
    states, spoken = forms.grouped_keys()
    with force_locale(language):
        built_in = {
            (part, state.value): str(default_label(state, part)) for part in vocabulary.SIDES for state in State
        }
        built_in["staff", "customer_replied"] = _("Customer replied")
    return page(
        "admin/status_words.html",
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
    """The title of a key that depends on who spoke last."""
    state, dot, marker = key.partition(".")
    if not dot:
        alone = {"answered": _("Mark: support wrote last"), "customer_replied": _("Mark: the customer wrote last")}
        return alone[state]
    say: Callable[[str], str] = SPEAKER_TITLES[marker]
    return say(default_label(state, "staff"))
