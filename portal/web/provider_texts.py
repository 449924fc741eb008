"""The texts of the interface as one provider says them. Three sources, the first that has a text is used:

1. the provider's own words for names of fields, places and buttons (`tenants.renamable_texts`): "Submit a request";
2. the sentences of its object word: a provider that calls a case "ticket" reads "Close this ticket?". They are whole
   sentences in a catalog (`web.catalogs`); no word is put into a sentence;
3. the catalog of the language.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from babel.support import Translations
from flask import g, has_app_context
from flask_babel import Domain, get_locale, get_translations
from flask_babel import lazy_gettext as _l
from markupsafe import Markup

from portal.kernel.cache import Cache
from portal.web import catalogs

_FILL_IN = _l("Fill in “%(field)s”")
_CHOOSE = _l("Choose an answer for “%(field)s”")
# Requests to fill in a field that can be renamed: the field, and the sentence where the provider renamed it.
NAMING: Mapping[str, tuple[str, Any]] = {
    "Write a subject": ("Subject", _FILL_IN),
    "Write a phone number": ("Best phone", _FILL_IN),
    "Write an email address": ("Email for updates", _FILL_IN),
    "Write what is still wrong": ("What is still wrong?", _FILL_IN),
    "Choose an account": ("Account", _CHOOSE),
    "Choose a department": ("Department", _CHOOSE),
    "Choose one of the departments": ("Department", _CHOOSE),
    "Choose an environment": ("Environment", _CHOOSE),
    "Choose an environment, or “I don't know”": ("Environment", _CHOOSE),
    "Choose a request type": ("Request type", _CHOOSE),
    "Choose one of the severities": ("Severity", _CHOOSE),
}


# By language, object word and text. Texts are literals of the code: there are some thousands in each language.
TextKey = tuple[str, str | None, str | None, str, str]
_texts: Cache[TextKey, str] = Cache(max_entries=20_000)
_markup: Cache[TextKey, Markup] = Cache(max_entries=20_000)


class ProviderDomain(Domain):
    """Translations as the current provider says them."""

    def gettext(self, string: str, **variables: Any) -> str:
        """As Flask-Babel calls it for `_()`."""
        if not has_app_context():
            return str(super().gettext(string, **variables))
        here = g._get_current_object()
        said = own_text(here, string) or common_text(text_key(here, string))
        return said % variables if variables else said

    def get_translations(self) -> Any:
        """As Flask-Babel calls it, for templates and for `_()`."""
        plain = super().get_translations()
        if not has_app_context():
            return plain
        here = g._get_current_object()
        own, worded = own_texts(here), object_word_texts(here)
        return ProviderTranslations(plain, own, worded) if own or worded else plain


class ProviderTranslations:
    """*plain* translations; *own* texts and then those of the object word take precedence."""

    def __init__(self, plain: Any, own: Mapping[str, str], worded: Translations | None = None) -> None:
        self.plain, self._own, self._worded = plain, own, worded

    def ugettext(self, text: str) -> str:
        """*text* in the provider's words, else in the language."""
        return _find_own(self._own, text) or self.default_text(text)

    def default_text(self, text: str) -> str:
        """*text* without the provider's own words."""
        said = self._worded.ugettext(text) if self._worded else text
        return str(said if said != text else self.plain.ugettext(text))

    def ungettext(self, one: str, many: str, num: int) -> str:
        """The form of a count."""
        said = self._worded.ungettext(one, many, num) if self._worded else one
        return str(said if said not in (one, many) else self.plain.ungettext(one, many, num))

    def __getattr__(self, name: str) -> Any:
        return getattr(self.plain, name)


def _find_own(own: Mapping[str, str], text: str) -> str:
    """*text* in a provider's words, '' if it has none. A request to fill in a field names a renamed field as the
    provider does."""
    if found := own.get(text):
        return found
    field, sentence = NAMING.get(text, ("", ""))
    named = own.get(field)
    return str(sentence) % {"field": named} if named else ""


@contextmanager
def use_texts_of(provider: Any) -> Iterator[None]:
    """Use the words of *provider* outside a request, for mails."""
    before = g.get("words_of")
    g.words_of = provider
    try:
        yield
    finally:
        g.words_of = before


def provider_of_texts(here: Any) -> Any:
    """The provider whose texts are used now; *here* is the object behind `g`."""
    return here.get("words_of") or getattr(here.get("ctx"), "provider", None)


def object_word(here: Any) -> str:
    """What the current provider calls a case: a key of `Provider.object_word`."""
    return getattr(provider_of_texts(here), "object_word", None) or "case"


def object_word_texts(here: Any) -> Translations | None:
    """The sentences of the current object word in the current language."""
    word = object_word(here)
    return None if word == "case" else catalogs.object_word_catalog(str(get_locale() or "en"), word)


def own_texts(here: Any) -> Mapping[str, str]:
    """The own words of the current provider in the current language."""
    phrases: Mapping[str, Any] = getattr(provider_of_texts(here), "phrases", None) or {}
    return phrases.get(str(get_locale() or ""), {}) if phrases else {}


def own_text(here: Any, text: str) -> str:
    """*text* in the current provider's own words: user input, '' if it has none."""
    own = own_texts(here)
    return _find_own(own, text) if own else ""


def current_locale(here: Any) -> Any:
    """The current language (a mail may be written in another one); *here* is the object behind `g`."""
    return getattr(here.get("_flask_babel"), "babel_locale", None) or get_locale()


def text_key(here: Any, text: str) -> TextKey:
    """The key of *text* for `common_text`. It has parts of the language: a Locale spells itself anew each time it is
    hashed."""
    locale = current_locale(here)
    return locale.language, locale.territory, locale.script, object_word(here), text


def common_text(key: TextKey) -> str:
    """The text of *key* without a provider's own words. The language and the object word of the key are the current
    ones."""
    return _texts.get(key) or _texts.put(key, _translate(key[-1]))


def common_markup(key: TextKey) -> Markup:
    """`common_text` for a page: translations are ours, so they are not escaped."""
    return _markup.get(key) or _markup.put(key, Markup(common_text(key)))  # noqa: S704


def _translate(text: str) -> str:
    found = get_translations()
    return str(found.default_text(text) if isinstance(found, ProviderTranslations) else found.ugettext(text))
