"""/admin/languages: interface texts that a provider words itself."""

from flask import Response, flash, url_for
from flask_babel import force_locale, get_translations
from flask_babel import gettext as _

from portal.admin.forms import phrases as forms
from portal.admin.language_tabs import chosen_language, tabs
from portal.admin.routes.blueprint import admin, configures, last_changed_by, reads
from portal.kernel.errors import Refused
from portal.tenants import renamable_texts
from portal.tenants.actions.phrases import change_phrases
from portal.tenants.models import Provider
from portal.tenants.queries import providers as provider_queries
from portal.web.current import ctx
from portal.web.edit_conflict import fingerprint
from portal.web.form_flow import submit_form
from portal.web.htmx import page, see


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

    status = submit_form(
        form, act, current=fingerprint(row.phrases.get(language, {})), changed_by=last_changed_by(row.id)
    )
    if status:
        return show_phrases(form, language, status)
    flash(_("Saved. Every page uses these words from now on."), "success")
    return see(url_for("admin.languages", language=language))


def show_phrases(form: forms.PhrasesForm, language: str, status: int = 200) -> Response:
    with force_locale(language):
        usual = {text: _default_text(text) for _title, texts in renamable_texts.GROUPS for text in texts}
    return page(
        "admin/phrases.html",
        status,
        form=form,
        language=language,
        tabs=tabs("admin.languages", language),
        groups=renamable_texts.GROUPS,
        usual=usual,
        field=forms.phrase_field,
        provider=provider_queries.own_provider(ctx()),
    )


def _default_text(text: str) -> str:
    """*text* in the current language, without the provider's own words."""
    texts = get_translations()
    return str(getattr(texts, "default_text", texts.ugettext)(text))
